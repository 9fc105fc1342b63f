"""QuickBooks' answers as others recorded them: every object is read, journal entries balance."""

from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from hub.model.errors import BadData
from mappings.quickbooks.answers import fault, objects
from tests.kit.fixtures import SHARED

FOLDER = SHARED / "backoffice/quickbooks"
FILES = sorted(it for it in FOLDER.glob("*.xml") if it.name != "fault.xml")
_AROUND = {"IntuitResponse", "QueryResponse", "CDCResponse"}


def _objects(element: etree._Element) -> int:
    if etree.QName(element).localname in _AROUND:
        return sum(_objects(it) for it in element if isinstance(it.tag, str))
    return 1


@pytest.mark.parametrize("file", FILES, ids=lambda it: it.name)
def test_every_object_of_an_answer_is_read(file: Path) -> None:
    read = objects(file.read_bytes())
    assert len(read) == _objects(etree.fromstring(file.read_bytes().lstrip()))
    for it in read:
        if it.kind == "JournalEntry":
            assert sum(it.sums().values(), Decimal(0)) == 0
            assert it.sums()


def test_what_was_deleted_is_gone() -> None:
    file = FOLDER / "credit_memo_change.xml"
    if not file.exists():
        pytest.skip("it is not there")
    assert [it.is_gone for it in objects(file.read_bytes())] == [True]


def test_a_fault_is_read_by_its_codes() -> None:
    file = FOLDER / "fault.xml"
    if not file.exists():
        pytest.skip("it is not there")
    said = fault(file.read_bytes())
    assert said
    assert (said.kind, said.codes) == ("ValidationFault", ("2050", "2080"))
    assert "Length exceeds limit" in said.words
    with pytest.raises(BadData):
        objects(file.read_bytes())


def test_what_is_no_fault_is_none() -> None:
    assert fault(b"<html/>") is None
    assert fault(b"no") is None
