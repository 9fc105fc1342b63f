"""DESADV, despatch advice: what left, in which packages (`packages.py`), and what is missing.

One advice may speak of several orders: each is a shipment.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO, Document
from hub.model.fulfilment import FulfilmentStatus, Shipment, ShortLine
from mappings.edifact.envelope import Message
from mappings.edifact.heads import Head, head_of, in_order
from mappings.edifact.lines import Level, Row, levels_of, order_of
from mappings.edifact.packages import PACKAGE_MARKS, Packing, way_of
from mappings.edifact.segments import marks
from mappings.edifact.terms import Terms
from mappings.kit import Context

_TO_COME = frozenset({"BP", "BK", "SS", "AS", "AN", "PS", "PN"})
"""Discrepancies (4221) after which another advice follows."""
_CANCELLED = frozenset({"IC", "CK"})


def advice(told: Message, terms: Terms, at: Context) -> list[Document]:
    """What left, a shipment for each order; where nothing did, that it was cancelled or lacks."""
    in_order(told, "LIN")
    head = head_of(told, ("11", "17", "137"), terms, at)
    levels = list(levels_of(told, head, terms))
    rows = [row for level in levels for row in level.rows]
    orders = dict.fromkeys(row.order for row in rows) or {order_of(head, terms): None}
    packing = Packing(head, terms, at, way_of(head, terms, at))
    numbers = {order: f"{head.number}:{order}" if len(orders) > 1 else head.number
               for order in orders}  # fmt: skip
    return [_of_order(order, id_, levels, packing) for order, id_ in numbers.items()]


def _of_order(order: str, id_: str, levels: Sequence[Level], packing: Packing) -> Document:
    head, at = packing.head, packing.at
    rows = [row for level in levels for row in level.rows if row.order == order]
    if rows and not any(row.shipped for row in rows):
        return _nothing_left(order, id_, head, rows, at)
    return Shipment(
        source=at.source(id_, occurred_at=head.when),
        fulfilment_order_id=order,
        warehouse_reference=head.number,
        shipped_at=head.when,
        complete=_is_all(rows, packing.terms),
        packages=packing.of(levels, order),
        short=tuple(_short(rows)),
        attributes=_attributes(head, levels, rows),
    )


def _is_all(rows: Sequence[Row], terms: Terms) -> bool:
    """Whether nothing more comes. Of lines that it does not name an advice says nothing, unless it
    was agreed; one without lines speaks of the whole order.
    """
    if not rows:
        return True
    return terms.omitted_is_short and not any(row.code in _TO_COME for row in rows)


def _short(rows: Sequence[Row]) -> Iterator[ShortLine]:
    """What is missing of each line for good, over all its batches."""
    missing: dict[tuple[int | None, str | None], Decimal] = {}
    reasons: dict[tuple[int | None, str | None], str] = {}
    for row in rows:
        which = (row.line_no, row.which.sku)
        missing[which] = missing.get(which, ZERO) + row.ordered - row.shipped
        reasons[which] = row.code
    for (line_no, sku), count in missing.items():
        reason = reasons[line_no, sku]
        if count > 0 and reason not in _TO_COME:
            yield ShortLine(line_no=line_no, sku=sku, quantity=count, reason=reason or None)


def _nothing_left(
    order: str, id_: str, head: Head, rows: Sequence[Row], at: Context
) -> FulfilmentStatus:
    codes = sorted({row.code for row in rows})
    return FulfilmentStatus(
        source=at.source(id_, occurred_at=head.when),
        fulfilment_order_id=order,
        status="cancelled" if _CANCELLED.issuperset(codes) else "short",
        at=head.when,
        reason=" ".join(codes).strip() or None,
        warehouse_reference=head.number,
    )


def _attributes(head: Head, levels: Sequence[Level], rows: Sequence[Row]) -> dict[str, Any]:
    above = {level.above for level in levels}
    pallets = [
        id_ for it in levels if it.number in above and not it.rows
        for id_ in marks(it.own, *PACKAGE_MARKS)
    ]  # fmt: skip
    kept = {
        "delivery_note": head.notes.one("DQ"),
        "bill_of_lading": head.notes.one("BM"),
        "pallets": pallets,
        "discrepancies": sorted({row.code for row in rows if row.code}),
    }
    return {name: value for name, value in kept.items() if value}
