"""Xero's answers as rows: JSON, or XML where it writes that."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hub.model.errors import BadData
from mappings.kit import numbers
from mappings.reading import read_json, read_xml, silently

_DOT_NET = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/", re.ASCII)
_UTF_16 = re.compile(rb'(<\?xml[^>]*?)\s+encoding="utf-16"', re.IGNORECASE)
_SAID = frozenset({"Id", "Status", "ProviderName", "DateTimeUTC"})
_LISTS = frozenset(
    {
        "Accounts", "Addresses", "Allocations", "BrandingThemes", "Connections", "ContactGroups",
        "ContactPersons", "Contacts", "CreditNotes", "Currencies", "Elements", "Invoices", "Items",
        "JournalLines", "LineItems", "ManualJournals", "Options", "Organisations", "Overpayments",
        "Payments", "Phones", "Prepayments", "TaxComponents", "TaxRates", "Tracking",
        "TrackingCategories", "ValidationErrors",
    }
)  # fmt: skip
"""Elements whose children are its entries."""


def rows(raw: bytes, kind: str | None = None) -> list[dict[str, Any]]:
    """What an answer lists, of one kind or of the only one. BadData where it is no answer: one that
    has no list of the kind lists nothing, where it says of itself what Xero's answers say.
    """
    tree = _tree(raw)
    if isinstance(tree, list):
        found: Any = None if kind else tree
    elif isinstance(tree, dict):
        lists = [kind] if kind else [name for name in tree if name not in _SAID and name in _LISTS]
        found = tree.get(lists[0], [] if _SAID & tree.keys() else None) if lists else None
    else:
        found = None
    if not isinstance(found, list) or not all(isinstance(it, dict) for it in found):
        raise BadData("a list of objects is expected")
    return found


def words(raw: bytes) -> tuple[str, str]:
    """What an answer says went wrong: its sentence, and its kind."""
    try:
        tree = _tree(raw)
    except BadData:
        return "", ""
    if not isinstance(tree, dict):
        return "", ""
    elements = tree.get("Elements")
    said = faults(elements if isinstance(elements, list) else [])
    said = said or str(tree.get("Message") or tree.get("Detail") or "")
    return said, str(tree.get("Type") or tree.get("Title") or "")


def faults(listed: Sequence[Any]) -> str:
    """What is wrong with rows, in its words; empty where nothing is. One that is refused stands
    beside others in a good answer, and has a number of zeros.
    """
    wrong = [it for it in listed if isinstance(it, dict)]
    said = [
        str(error.get("Message", ""))
        for row in wrong
        for error in row.get("ValidationErrors") or ()
        if isinstance(error, dict)
    ]
    refused = any(str(row.get("StatusAttributeString")).upper() == "ERROR" for row in wrong)
    return "; ".join(dict.fromkeys(said)) or ("a row is refused" if refused else "")


def amount(told: Any) -> Decimal:
    """An amount of a row."""
    return numbers.amount(told, path="amount")


def day(told: Any) -> date | None:
    """The day of a row: ISO, or as .NET writes it."""
    text = str(told or "")
    if found := _DOT_NET.fullmatch(text):
        return datetime.fromtimestamp(int(found[1]) / 1000, UTC).date()
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _tree(raw: bytes) -> Any:
    bare = (raw or b"").lstrip(b"\xef\xbb\xbf \r\n\t")
    if not bare.startswith(b"<"):
        return read_json(bare, silently)
    return _plain(read_xml(_UTF_16.sub(rb"\1", bare)))


def _plain(element: Any) -> Any:
    children = [it for it in element if isinstance(it.tag, str)]
    name = element.tag.rpartition("}")[2]
    if name in _LISTS:
        return [_plain(it) for it in children]
    if not children:
        return element.text or ""
    return {it.tag.rpartition("}")[2]: _plain(it) for it in children}
