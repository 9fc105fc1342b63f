"""Xero's answers as others recorded them: every row is read, and amounts add up."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from hub.model.errors import BadData
from mappings.xero import amount, day, rows
from mappings.xero.answers import words
from tests.kit.fixtures import SHARED

FOLDER = SHARED / "backoffice/xero"
FILES = sorted(FOLDER.glob("*.xml"))
_AROUND = {"Id", "Status", "ProviderName", "DateTimeUTC"}


@pytest.mark.parametrize("file", FILES, ids=lambda it: it.name)
def test_every_row_of_an_answer_is_read(file: Path) -> None:
    root = etree.fromstring(file.read_bytes())
    (listed,) = [it for it in root if it.tag not in _AROUND]
    read = rows(file.read_bytes())
    assert len(read) == len(listed)
    for row in read:
        check(row)


def check(row: dict[str, Any]) -> None:
    if "Total" in row and "SubTotal" in row:
        assert amount(row["Total"]) == amount(row["SubTotal"]) + amount(row.get("TotalTax", 0))
    lines = row.get("JournalLines") or []
    assert sum((amount(it["LineAmount"]) for it in lines), Decimal(0)) == 0


def test_connections_are_read() -> None:
    file = FOLDER / "connections.json"
    if not file.exists():
        pytest.skip("it is not there")
    assert [it["tenantType"] for it in rows(file.read_bytes())] == ["ORGANISATION"] * 2


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("/Date(1518685950940+0000)/", date(2018, 2, 15)),
        ("2010-10-30T00:00:00", date(2010, 10, 30)),
        ("soon", None),
    ],
)
def test_a_day_is_read_in_each_of_its_writings(told: str, meant: date | None) -> None:
    assert day(told) == meant


def test_what_went_wrong_is_read_also_where_it_says_another_encoding_than_it_has() -> None:
    raw = (
        b'<?xml version="1.0" encoding="utf-16"?><ApiException><ErrorNumber>10</ErrorNumber>'
        b"<Type>ValidationException</Type><Elements><DataContractBase><ValidationErrors>"
        b"<ValidationError><Message>No such account</Message></ValidationError></ValidationErrors>"
        b"</DataContractBase></Elements></ApiException>"
    )
    assert words(raw) == ("No such account", "ValidationException")
    assert words(b"<html>") == ("", "")


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b'{"Id": "1", "Status": "OK", "Invoices": []}', []),
        (b"<Response><Id>1</Id><Status>OK</Status></Response>", []),
        (b"{}", None),
        (b"[]", None),
        (b"<html><body><p>Back soon</p></body></html>", None),
        (b'{"Type": null, "Title": "Forbidden", "Detail": "AuthenticationUnsuccessful"}', None),
    ],
)
def test_nothing_is_listed_only_where_xero_itself_says_so(raw: bytes, found: Any) -> None:
    if found is None:
        with pytest.raises(BadData):
            rows(raw, "Invoices")
    else:
        assert rows(raw, "Invoices") == found


@pytest.mark.parametrize("raw", [b"", b"{}", b"[1]", b'"x"', b"<a>", b'{"Invoices": {}}'])
def test_what_lists_nothing_is_no_answer(raw: bytes) -> None:
    with pytest.raises(BadData):
        rows(raw)
