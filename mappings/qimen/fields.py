"""Single values as Qimen writes them: codes of carriers and quality, numbers of lines, serials.

Times are local to the warehouse. Days at which calendars begin, and zeros, mean none.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from pydantic_core import PydanticCustomError

from hub.model.document import ZERO, read_optional_id
from hub.model.errors import BadData
from hub.model.fulfilment import Quality
from mappings.kit import Context, numbers, times, tracking_numbers, word
from mappings.qimen.tree import Node

Clock = Callable[[], datetime]
_ACCOUNT = re.compile(r"[_-]?[0-9]{1,2}$", re.ASCII)
CURRENCY = "CNY"
"""Amounts are yuan wherever Qimen is spoken."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What decoders need beside the body: the connection's context, and a clock for untold times.

    `notes` collects what a document says that has no place of its own.
    """

    at: Context
    clock: Clock
    notes: dict[str, Any] = field(default_factory=dict)

    def when(self, node: Node, *names: str, path: str) -> datetime:
        """The first time that is told, else the time of reading, with a warning. BadData where it
        is no time.
        """
        zone = self.at.zone
        for name in names:
            text = node.text(name)
            if text is not None and not times.says_none(text, zone):
                return times.moment(text, zone, path=f"{path}.{name}")
        self.at.warn("missing_time", "no time is told: that of reading is used", path=path)
        return self.clock()

    def moment(self, node: Node, name: str, *, path: str) -> datetime | None:
        """A time on which nothing depends. One that is none is left out, with a warning."""
        text = node.text(name)
        if text is None or times.says_none(text, self.at.zone):
            return None
        try:
            return times.moment(text, self.at.zone)
        except BadData as error:
            self.at.warn(error.code, f"{error}; it was left out", path=f"{path}.{name}")
            return None

    def date(self, node: Node, name: str, *, path: str, expiry: bool = False) -> str | None:
        """A day as YYYY-MM-DD. One that is no day is left out, with a warning."""
        text = node.text(name)
        if text is None or times.says_none(text, self.at.zone):
            return None
        try:
            return times.day(text, self.at.zone, month_is_last=expiry)
        except BadData as error:
            self.at.warn(error.code, f"{error}; it was left out", path=f"{path}.{name}")
            return None

    def carrier(self, node: Node, *, path: str) -> str | None:
        """Our code of the carrier, by its code or, where that is not known, by its name. A merchant
        who has several accounts with one numbers them: STO2, YTO_1. A code that no list has, and
        beside which no name stands, says to nobody who brings the parcel: UnknownCode.
        """
        code, name = node.text("logisticsCode"), node.text("logisticsName")
        plain = _ACCOUNT.sub("", code or "")
        if name is None and code and self.at.ours_or_none("carriers", plain) is None:
            return self.at.ours("carriers", code, path=f"{path}.logisticsCode")
        return self.at.carrier(code, name, plain, path=f"{path}.logisticsCode")

    def quality(self, node: Node, *, path: str) -> Quality | None:
        """Good or defective; None for goods that are still on their way to the warehouse."""
        word = self.at.ours("qualities", node.text("inventoryType") or "ZP", path=path)
        return cast("Quality", word) if word in {"good", "defective"} else None

    def reference(self, node: Node, *names: str, path: str) -> str | None:
        """A number of the warehouse's own, on which nothing depends. One that is unusable is left
        out, with a warning.
        """
        name = next((one for one in names if node.text(one) is not None), names[0])
        return self.usable(node.text(name), f"{path}.{name}")

    def tracking(self, *nodes: Node, path: str) -> tuple[str, ...]:
        """The tracking numbers of the first node that has any."""
        codes = next((text for node in nodes if (text := node.text("expressCode"))), None)
        place = f"{path}.expressCode"
        if codes is not None and numbers.is_rounded(codes):
            message = f"a whole number is expected, a spreadsheet made {codes} of it"
            self.at.warn("bad_id", message, path=place)
            return ()
        usable = (self.usable(code, place) for code in tracking_numbers(codes))
        return tuple(number for number in usable if number is not None)

    def usable(self, text: str | None, path: str) -> str | None:
        """A text as an id on which nothing depends; left out, with a warning, where it is none."""
        try:
            return read_optional_id(text)
        except PydanticCustomError as error:
            self.at.warn(error.type, f"{error.message()}; it was left out", path=path)
            return None

    def measure(self, node: Node, name: str, *, path: str) -> Decimal | None:
        """A weight or length. One that is no number is left out, with a warning."""
        return self._seen(numbers.measure, node, name, path)

    def amount(self, node: Node, name: str, *, path: str) -> Decimal | None:
        """An amount from which nothing is reckoned. One that is none is left out, with a
        warning.
        """
        return self._seen(numbers.decimal, node, name, path)

    def _seen(
        self, read: Callable[..., Decimal], node: Node, name: str, path: str
    ) -> Decimal | None:
        text = node.text(name)
        try:
            return None if text is None else read(text)
        except BadData as error:
            self.at.warn(error.code, f"{error}; it was left out", path=f"{path}.{name}")
            return None


def decimal(node: Node, name: str, *, path: str) -> Decimal | None:
    """A number that decides, None where there is none. BadData where it is no number."""
    text = node.text(name)
    return None if text is None else numbers.decimal(text, path=f"{path}.{name}")


def more_follow(head: Node) -> bool:
    """Whether a confirmation is an intermediate one (`confirmType` 1): its quantities are an
    increment, and others follow.
    """
    try:
        return decimal(head, "confirmType", path="") == 1
    except BadData:
        return False


def kind(node: Node, name: str) -> str | None:
    """A word of the protocol's, in small letters; None where there is none."""
    text = node.text(name)
    return None if text is None else word(text)


def quantity(node: Node, *names: str, path: str) -> Decimal:
    """How many, of either sign, by the first of the names that is told. BadData where none is."""
    for name in names:
        found = decimal(node, name, path=path)
        if found is not None:
            return found
    raise BadData("a quantity is expected", path=f"{path}.{names[0]}", code="missing_field")


def pieces(node: Node, *names: str, path: str) -> Decimal:
    """A quantity that is not below 0."""
    found = quantity(node, *names, path=path)
    if found < ZERO:
        raise BadData("a quantity is not below 0", path=f"{path}.{names[0]}", code="bad_quantity")
    return found


def positive(quantity: Decimal, path: str) -> Decimal:
    """Pieces that are there: above 0."""
    if quantity <= ZERO:
        raise BadData("a quantity above 0 is expected", path=path, code="bad_quantity")
    return quantity


def needed(node: Node, name: str, *, path: str) -> str:
    """A text that must be there."""
    found = node.text(name)
    if found is None:
        raise BadData("text is expected", path=f"{path}.{name}", code="missing_field")
    return found


def line_no(node: Node) -> int | None:
    """The number of the line where it is a number of ours."""
    try:
        found = numbers.whole((node.text("orderLineNo") or "").lstrip("0"))
    except BadData:
        return None
    return found if 0 < found < 10**9 else None


def serials(node: Node) -> tuple[str, ...]:
    """All serial numbers of a line, once each."""
    said = (*node.texts("snList"), *node.texts("snCode"), node.text("qrCode") or "")
    codes = ";".join(said).replace("；", ";").replace(",", ";").split(";")  # noqa: RUF001
    return tuple(dict.fromkeys(text for code in codes if (text := code.strip())))


def attributes(*nodes: Node, used: tuple[str, ...]) -> dict[str, Any]:
    """What the partner said beside what has a place, the first node's word first."""
    found: dict[str, Any] = {}
    for node in nodes:
        found = {**node.extras(used), **found}
    return found
