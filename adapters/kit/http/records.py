"""What a record in an answer says, by its fields: as well as it can be read, and never stumbled
over. A reader of a field raises ValueError where nothing can be made of what stands there.
"""

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

Reader = Callable[[Any], Any]
Readers = Mapping[str, Reader]
"""Field -> how it is read. Any other is left as it is."""
_LONGEST, _MOST_DIGITS = 1_000, 20
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def read(row: Any, readers: Readers, needed: Collection[str] = ()) -> dict[str, Any]:
    """A record with its fields read; one that is needed and missing is nothing. ValueError names
    the field of which nothing can be made.
    """
    if not isinstance(row, dict):
        raise ValueError("it is no record")  # noqa: TRY004  # what it is about is the answer
    whole = {**{name: None for name in needed if name in readers}, **row}
    return {name: _field(name, value, readers) for name, value in whole.items()}


def _field(name: str, value: Any, readers: Readers) -> Any:
    reader = readers.get(name)
    if reader is None:
        return value
    try:
        return reader(value)
    except ValueError as error:
        raise ValueError(f"{name[:50]} is odd: {error}"[:200]) from None


def text(value: Any) -> str:
    """Text; nothing is an empty one."""
    if value is None or value is False:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("a text is expected")  # noqa: TRY004
    return _UNSPEAKABLE.sub("", str(value)).strip()[:_LONGEST]


def word(value: Any) -> str:
    """Text that is there."""
    found = text(value)
    if not found:
        raise ValueError("it is empty")
    return found


def number(value: Any) -> int:
    """A whole number: an id, a state."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("a whole number is expected")  # noqa: TRY004
    said = str(value).strip()
    if not (said.isascii() and said.lstrip("-").isdigit() and len(said) <= _MOST_DIGITS):
        raise ValueError("a whole number is expected")
    return int(said)


def amount(value: Any) -> Decimal:
    """An amount or quantity; nothing is none of it."""
    if value is None or value is False or value == "":
        return Decimal(0)
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError("a number is expected")  # noqa: TRY004
    try:
        decimal = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError("a number is expected") from None
    if not decimal.is_finite() or abs(decimal.adjusted()) > _MOST_DIGITS:
        raise ValueError("a number is expected")
    return decimal


def several(readers: Readers, needed: Collection[str] = ()) -> Reader:
    """The records of a list in a record; nothing is an empty list."""

    def rows(value: Any) -> list[dict[str, Any]]:
        if value is None or value is False:
            return []
        if not isinstance(value, list):
            raise ValueError("a list is expected")  # noqa: TRY004
        return [read(row, readers, needed) for row in value]

    return rows
