"""945, warehouse shipping advice: what left, in which packages.

A set holds loops of LX (a package, a pallet or just a lot) with lines of W12. Several rows of one
line are lots of it: only their sum counts, and their codes say whether more is to come.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO, Document
from hub.model.fulfilment import FulfilmentStatus, Package, Shipment, ShippedLine, ShortLine
from mappings.kit import Context, tracking_numbers
from mappings.kit.readers.segments import Group
from mappings.x12.envelope import Segment, Transaction
from mappings.x12.lines import Row, loops_of, places, rows_of
from mappings.x12.segments import (
    carrier_of,
    dated,
    day,
    kilograms,
    lot,
    marked,
    moment,
    needed,
    notes,
    quantity,
    written_at,
)
from mappings.x12.terms import Terms

_TO_COME = frozenset({"BP", "BO", "SS"})
"""Back-ordered, in part or whole, or a part of a split shipment: another advice follows."""
_CANCELLED = "IC"
_MARKS = {"GM": "package", "UC": "package", "CP": "tracking", "CR": "tracking"}


def advice(told: Transaction, terms: Terms, at: Context) -> list[Document]:
    """What left; where nothing did, that it was cancelled or is missing."""
    head = told.first("W06")
    order = terms.order_of(needed(head, 2))
    when = dated(told.segments, ("11",), at) or moment(head, 3, None, at)
    when = when or written_at(told, at) or terms.clock()
    loops = list(loops_of(told))
    packages, rows = _packages(told, loops, terms, at)
    if rows and not any(row.shipped for row in rows):
        return [_nothing_left(told, head, order, when, rows, at)]
    return [
        Shipment(
            source=at.source(_id(told, head), occurred_at=when),
            fulfilment_order_id=order,
            warehouse_reference=head.at(4) or head.at(5),
            shipped_at=when,
            complete=_is_all(rows, terms),
            packages=packages,
            short=tuple(_short(rows)),
            attributes=_attributes(told, head),
        )
    ]


def _is_all(rows: Sequence[Row], terms: Terms) -> bool:
    """Whether nothing more comes. Of lines that it does not name an advice says nothing, unless it
    was agreed; one without lines speaks of the whole order.
    """
    if not rows:
        return True
    return terms.omitted_is_short and not any(row.code in _TO_COME for row in rows)


def _id(told: Transaction, head: Segment) -> str:
    """A shipment is known by the warehouse's number of it; else by where the set stood."""
    own = head.at(4) or f"{told.envelope.number}-{told.envelope.group_number}-{told.number}"
    return f"{head.at(2)}:{own}"


def _packages(
    told: Transaction, loops: Sequence[Group[Segment]], terms: Terms, at: Context
) -> tuple[tuple[Package, ...], list[Row]]:
    """A package for each loop that is marked as one; what is not marked goes in one together."""
    way = _way(told, at)
    packages: list[Package] = []
    rows: list[Row] = []
    loose: list[Row] = []
    for _, under in loops:
        lines = list(rows_of(under, terms))
        rows += lines
        marks = _marked(under)
        if marks["package"] or marks["tracking"]:
            packages += _marked_packages(marks, lines, way, at)
        else:
            loose += lines
    if loose or (way["tracking_number"] and not packages):
        head = Package(**way, weight_kg=_weight(told, loose), lines=_lines(loose, at))
        packages.insert(0, head)
    return tuple(packages), rows


def _marked_packages(
    marks: dict[str, list[str]], lines: Sequence[Row], way: dict[str, Any], at: Context
) -> Iterator[Package]:
    """The first package of a loop has its lines; each further mark is a package of its own."""
    count = max(len(marks["package"]), len(marks["tracking"]))
    for place in range(count):
        package, tracking = (
            marks[kind][place] if place < len(marks[kind]) else None
            for kind in ("package", "tracking")
        )
        one = {**way, "tracking_number": tracking or way["tracking_number"]}
        held = lines if place == 0 else ()
        yield Package(package_id=package, weight_kg=_sum_of(held), lines=_lines(held, at), **one)


