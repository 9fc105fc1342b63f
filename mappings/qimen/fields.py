"""Single values as Qimen writes them: numbers, dates without a zone, codes of carriers and quality.

Times are local to the warehouse. Dates of 1900 and of zeros mean none.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from pydantic_core import PydanticCustomError

from hub.model.document import ZERO, read_decimal
from hub.model.errors import BadData
from hub.model.fulfilment import Quality
from mappings.kit import Context
from mappings.qimen.tree import Node

Clock = Callable[[], datetime]

_TIME = re.compile(r"(\d{4})[-/](\d\d?)[-/](\d\d?)(?:[ T](\d\d?):(\d\d)(?::(\d\d))?(?:\.\d+)?)?")
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")
_NONE = ("1900-01-01", "19000101", "0000-00-00", "00000000", "1970-01-01 08:00:00")


@dataclass(frozen=True, slots=True)
class Reader:
    """What decoders need beside the body: the connection's context, and a clock for untold times.

    `notes` collects what a document says that has no place of its own.
    """

    at: Context
    clock: Clock
    notes: dict[str, Any] = field(default_factory=dict)

    def when(self, node: Node, *names: str, path: str) -> datetime:
        """The first time that is told, else the time of reading, with a warning."""
        text = node.first(*names)
        told = self.time(text, path=f"{path}.{names[0]}") if text else None
        if told is None:
            self.at.warn("missing_time", "no time is told: that of reading is used", path=path)
        return told or self.clock()

    def time(self, text: str, *, path: str) -> datetime | None:
        """A time of the warehouse's clock. BadData where it is none."""
        if text.startswith(_NONE):
            return None
        match = _TIME.fullmatch(text)
        try:
            parts = [int(part) for part in match.groups(default="0")] if match else []
            return datetime(*parts, tzinfo=self.at.zone)  # type: ignore[arg-type,misc]
        except (TypeError, ValueError):
            message = "a time such as 2026-11-24 10:15:00 is expected"
            raise BadData(message, path=path, code="bad_time") from None

    def date(self, text: str | None, *, path: str) -> str | None:
        """A day as YYYY-MM-DD. One that is no day is left out, with a warning."""
        if text is None or text.startswith(_NONE):
            return None
        match = _DATE.match(text)
        if match is None:
            self.at.warn("bad_time", "it is no date and was left out", path=path)
            return None
        return "-".join(match.groups())

    def carrier(self, node: Node, *, path: str) -> str | None:
        """Our code of the carrier, by its code or, where that is not known, by its name."""
        code, name = node.text("logisticsCode"), node.text("logisticsName")
        found = self.at.ours_or_none("carriers", code) or self.at.ours_or_none("carriers", name)
        told = code or name
        if found is None and told is not None:
            return self.at.ours("carriers", told, path=f"{path}.logisticsCode")
        return found

    def quality(self, node: Node, *, path: str) -> Quality | None:
        """Good or defective; None for goods that are still on their way to the warehouse."""
        word = self.at.ours("qualities", node.text("inventoryType") or "ZP", path=path)
        return cast("Quality", word) if word in {"good", "defective"} else None

    def measure(self, text: str | None, *, path: str) -> Decimal | None:
        """A weight or length. One that is no number is left out, with a warning."""
        try:
            number = decimal(text, path=path)
        except BadData:
            number = Decimal(-1)
        if number is not None and number < 0:
            self.at.warn("bad_number", "it is no measure and was left out", path=path)
            return None
        return number


def decimal(text: str | None, *, path: str) -> Decimal | None:
    """A plain number, None where there is none."""
    if text is None:
        return None
    try:
        return read_decimal(text.removeprefix("+"))
    except PydanticCustomError as error:
        raise BadData(error.message(), path=path, code="bad_number") from None


def quantity(node: Node, *names: str, path: str) -> Decimal:
    """How many, of either sign, by the first of the names that is told. BadData where none is."""
    for name in names:
        found = decimal(node.text(name), path=f"{path}.{name}")
        if found is not None:
            return found
    raise BadData("a quantity is expected", path=f"{path}.{names[0]}", code="missing_field")


def pieces(node: Node, *names: str, path: str) -> Decimal:
    """A quantity that is not below 0."""
    found = quantity(node, *names, path=path)
    if found < ZERO:
        raise BadData("a quantity is not below 0", path=f"{path}.{names[0]}", code="bad_quantity")
    return found


def needed(node: Node, name: str, *, path: str) -> str:
    """A text that must be there."""
    found = node.text(name)
    if found is None:
        raise BadData("text is expected", path=f"{path}.{name}", code="missing_field")
    return found


def line_no(node: Node) -> int | None:
    """The number of the line where it is a number of ours."""
    text = node.text("orderLineNo") or ""
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:10]) < 10**9 else None


def serials(node: Node) -> tuple[str, ...]:
    """All serial numbers of a line, once each."""
    codes = (node.text("qrCode") or "").replace("；", ";").split(";")  # noqa: RUF001
    found = (*node.texts("snList"), *node.texts("snCode"), *(code.strip() for code in codes))
    return tuple(dict.fromkeys(text for text in found if text))


def attributes(*nodes: Node, used: tuple[str, ...]) -> dict[str, Any]:
    """What the partner said beside what has a place, the first node's word first."""
    found: dict[str, Any] = {}
    for node in nodes:
        found = {**node.extras(used), **found}
    return found
