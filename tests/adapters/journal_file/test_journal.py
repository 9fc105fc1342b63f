"""A journal only grows: each entry is in it once, whatever broke on the way."""

import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from adapters.journal_file.journal import Journal
from adapters.kit.files import Folder
from adapters.kit.http import Transport
from adapters.kit.registry import make
from adapters.ports import Receipt
from hub.model.errors import BadData, OutcomeUnknown, Rejected, TryLater
from mappings.journal import FORMS, Terms
from mappings.kit import Context
from tests.mappings.journal import AT, entry

MAY = "operator-2026-05.beancount"
A = entry(("bank", "10.00"), ("revenue", "-10.00"), entry_id="sale:1")
B = entry(("bank", "7.00"), ("revenue", "-7.00"), entry_id="sale:2")


class Breaking(Folder):
    """A folder in which a certain step fails, from when it is told to on."""

    fails = ""

    def rename(self, old: str, new: str) -> None:
        if self.fails and f"{old} {new}".endswith(self.fails):
            raise ConnectionResetError
        super().rename(old, new)

    def write(self, path: str, parts: Iterable[bytes]) -> None:
        if self.fails and path.endswith(self.fails):
            super().write(path, [b"".join(parts)[:9]])
            raise ConnectionResetError
        super().write(path, parts)


@pytest.fixture
def books(tmp_path: Path) -> Breaking:
    return Breaking(str(tmp_path))


def journal(way: Folder, form: str = "beancount") -> Journal:
    return Journal(way, "", form, Terms(), AT)


def numbers(root: Path, name: str = MAY) -> list[str]:
    return [it.entry_id for it in FORMS["beancount"].read((root / name).read_bytes(), AT)]


@pytest.mark.parametrize("form", FORMS)
def test_an_entry_is_added_once_however_often_it_is_told(tmp_path: Path, form: str) -> None:
    it = journal(Folder(str(tmp_path)), form)
    assert it.find(A) is None
    first = it.send(A, "k")
    again = it.send_many([(B, "k"), (A, "k"), (B, "k")])
    assert again == [it.find(B), first, it.find(B)]
    (file,) = tmp_path.iterdir()
    assert [one.entry_id for one in FORMS[form].read(file.read_bytes(), AT)] == ["sale:1", "sale:2"]


def test_each_month_and_merchant_has_a_file(tmp_path: Path) -> None:
    june = entry(("bank", "1.00"), ("revenue", "-1.00"), entry_id="sale:3", on="2026-06-01")
    lines = tuple(line.model_copy(update={"merchant": "acme/../x"}) for line in A.lines)
    journal(Folder(str(tmp_path))).send_many(
        [(A, "k"), (june, "k"), (A.model_copy(update={"lines": lines}), "k")]
    )
    assert sorted(it.name for it in tmp_path.iterdir()) == [
        "acme-x-2026-05.beancount",
        MAY,
        "operator-2026-06.beancount",
    ]


def test_another_content_under_a_number_is_a_persons(tmp_path: Path) -> None:
    it = journal(Folder(str(tmp_path)))
    it.send(A, "k")
    other = B.model_copy(update={"entry_id": A.entry_id})
    with pytest.raises(Rejected, match="another content"):
        it.find(other)
    refused, told = it.send_many([(other, "k"), (B, "k")])
    assert isinstance(refused, Rejected)
    assert isinstance(told, Receipt)
    assert numbers(tmp_path) == ["sale:1", "sale:2"]


@pytest.mark.parametrize("fails", [".beancount.part", ".next", ".next operator-2026-05.beancount"])
def test_what_broke_on_the_way_is_taken_up_and_nothing_is_lost(
    tmp_path: Path, books: Breaking, fails: str
) -> None:
    it = journal(books)
    it.send(A, "k")
    books.fails = fails
    with pytest.raises(OutcomeUnknown):
        it.send(B, "k")
    assert it.find(A)
    books.fails = ""
    it.send(B, "k")
    assert numbers(tmp_path) == ["sale:1", "sale:2"]
    assert [file.name for file in tmp_path.iterdir()] == [MAY]


def test_whoever_comes_while_another_adds_waits(tmp_path: Path) -> None:
    it, lock = journal(Folder(str(tmp_path))), tmp_path / f"{MAY}.lock"
    lock.write_text(str(time.time()))
    with pytest.raises(TryLater) as later:
        it.send(A, "k")
    assert later.value.retry_after == 5
    assert [file.name for file in tmp_path.iterdir()] == [lock.name]
    lock.write_text(str(time.time() - 3600))
    it.send(A, "k")
    assert [file.name for file in tmp_path.iterdir()] == [MAY]


def test_a_folder_that_is_not_there_is_said() -> None:
    with pytest.raises(Rejected):
        journal(Folder("/nowhere/at/all")).check()


def made(**settings: object) -> object:
    secrets = {} if settings.get("by") == "folder" else {"password": "x"}
    return make("journal_file", settings, secrets, Context("books"), Transport.local(1))


def test_a_folder_needs_no_account_and_a_server_does(tmp_path: Path) -> None:
    assert made(by="folder", folder=str(tmp_path))
    for wrong in ({"by": "folder", "folder": "books"}, {"by": "sftp"}, {"by": "ftps", "host": "h"}):
        with pytest.raises(BadData):
            made(**wrong)
