"""Shipments booked: goods off the stock, their reservations used up, the channel and the books
told what left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from hub.flows import telling
from hub.flows.fulfilment.parcels import Booked, to_tell
from hub.flows.invoices import drawing as invoices
from hub.flows.reconciliation import expecting
from hub.flows.unit import Unit
from hub.model.fulfilment import Shipment
from hub.states.order import State
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.orders.orders import OrderRow
from hub.store.stock import reservations
from hub.store.stock.stock_levels import Movement


def movements(unit: Unit, booked: Sequence[Booked]) -> list[Movement]:
    """Use up the reservations and say what leaves the stock; what is told short is only let go.
    `stock.move` then takes it, last of all.
    """
    left = [
        (entry.row.id, it.line_no, it.quantity) for entry in booked for it in entry.decision.shipped
    ]
    let_go = [
        (entry.row.id, it.line_no, it.quantity) for entry in booked for it in entry.decision.missing
    ]
    used = {
        (row.fulfilment_order_id, row.line_no): row.used
        for row in reservations.use(unit.db, _summed([*left, *let_go]))
    }
    moved = []
    for entry in booked:
        document = f"shipment:{entry.row.told_as}:{entry.shipment.source.id}"
        for shipped in entry.decision.shipped:
            held = used.pop((entry.row.id, shipped.line_no), Decimal(0))
            leaving = _leaving(entry, shipped.sku, -shipped.quantity, document, held)
            named = replace(leaving, batch=shipped.batch, expires_on=shipped.expires_on)
            moved.append(named)
        for missing in entry.decision.missing:
            held = used.pop((entry.row.id, missing.line_no), Decimal(0))
            moved.append(_leaving(entry, missing.sku, Decimal(0), document, held))
        moved += [
            _leaving(entry, stray.sku, -stray.quantity, document, Decimal(0))
            for stray in entry.decision.strays
            if stray.sku
        ]
    return moved


def tell(
    unit: Unit,
    booked: Sequence[Booked],
    orders: Mapping[UUID, OrderRow],
    whole: Mapping[UUID, Sequence[FulfilmentRow]],
) -> None:
    """Tell the channel of tracking and the books of the delivery; carriers will ask for it.
    `whole`: all fulfilment orders of each order.
    """
    left = [it for it in booked if it.decision.booked]
    expecting.carried(unit, [(it.shipment, orders[it.row.order_id]) for it in left])
    parcels = to_tell(unit, left, orders, whole)
    invoices.shipped(unit, [it.order for it in parcels])
    last = {it.order.id: it.entry.id for it in parcels}
    last_of_sold = {it.order.id: it.entry.id for it in parcels if it.for_channel}
    for it in parcels:
        entry, order, cause = it.entry, it.order, it.entry.telling.message_id
        for_books = _said(it.document, order, is_last=last[order.id] == entry.id)
        for_channel = it.for_channel and _said(
            it.for_channel, order, is_last=last_of_sold[order.id] == entry.id
        )
        unit.tell(
            [
                *(telling.to_channel(unit, for_channel, order, cause) if for_channel else ()),
                *telling.to_books(unit, [(for_books, order)], cause),
            ]
        )


def _said(document: Shipment, order: OrderRow, *, is_last: bool) -> Shipment:
    """Of parcels that are booked together the last says that all has left, and no other: each is
    told on its own, and whoever hears it closes the order.
    """
    complete = is_last and order.status == State.COMPLETED
    shipped = document.order and document.order.model_copy(update={"order_complete": complete})
    return document.model_copy(update={"order": shipped})


def _summed(uses: Sequence[tuple[UUID, int, Decimal]]) -> list[tuple[UUID, int, Decimal]]:
    """One row a reservation: a batch may ship a line in several parcels."""
    sums: dict[tuple[UUID, int], Decimal] = {}
    for fulfilment, line, quantity in uses:
        sums[(fulfilment, line)] = sums.get((fulfilment, line), Decimal(0)) + quantity
    return [(fulfilment, line, quantity) for (fulfilment, line), quantity in sums.items()]


def _leaving(entry: Booked, sku: str, delta: Decimal, document: str, reserved: Decimal) -> Movement:
    return Movement(
        merchant=entry.row.merchant,
        warehouse=entry.row.warehouse,
        sku=sku,
        delta=delta,
        reason="shipment",
        document=document,
        reserved=reserved,
        actor=entry.row.warehouse,
    )
