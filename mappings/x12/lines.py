"""945 read: its loops of LX, and the lines (W12) that stand in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.model.document import ZERO
from mappings.kit.readers.segments import Group, groups
from mappings.x12.envelope import Segment, Transaction
from mappings.x12.segments import (
    Article,
    article,
    is_qualifier,
    not_negative,
    notes,
    quantity,
    unshifted,
)
from mappings.x12.terms import Terms

_PAIRS = (7, 17, 21)


@dataclass(frozen=True, slots=True)
class Row:
    """A W12 with what stands under it."""

    segment: Segment
    under: Sequence[Segment]
    which: Article
    line_no: int | None
    ordered: Decimal
    shipped: Decimal

    @property
    def code(self) -> str:
        return (self.segment.at(1) or "").upper()


def loops_of(told: Transaction) -> Iterator[Group[Segment]]:
    """The loops of LX. Lines that stand in none, as some write them, are one loop too."""
    loops = list(groups(told.segments, "LX", "W03", "SE"))
    first = next((at for at, it in enumerate(told.segments) if it.name in {"LX", "W12"}), None)
    if first is not None and told.segments[first].name == "W12":
        end = next(places(told, "LX"), len(told.segments))
        yield Segment(("LX",)), told.segments[first:end]
    yield from loops


def rows_of(under: Sequence[Segment], terms: Terms) -> Iterator[Row]:
    """The lines of a loop."""
    for written, below in groups(under, "W12"):
        segment = _spread(unshifted(_counted(written), 6))
        number = notes(below).one("LI")
        ordered = quantity(segment, 2)
        shipped = quantity(segment, 3)
        lacking = quantity(segment, 4)
        if shipped is None:
            shipped = (ordered or ZERO) - (lacking or ZERO)
        line_no = int(number) if number and number.isdecimal() and int(number) else None
        yield Row(
            segment,
            below,
            article(segment, 6, _PAIRS, terms.sku_qualifiers),
            line_no,
            ordered or ZERO,
            not_negative(shipped, segment, 3),
        )


def _counted(segment: Segment) -> Segment:
    """A line that leaves out what is missing, or how much left where all did: its unit stands too
    early then.
    """
    for place in (3, 4):
        if (segment.at(place) or "").isalpha():
            return Segment((*segment[:place], *[""] * (5 - place), *segment[place:]))
    return segment


def _spread(segment: Segment) -> Segment:
    """A line that leaves out the place of its code, or names a second number right behind the
    first, where the lot and the weight are due: with each in its own place.
    """
    if is_qualifier(segment.at(6)) and not is_qualifier(segment.at(7)):
        segment = Segment((*segment[:6], "", *segment[6:]))
    if is_qualifier(segment.at(9)) and segment.at(10) and not segment.at(11):
        row = [*segment, *[""] * (19 - len(segment))]
        if not segment.at(17):
            row[9:11], row[17:19] = ["", ""], row[9:11]
        return Segment(row)
    return segment


def places(told: Transaction, name: str) -> Iterator[int]:
    """Where the segments of a name stand."""
    return (at for at, segment in enumerate(told.segments) if segment.name == name)
