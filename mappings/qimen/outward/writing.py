"""How Qimen writes: bodies of elements, amounts, times, days, and the free map `extendProps`."""

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from xml.sax.saxutils import escape

from hub.model.document import Document, pieces
from hub.model.errors import BadData
from mappings.kit import Context
from mappings.qimen.outward.terms import Terms

CLOCK = "%Y-%m-%d %H:%M:%S"
_CENT = Decimal("0.01")
_ENTRIES = {"orderLines": "orderLine", "items": "item", "criteriaList": "criteria"}
_MARKUP = re.compile("[&<>]")
_ELEMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOST_PROPS = 100


def write(tree: Mapping[str, Any]) -> bytes:
    """A request body. What is None is left out."""
    head = '<?xml version="1.0" encoding="utf-8"?>'
    return f"{head}<request>{_inside(tree)}</request>".encode()


def _inside(tree: Mapping[str, Any]) -> str:
    return "".join(
        [
            f"<{name}>{_text(value)}</{name}>" if type(value) is str else _element(name, value)
            for name, value in tree.items()
            if value is not None
        ]
    )


def _element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>{_inside(value)}</{name}>"
    if isinstance(value, list):
        entries = "".join([_element(_ENTRIES[name], entry) for entry in value])
        return f"<{name}>{entries}</{name}>"
    return f"<{name}>{_text(str(value))}</{name}>"


def _text(value: str) -> str:
    return escape(value) if _MARKUP.search(value) else value


def money(amount: Decimal) -> str:
    """Two places, as Qimen writes amounts."""
    return format(amount.quantize(_CENT, rounding=ROUND_HALF_UP), "f")


def clock(at: datetime, zone: tzinfo) -> str:
    """A time, local to the warehouse."""
    return at.astimezone(zone).strftime(CLOCK)


def day(text: str | None, path: str) -> str | None:
    """A day. BadData where it is none: the warehouse would refuse it, or book another."""
    if text is not None and not _DAY.fullmatch(text):
        raise BadData("a day such as 2026-11-24 is expected", path=path, code="bad_time")
    return text


def whole(quantity: Decimal, path: str) -> str:
    """Whole pieces above 0: Qimen has no others."""
    if quantity <= 0 or quantity % 1:
        message = f"whole pieces above 0 are expected, got {pieces(quantity)}"
        raise BadData(message, path=path, code="bad_quantity")
    return pieces(quantity)


def present(text: str | None, path: str) -> str:
    """A text that Qimen will not be without."""
    if text is None:
        raise BadData("Qimen wants a text here", path=path, code="missing_field")
    return text


def carrier(ours: str | None, terms: Terms, at: Context, path: str) -> str:
    """Their code of a carrier; the connection's usual one where none is named."""
    return terms.logistics_code if ours is None else at.theirs("carriers", ours, path=path)


def sender(terms: Terms) -> dict[str, str | None] | None:
    """The sender as it stands on the parcel; None unless it is known whole."""
    known = terms.sender
    if known is None:
        return None
    return {
        "company": known.company,
        "name": known.name,
        "zipCode": known.postal_code,
        "mobile": known.mobile,
        "countryCode": known.country,
        "province": known.province,
        "city": known.city,
        "area": known.area,
        "detailAddress": known.address,
    }


def extended(document: Document, own: Mapping[str, str | None]) -> dict[str, str] | None:
    """The free map: what the document brought of it, then what has no field elsewhere. A name that
    can be no element is left out, and so is whatever is no single value.
    """
    brought = document.attributes.get("extendProps")
    props: dict[str, str] = {}
    for name, value in brought.items() if isinstance(brought, Mapping) else ():
        single = isinstance(value, str | int | Decimal) and not isinstance(value, bool)
        if single and _ELEMENT.fullmatch(name) and len(props) < _MOST_PROPS:
            props[name] = str(value)
    return {**props, **{name: text for name, text in own.items() if text is not None}} or None
