"""DESADV's packages as ours: a package is where lines are; what only holds others is none. A line
may name the package it is in by itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hub.model.fulfilment import Package, ShippedLine
from mappings.edifact.heads import Head
from mappings.edifact.lines import Level, Row, batch_of
from mappings.edifact.segments import EXPIRY, PRODUCTION, day, kilograms, lengths, marks, notes
from mappings.edifact.syntax import Segment
from mappings.edifact.terms import Terms
from mappings.kit import Context, tracking_numbers

PACKAGE_MARKS = ("BJ", "AW")
"""GIN 7405: the number of a logistic unit (SSCC)."""
SERIALS = ("BN", "SRN")


@dataclass(frozen=True, slots=True)
class Packing:
    """How the packages of one message are read. `way`: carrier and number of all of it."""

    head: Head
    terms: Terms
    at: Context
    way: dict[str, Any]

    def of(self, levels: Sequence[Level], order: str) -> tuple[Package, ...]:
        """The packages of one order."""
        above = {level.above for level in levels}
        found = [
            package
            for level in levels
            if _is_one(level, order, above)
            for package in self._of_level(level, order)
        ]
        if not found and self.way["tracking_number"]:
            found = [Package(**self.way)]
        if len(found) == 1 and found[0].weight_kg is None:
            weight = kilograms(self.head.segments, self.head.decimal_mark, self.at)
            found = [found[0].model_copy(update={"weight_kg": weight})]
        return tuple(found)

    def _of_level(self, level: Level, order: str) -> Iterator[Package]:
        """Its own marks, and those that its lines name."""
        rows = [row for row in level.rows if row.order == order and row.shipped]
        own = marks(level.own, *PACKAGE_MARKS)
        loose: list[Row] = []
        by_mark: dict[str, list[Row]] = {}
        for row in rows:
            named = next(iter(marks(row.under, *PACKAGE_MARKS)), None)
            if named is None or named in own:
                loose.append(row)
            else:
                by_mark.setdefault(named, []).append(row)
        if loose or own:
            yield from self._marked(level, own, loose)
        for id_, inside in by_mark.items():
            yield Package(package_id=id_, lines=self._lines(inside), **self.way)

    def _marked(self, level: Level, own: list[str], rows: Sequence[Row]) -> Iterator[Package]:
        """The first of a level's packages has its lines: which of them are in another nobody
        says.
        """
        mark = self.head.decimal_mark
        tracking = tracking_numbers(notes(level.own).one(*self.terms.tracking, "CW"))
        one = {**self.way}
        if len(own) < 2:
            one["weight_kg"] = kilograms(level.own, mark, self.at)
            one.update(lengths(level.own, mark, self.at))
        for place, id_ in enumerate(own or [None]):
            if tracking:
                one["tracking_number"] = tracking[place] if place < len(tracking) else None
            yield Package(package_id=id_, lines=self._lines(() if place else rows), **one)

    def _lines(self, rows: Sequence[Row]) -> tuple[ShippedLine, ...]:
        return tuple(
            ShippedLine(
                line_no=row.line_no,
                sku=row.which.sku,
                item_code=row.which.item_code,
                quantity=row.shipped,
                batch=batch_of(row.under) or row.which.batch,
                produced_on=day(row.under, PRODUCTION, self.at),
                expires_on=day(row.under, EXPIRY, self.at),
                serials=tuple(marks(row.under, *SERIALS)),
            )
            for row in rows
        )


def way_of(head: Head, terms: Terms, at: Context) -> dict[str, Any]:
    """Carrier and tracking number of the whole shipment, by TDT and the references of the head."""
    leg = next((it for it in head.segments if it.name == "TDT"), Segment([("TDT",)]))
    code, name = leg.at(5), leg.at(5, 4)
    by_nad = next((it for it in head.segments if it.name == "NAD" and it.at(1) == "CA"), None)
    if by_nad is not None:
        code, name = code or by_nad.at(2), name or by_nad.at(4) or by_nad.at(3)
    ours = at.carrier(code, name, path="TDT.3127")
    tracking = tracking_numbers(head.notes.one(*terms.tracking))
    return {
        "carrier": ours,
        "carrier_name": name or code,
        "tracking_number": tracking[0] if tracking else None,
    }


def _is_one(level: Level, order: str, above: set[str]) -> bool:
    """Whether a level is a package of an order, not one that only holds others."""
    if level.rows:
        return any(row.order == order and row.shipped for row in level.rows)
    return level.number not in above
