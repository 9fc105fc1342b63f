"""What the trailers of a BAI2 file say of it is proven."""

from pathlib import Path

import pytest

from hub.model.errors import BadData
from tests.mappings.partners import PARTNERS

BANK = PARTNERS["bank"]
FILE = (Path(__file__).parent / "cases/report.bai2.in.txt").read_text("utf-8")


def _told(text: str) -> list[str]:
    documents = BANK.decoders["report"](text.encode(), BANK.context())
    return [it.report_id for it in documents]


@pytest.mark.parametrize(
    ("true", "lie", "path", "told", "found"),
    [
        ("49,283501,8/", "49,283502,8/", "49.total", "283502", "283501"),
        ("49,283501,8/", "49,283501,6/", "49.records", "6", "8"),
        ("49,7000,4/", "49,-7000,4/", "49.total", "-7000", "7000"),
        ("98,290501,2,14/", "98,290500,2,14/", "98.total", "290500", "290501"),
        ("98,290501,2,14/", "98,290501,1,14/", "98.accounts", "1", "2"),
        ("98,290501,2,14/", "98,290501,2,15/", "98.records", "15", "14"),
        ("99,290502,2,21/", "99,290501,2,21/", "99.total", "290501", "290502"),
        ("99,290502,2,21/", "99,290502,3,21/", "99.groups", "3", "2"),
        ("99,290502,2,21/", "99,290502,2,20/", "99.records", "20", "21"),
    ],
)
def test_a_trailer_that_lies_names_itself_and_both_figures(true, lie, path, told, found) -> None:
    assert true in FILE
    with pytest.raises(BadData) as refused:
        _told(FILE.replace(true, lie))
    problems = {it.path: it.message for it in refused.value.problems()}
    assert problems[path] == f"the report says {told}, its lines come to {found}"


@pytest.mark.parametrize(
    ("true", "variant"),
    [
        ("49,283501,8/", "49/"),
        ("49,283501,8/", "49,,8"),
        ("49,283501,8/", "49,+000283501/"),
        ("98,290501,2,14/", "98,290501,,14/"),
        ("98,290501,2,14/", "98,290501,14,/"),
        ("99,290502,2,21/", "99,,,/"),
        ("99,290502,2,21/\n", ""),
        ("49,1,3/\n98,1,1,5/\n99,290502,2,21/", "98,1,1,4/\n99,290502,2,20/"),
    ],
    ids=lambda it: it.strip().replace("\n", " ") or "left out",
)
def test_what_a_trailer_leaves_out_says_nothing(true, variant) -> None:
    assert true in FILE
    assert _told(FILE.replace(true, variant)) == _told(FILE)


def test_an_account_may_add_up_its_transactions_alone() -> None:
    alone = FILE.replace("49,283501,8/", "49,28501,8/").replace("98,290501,", "98,35501,")
    assert _told(alone.replace("99,290502,", "99,35502,")) == _told(FILE)


def test_controls_of_another_version_are_its_own() -> None:
    other = FILE.replace(",80,,2/", ",78,78/").replace("49,283501,8/", "49,256501,1/")
    assert _told(other) == _told(FILE)
