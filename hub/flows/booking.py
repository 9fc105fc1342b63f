"""Shipments booked: goods off the stock, their reservations used up, the channel and the books
told what left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from hub.flows import notices, telling
from hub.flows.unit import Told, Unit
from hub.model.fulfilment import Shipment, ShippedOrder, ShippedOrderLine
from hub.rules.shipping import Decision
from hub.states.order import State
from hub.store import reservations
from hub.store.fulfilments import FulfilmentRow
from hub.store.orders import OrderRow
from hub.store.stock import Movement


@dataclass(frozen=True, slots=True)
class Booked:
    """A shipment with what the rules make of it."""

    id: UUID
    row: FulfilmentRow
    shipment: Shipment
    decision: Decision
    told: Told


def movements(unit: Unit, booked: Sequence[Booked]) -> list[Movement]:
    """Use up the reservations and say what leaves the stock; what is told short is only let go.
    `stock.move` then takes it, last of all.
    """
    left = [(one.row.id, it.line_no, it.quantity) for one in booked for it in one.decision.shipped]
    let_go = [
        (one.row.id, it.line_no, it.quantity) for one in booked for it in one.decision.missing
    ]
    used = {
        (row.fulfilment_order_id, row.line_no): row.used
        for row in reservations.use(unit.db, _summed([*left, *let_go]))
    }
    found = []
    for one in booked:
        document = f"shipment:{notices.number(one.row.id)}:{one.shipment.source.id}"
        for shipped in one.decision.shipped:
            held = used.pop((one.row.id, shipped.line_no), Decimal(0))
            found.append(_leaving(one, shipped.sku, -shipped.quantity, document, held))
        for missing in one.decision.missing:
            held = used.pop((one.row.id, missing.line_no), Decimal(0))
            found.append(_leaving(one, missing.sku, Decimal(0), document, held))
        found += [
            _leaving(one, stray.sku, -stray.quantity, document, Decimal(0))
            for stray in one.decision.strays
            if stray.sku
        ]
    return found


def tell(unit: Unit, booked: Sequence[Booked], orders: Mapping[UUID, OrderRow]) -> None:
    """Tell the channel of tracking and the books of the delivery."""
    for one in booked:
        if not one.decision.booked:
            continue
        order = orders[one.row.order_id]
        document = one.shipment.model_copy(update={"order": _order(one, order)})
        cause = one.told.message_id
        unit.tell(
            [
                *telling.to_channel(unit, document, order, cause),
                *telling.to_books(unit, [(document, order)], cause),
            ]
        )


def _summed(uses: Sequence[tuple[UUID, int, Decimal]]) -> list[tuple[UUID, int, Decimal]]:
    """One row a reservation: a batch may ship a line in several parcels."""
    sums: dict[tuple[UUID, int], Decimal] = {}
    for fulfilment, line, quantity in uses:
        sums[(fulfilment, line)] = sums.get((fulfilment, line), Decimal(0)) + quantity
    return [(fulfilment, line, quantity) for (fulfilment, line), quantity in sums.items()]


def _leaving(one: Booked, sku: str, delta: Decimal, document: str, reserved: Decimal) -> Movement:
    return Movement(
        merchant=one.row.merchant,
        warehouse=one.row.warehouse,
        sku=sku,
        delta=delta,
        reason="shipment",
        document=document,
        reserved=reserved,
        actor=one.row.warehouse,
    )


def _order(one: Booked, order: OrderRow) -> ShippedOrder:
    lines = {line.line_no: line for line in order.document.lines}
    return ShippedOrder(
        channel=order.channel,
        channel_order_id=order.channel_order_id,
        order_number=order.document.order_number,
        merchant=one.row.merchant,
        warehouse=one.row.warehouse,
        lines=tuple(
            ShippedOrderLine(
                line_no=shipped.line_no,
                channel_line_id=lines[shipped.line_no].channel_line_id
                if shipped.line_no in lines
                else None,
                sku=shipped.sku,
                quantity=shipped.quantity,
            )
            for shipped in one.decision.shipped
        ),
        order_complete=order.status == State.COMPLETED,
    )