def _marked(under: Sequence[Segment]) -> dict[str, list[str]]:
    """Numbers of packages and tracking numbers of a loop, before its first line and below it."""
    marks: dict[str, list[str]] = {"package": [], "tracking": []}
    for segment in under:
        for code, told in marked([segment], *_MARKS):
            kind = _MARKS[code]
            marks[kind] += tracking_numbers(told) if kind == "tracking" else [told]
        if segment.name == "N9" and segment.at(1) == "2I":
            marks["tracking"] += tracking_numbers(segment.at(2))
    return {kind: list(dict.fromkeys(numbers)) for kind, numbers in marks.items()}


def _way(told: Transaction, at: Context) -> dict[str, Any]:
    """Carrier and tracking number of the whole shipment."""
    head = told.segments[: next(places(told, "LX"), len(told.segments))]
    carrier = next((segment for segment in head if segment.name == "W27"), Segment(("W27",)))
    code, name = carrier.at(2), carrier.at(3)
    party = next((it.at(2) for it in head if it.name == "N1" and it.at(1) == "CA"), None)
    ours = carrier_of(code, name or party, at, "W2702")
    tracking = tracking_numbers(notes(head).one("2I", "CN", "TN"))
    return {
        "carrier": ours,
        "carrier_name": code or name or party,
        "service": name,
        "tracking_number": tracking[0] if tracking else None,
    }


def _lines(rows: Sequence[Row], at: Context) -> tuple[ShippedLine, ...]:
    return tuple(_line(row, at) for row in rows if row.shipped)


def _line(row: Row, at: Context) -> ShippedLine:
    below = notes(row.under)
    return ShippedLine(
        line_no=row.line_no,
        sku=row.which.sku,
        item_code=row.which.item_code,
        quantity=row.shipped,
        batch=lot(row.segment, 9) or row.which.batch or below.one("LT"),
        produced_on=day(row.under, "94", at),
        expires_on=day(row.under, "36", at),
        serials=tuple(below.all("SE")),
    )


def _short(rows: Sequence[Row]) -> Iterator[ShortLine]:
    """What is missing of each line for good, over all its lots."""
    missing: dict[tuple[int | None, str | None], Decimal] = {}
    reasons: dict[tuple[int | None, str | None], str] = {}
    for row in rows:
        which = (row.line_no, row.which.sku)
        missing[which] = missing.get(which, ZERO) + row.ordered - row.shipped
        reasons[which] = row.code
    for (line_no, sku), count in missing.items():
        if count > 0 and reasons[line_no, sku] not in _TO_COME:
            yield ShortLine(line_no=line_no, sku=sku, quantity=count, reason=reasons[line_no, sku])


def _nothing_left(
    told: Transaction,
    head: Segment,
    order: str,
    when: datetime,
    rows: Sequence[Row],
    at: Context,
) -> FulfilmentStatus:
    codes = sorted({row.code for row in rows})
    return FulfilmentStatus(
        source=at.source(_id(told, head), occurred_at=when),
        fulfilment_order_id=order,
        status="cancelled" if codes == [_CANCELLED] else "short",
        at=when,
        reason=" ".join(codes) or None,
        warehouse_reference=head.at(4) or head.at(5),
        attributes=_attributes(told, head),
    )


def _weight(told: Transaction, rows: Sequence[Row]) -> Decimal | None:
    """The weight of all, where all is in one package: its total, else the sum of its lines."""
    total = next((segment for segment in told.segments if segment.name == "W03"), None)
    if total is not None and (weight := kilograms(quantity(total, 2), total.at(3))):
        return weight
    return _sum_of(rows)


def _sum_of(rows: Sequence[Row]) -> Decimal | None:
    """The gross weight of rows, where each tells it."""
    weights = [
        kilograms(quantity(row.segment, 10), row.segment.at(12) or "L")
        for row in rows
        if row.segment.at(11) != "N"
    ]
    known = [weight for weight in weights if weight]
    return sum(known, ZERO) if known and len(known) == len(rows) else None


def _attributes(told: Transaction, head: Segment) -> dict[str, Any]:
    kept = {
        "report_code": head.at(1),
        "purchase_order": head.at(6),
        "master_reference": head.at(7),
        "bill_of_lading": notes(told.segments).one("BM"),
        "pro_number": notes(told.segments).one("CN"),
        "license_plates": list(notes(told.segments).all("LV")),
    }
    return {name: value for name, value in kept.items() if value}
