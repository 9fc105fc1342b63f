"""What QuickBooks answers: objects by kind, and faults by their codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO
from hub.model.errors import BadData
from mappings.kit import numbers
from mappings.reading import read_xml

NAMESPACE = "http://schema.intuit.com/finance/v3"
_WORDS = frozenset({"Message", "Detail"})
_AROUND = frozenset({"IntuitResponse", "QueryResponse", "CDCResponse"})


@dataclass(frozen=True, slots=True)
class Object:
    """One object: what kind it is, its id and number, and its parts by name."""

    kind: str
    id: str
    number: str
    parts: Mapping[str, Any]
    is_gone: bool = False

    def sums(self) -> dict[str, Decimal]:
        """What is booked on each account of a journal entry; of anything else, what it comes to."""
        if self.kind != "JournalEntry":
            return {"total": numbers.amount(self.parts.get("TotalAmt") or "0", path="TotalAmt")}
        found: dict[str, Decimal] = {}
        for line in many(self.parts.get("Line")):
            detail = line.get("JournalEntryLineDetail") if isinstance(line, dict) else None
            if isinstance(detail, dict):
                account = str(detail.get("AccountRef"))
                amount = numbers.amount(line.get("Amount") or "0", path="Amount")
                sign = 1 if detail.get("PostingType") == "Debit" else -1
                found[account] = found.get(account, ZERO) + sign * amount
        return found


@dataclass(frozen=True, slots=True)
class Fault:
    """Why it refuses: `codes` of its errors, and what they say."""

    kind: str
    codes: tuple[str, ...]
    words: str


def objects(raw: bytes) -> list[Object]:
    """All that an answer holds, alone or listed. BadData where it is a fault, or no answer."""
    root = read_xml(raw.lstrip())
    if _name(root) == "Fault" or any(_name(it) == "Fault" for it in root):
        raise BadData("it is a fault", code="partner_error")
    return list(_objects(root))


def fault(raw: bytes) -> Fault | None:
    """The fault that an answer is, where it is one."""
    try:
        root = read_xml(raw.lstrip())
    except BadData:
        return None
    found = next((it for it in (root, *root) if _name(it) == "Fault"), None)
    if found is None:
        return None
    errors = [it for it in found if _name(it) == "Error"]
    said = (
        " ".join(part.text for part in error if _name(part) in _WORDS and part.text)
        for error in errors
    )
    codes = tuple(error.get("code", "") for error in errors)
    return Fault(found.get("type", ""), codes, "; ".join(said))


def many(value: Any) -> list[Any]:
    """A part that may stand several times."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _objects(element: Any) -> Any:
    if _name(element) in _AROUND:
        for inner in element:
            yield from _objects(inner)
    elif isinstance(element.tag, str):
        parts = _plain(element)
        parts = parts if isinstance(parts, dict) else {}
        yield Object(
            _name(element),
            str(parts.get("Id", "")),
            str(parts.get("DocNumber", "")),
            parts,
            element.get("status") == "Deleted",
        )


def _plain(element: Any) -> Any:
    children = [it for it in element if isinstance(it.tag, str)]
    if not children:
        return (element.text or "").strip()
    tree: dict[str, Any] = {}
    for child in children:
        name, value = _name(child), _plain(child)
        tree[name] = [*many(tree[name]), value] if name in tree else value
    return tree


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""
