"""What warehouses that talk in EDI files have in common, whichever the standard."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.kit.samples import sample
from adapters.ports import Cursor
from hub.model.errors import BadData, NeedsPerson
from tests.adapters.edi import STANDARDS, Depot, opened
from tests.kit.fixtures import ROOT

ADVICE = {"edifact": "DESADV.edi", "x12": "945.x12"}


@pytest.fixture(params=STANDARDS)
def standard(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def depot(standard: str, tmp_path: Path) -> Iterator[Callable[..., Depot]]:
    with opened(standard, tmp_path) as connect:
        yield connect


def test_where_the_warehouse_takes_files_away_a_lost_answer_is_for_a_person(depot):
    with pytest.raises(NeedsPerson) as unknown:
        depot().parts.find(sample("fulfilment_order"))
    assert unknown.value.code == "unknown_outcome"


def test_what_is_of_no_standard_is_one_message_to_be_mended(depot):
    wh = depot()
    wh.drop("page.edi", b"<html>gateway timeout</html>")
    (whole,) = wh.poll()
    assert (whole.delivery.topic, wh.names("in"), wh.names("done")) == ("file", [], ["page.edi"])
    with pytest.raises(BadData):
        wh.parts.decode("file", whole.raw)


def test_a_file_that_is_being_written_is_left_alone(depot, standard):
    wh, advice = depot(), Path(ADVICE[standard])
    raw = (ROOT / "adapters" / standard / "samples" / advice).read_bytes()
    wh.drop("sh.edi.part", raw)
    wh.drop("growing.edi", raw[:200])
    list(wh.parts.list("file", Cursor()))
    wh.drop("growing.edi", raw)
    assert list(wh.parts.list("file", Cursor())) == []  # it grew: it has not stood still yet
    pages = list(wh.parts.list("file", Cursor()))
    assert [it.delivery.topic for page in pages for it in page.changes] == [advice.stem]
    assert wh.names("out") == ["sh.edi.part"]
