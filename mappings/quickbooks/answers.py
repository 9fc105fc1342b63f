"""What QuickBooks answers: objects by kind, and faults by their codes. XML, as it is asked for, or
the JSON that its gateways answer whatever they are asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO
from hub.model.errors import BadData
from mappings.kit import numbers
from mappings.reading import read_json_object, read_xml, silently

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
    if fault(raw) is not None:
        raise BadData("it is a fault", code="partner_error")
    if _is_json(raw):
        return list(_listed(read_json_object(raw, silently)))
    return list(_objects(read_xml(raw.lstrip())))


def fault(raw: bytes) -> Fault | None:
    """The fault that an answer is, where it is one."""
    try:
        if _is_json(raw):
            return _json_fault(read_json_object(raw, silently))
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


# --- the same in JSON


def _is_json(raw: bytes) -> bool:
    return raw.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{")


def _listed(tree: Mapping[str, Any]) -> Iterator[Object]:
    for name, value in tree.items():
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, dict):
                continue
            if name in _AROUND:
                yield from _listed(one)
            else:
                parts = {key: _flat(part) for key, part in one.items()}
                ident, number = (str(parts.get(it, "")) for it in ("Id", "DocNumber"))
                yield Object(name, ident, number, parts, parts.get("status") == "Deleted")


def _flat(part: Any) -> Any:
    """A part as it is in XML: a reference is its value, all else text."""
    if isinstance(part, list):
        return [_flat(it) for it in part]
    if isinstance(part, dict):
        inner = {name: _flat(it) for name, it in part.items()}
        return inner.get("value", "") if set(inner) <= {"value", "name", "type"} else inner
    return "" if part is None else str(part)


def _json_fault(tree: Mapping[str, Any]) -> Fault | None:
    found = tree.get("Fault") or tree.get("fault")
    if not isinstance(found, dict):
        return None
    errors = [it for it in many(found.get("Error") or found.get("error")) if isinstance(it, dict)]
    said = (
        " ".join(str(error.get(it) or error.get(it.lower()) or "") for it in ("Message", "Detail"))
        for error in errors
    )
    codes = tuple(str(error.get("code") or "") for error in errors)
    return Fault(str(found.get("type") or ""), codes, "; ".join(it.strip() for it in said))


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""
