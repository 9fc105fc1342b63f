"""Inbound notices as they are told: what is wrong with one, and whether it is news."""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum

from hub.model.errors import Problem
from hub.model.stock import InboundNotice
from hub.rules.messages import revision
from hub.rules.messages.revision import Age, Telling

_ZERO = Decimal(0)


class News(StrEnum):
    """How a telling stands to the notice that is stored. `conflict`: the same revision says
    something else.
    """

    CHANGE = "change"
    SAME = "same"
    STALE = "stale"
    CONFLICT = "conflict"


def faults(notice: InboundNotice) -> Iterator[Problem]:
    """What is wrong with a notice in itself, the first of each line."""
    numbers: set[int] = set()
    for at, line in enumerate(notice.lines):
        if line.quantity <= 0:
            yield Problem(f"lines.{at}.quantity", "bad_quantity", "a quantity above 0 is expected")
        if line.line_no in numbers:
            yield Problem(f"lines.{at}.line_no", "conflicting_lines", "this number stands twice")
        numbers.add(line.line_no)
    yield from _places(notice)


def _places(notice: InboundNotice) -> Iterator[Problem]:
    path = "from_warehouse"
    if notice.kind != "transfer" and notice.from_warehouse is not None:
        yield Problem(path, "bad_data", "only a transfer comes from a warehouse")
    if notice.kind == "transfer" and notice.from_warehouse is None:
        yield Problem(path, "missing_field", "a transfer names the warehouse that it leaves")
    if notice.from_warehouse == notice.warehouse:
        yield Problem(path, "bad_data", "it is where the goods go to")


def news(stored: Telling, number: int, notice: InboundNotice, *, is_same: bool) -> News:
    """Whether a telling changes the notice that is stored, `number` being the revision of that.

    Our own revision goes first, then the teller's, then its time. Where nothing says which is
    newer, the order of arrival does; two contents of one named revision are a conflict.
    """
    if notice.revision != number:
        return _of(Age.NEWER if notice.revision > number else Age.OLDER, is_same=is_same)
    new = revision.telling(notice)
    age = revision.age(stored, new)
    if age is not Age.LEVEL:
        return _of(age, is_same=is_same)
    if is_same:
        return News.SAME
    named = stored.revision is not None and new.revision is not None
    return News.CONFLICT if named else News.CHANGE


def _of(age: Age, *, is_same: bool) -> News:
    if is_same:
        return News.SAME
    return News.CHANGE if age is Age.NEWER else News.STALE
