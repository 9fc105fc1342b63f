"""QuickBooks' answers as others recorded them: every object is read, journal entries balance."""

from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from hub.model.errors import BadData
from mappings.quickbooks.answers import Fault, fault, objects
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


def test_the_json_of_a_gateway_says_the_same_as_xml() -> None:
    refused = (
        b'{"fault": {"error": [{"message": "message=ThrottleExceeded", "detail": "Later",'
        b' "code": "3001"}], "type": "SERVICE"}, "time": 1}'
    )
    assert fault(refused) == Fault("SERVICE", ("3001",), "message=ThrottleExceeded Later")
    listed = (
        b'{"QueryResponse": {"JournalEntry": [{"Id": "9", "DocNumber": "P-1", "Line": ['
        b'{"Amount": 10.10, "JournalEntryLineDetail": {"PostingType": "Debit", "AccountRef":'
        b' {"value": "35", "name": "Bank"}}}, {"Amount": 10.10, "JournalEntryLineDetail":'
        b' {"PostingType": "Credit", "AccountRef": {"value": "40"}}}]}], "startPosition": 1}}'
    )
    (it,) = objects(listed)
    assert (it.kind, it.id, it.number) == ("JournalEntry", "9", "P-1")
    assert it.sums() == {"35": Decimal("10.10"), "40": Decimal("-10.10")}
    (made,) = objects(b'{"Invoice": {"Id": "7", "TotalAmt": 5}, "time": "2026-11-30"}')
    assert (made.kind, made.id, made.sums()) == ("Invoice", "7", {"total": Decimal(5)})
    with pytest.raises(BadData):
        objects(refused)


def test_what_is_no_fault_is_none() -> None:
    assert fault(b"<html/>") is None
    assert fault(b"no") is None
