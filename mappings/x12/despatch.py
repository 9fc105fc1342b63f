"""856, ship notice: what left, in which packages. One notice may speak of several orders: each is a
shipment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.model.document import Document
from hub.model.errors import BadData
from hub.model.fulfilment import FulfilmentStatus, Package, Shipment, ShippedLine, ShortLine
from mappings.kit import Context, tracking_numbers
from mappings.kit.units import MILLIMETRES, measured
from mappings.x12.envelope import Segment, Transaction
from mappings.x12.levels import ORDER, PACKAGES, Item, Level, items_of, levels_of
from mappings.x12.segments import (
    carrier_of,
    dated,
    day,
    kilograms,
    marked,
    moment,
    needed,
    notes,
    quantity,
    told_first,
    written_at,
)
from mappings.x12.terms import Terms

_ORDERS = ("CO", "OQ", "VN", "PO", "DO", "IL")
"""References (128) in which some name the order."""
_TO_COME = frozenset({"BP", "BO", "SS", "PR", "IB"})
_MARKS = ("GM", "UC", "AA", "AI", "CA", "SM")
"""Kinds of marks (88) that are a package's number."""
_LENGTHS = {
    "IN": MILLIMETRES["in"] / 10,
    "CM": MILLIMETRES["cm"] / 10,
    "FT": 12 * MILLIMETRES["in"] / 10,
}


@dataclass(frozen=True, slots=True)
class _Notice:
    """What all shipments of one notice have in common."""

    number: str
    when: datetime
    items: Sequence[Item]
    levels: Sequence[Level]
    way: dict[str, Any]
    terms: Terms
    at: Context


def notice(told: Transaction, terms: Terms, at: Context) -> list[Document]:
    """What left, a shipment for each order."""
    head = told.first("BSN")
    told_first(head, 1)
    when = dated(told.segments, ("011", "11"), at) or moment(head, 3, 4, at)
    levels = levels_of(told)
    it = _Notice(
        number=needed(head, 2),
        when=when or written_at(told, at) or terms.clock(),
        items=items_of(levels, terms),
        levels=levels,
        way=_way(told.segments, at),
        terms=terms,
        at=at,
    )
    orders: dict[str, list[Level]] = {}
    for level in [each for each in levels if each.code == ORDER] or levels[:1]:
        orders.setdefault(_order(level, terms), []).append(level)
    return [_of_order(order, its, it, len(orders)) for order, its in orders.items()]


def _order(level: Level, terms: Terms) -> str:
    """The order that a level is about: the first reference that is ours, else its own number."""
    around = [segment for each in level.out() for segment in each.own]
    own = next((it.at(1) for it in around if it.name == "PRF"), None)
    told = [number for kind in _ORDERS for number in notes(around).all(kind)]
    named = [number for number in (own, *told) if number]
    if not named:
        raise BadData("the order is expected in PRF", path="PRF01", code="missing_field")
    return terms.order_of(next((it for it in named if terms.is_ours(it)), named[0]))


def _of_order(order: str, its: Sequence[Level], it: _Notice, orders: int) -> Document:
    is_own = {id(level) for level in its}

    def own(level: Level) -> bool:
        return not is_own.isdisjoint(map(id, level.out()))

    items = [one for one in it.items if own(one.level)]
    packed = [level for level in it.levels if level.code in PACKAGES and own(level)]
    id_ = f"{it.number}:{order}" if orders > 1 else it.number
    if items and not any(one.shipped for one in items):
        return _nothing_left(order, id_, it, items)
    references = notes(segment for level in it.levels for segment in level.own)
    kept = {
        "bill_of_lading": references.one("BM"),
        "pallets": [mark for level in it.levels if _holds(level) for mark in _marked(level.own)],
    }
    return Shipment(
        source=it.at.source(id_, occurred_at=it.when),
        fulfilment_order_id=order,
        warehouse_reference=it.number,
        shipped_at=it.when,
        complete=_is_all(items, it.terms),
        packages=tuple(_packages(items, packed, it)),
        short=tuple(_short(items)),
        attributes={name: value for name, value in kept.items() if value},
    )


def _is_all(items: Sequence[Item], terms: Terms) -> bool:
    """Whether nothing more comes: as of a 945, what has no lines speaks of the whole order."""
    if not items:
        return True
    return terms.omitted_is_short and not any(one.code in _TO_COME for one in items)


def _nothing_left(order: str, id_: str, it: _Notice, items: Sequence[Item]) -> FulfilmentStatus:
    return FulfilmentStatus(
        source=it.at.source(id_, occurred_at=it.when),
        fulfilment_order_id=order,
        status="short",
        at=it.when,
        reason=" ".join(sorted({one.code for one in items if one.code})) or None,
        warehouse_reference=it.number,
    )


def _holds(level: Level) -> bool:
    """Whether it only holds packages."""
    return level.code == "T" and any(it.code == "P" for it in level.inside)


def _packages(items: Sequence[Item], packed: Sequence[Level], it: _Notice) -> Iterator[Package]:
    """A package for each level that is one. Of several that stand in one line the first has its
    pieces; lines that stand in none are in one together.
    """
    held: dict[int, tuple[Level, list[Item]]] = {}
    loose: list[Item] = []
    for item in items:
        first, *others = item.packages or (None,)
        if first is None:
            loose.append(item)
            continue
        held.setdefault(id(first), (first, []))[1].append(item)
        for other in others:
            held.setdefault(id(other), (other, []))
    for level in packed:
        if not _holds(level):
            held.setdefault(id(level), (level, []))  # nobody says what is in it
    if loose or (not held and it.way["tracking_number"]):
        yield Package(**it.way, lines=_lines(loose, it.at))
    for level, inside in held.values():
        yield _package(level, inside, it)


def _package(level: Level, inside: Sequence[Item], it: _Notice) -> Package:
    tracking = [*_marked(level.own, "CP", "CR"), *notes(level.own).all("2I")]
    numbers = tracking_numbers(",".join(tracking))
    own = {**it.way, "tracking_number": numbers[0]} if numbers else it.way
    return Package(
        package_id=next(iter(_marked(level.own)), None),
        **own,
        **_measures(level.own),
        lines=_lines(inside, it.at),
    )


def _marked(own: Sequence[Segment], *kinds: str) -> list[str]:
    return [told for _, told in marked(own, *(kinds or _MARKS))]


def _measures(own: Sequence[Segment]) -> dict[str, Any]:
    """Weight and size of a package, by PO4 or TD1."""
    size = next((it for it in own if it.name == "PO4"), Segment(("PO4",)))
    freight = next((it for it in own if it.name == "TD1"), Segment(("TD1",)))
    weight = kilograms(quantity(size, 6), size.at(7))
    unit = _LENGTHS.get(size.at(13) or "")
    sides = (measured(quantity(size, place), unit) for place in (10, 11, 12))
    return {
        "weight_kg": weight or kilograms(quantity(freight, 7), freight.at(8)),
        **dict(zip(("length_cm", "width_cm", "height_cm"), sides, strict=True)),
    }


def _way(segments: Sequence[Segment], at: Context) -> dict[str, Any]:
    """Carrier and tracking number of the whole shipment: what stands before its orders."""
    end = next((at for at, it in enumerate(segments) if it.name == "HL" and it.at(3) != "S"), None)
    head = segments[:end]
    told = next((it for it in segments if it.name in {"TD5", "CAD"}), Segment(("TD5",)))
    code = told.at(3 if told.name == "TD5" else 4)
    name = told.at(5)
    tracking = tracking_numbers(notes(head).one("2I", "CN", "TN"))
    return {
        "carrier": carrier_of(code, name, at, "TD503"),
        "carrier_name": code or name,
        "service": name,
        "tracking_number": tracking[0] if tracking else None,
    }


def _lines(items: Sequence[Item], at: Context) -> tuple[ShippedLine, ...]:
    return tuple(_line(item, at) for item in items if item.shipped)


def _line(item: Item, at: Context) -> ShippedLine:
    below = notes(item.under)
    told_no = below.one("LI")
    return ShippedLine(
        line_no=int(told_no) if told_no and told_no.isdecimal() and int(told_no) else None,
        sku=item.which.sku,
        item_code=item.which.item_code,
        quantity=item.shipped,
        batch=item.which.batch or below.one("LT"),
        produced_on=day(item.under, "094", at) or day(item.under, "94", at),
        expires_on=day(item.under, "036", at) or day(item.under, "36", at),
        serials=tuple(below.all("SE")),
    )


def _short(items: Sequence[Item]) -> Iterator[ShortLine]:
    for item in items:
        missing = (item.ordered or item.shipped) - item.shipped
        if missing > 0 and item.code not in _TO_COME:
            yield ShortLine(sku=item.which.sku, quantity=missing, reason=item.code)
