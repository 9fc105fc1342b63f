"""Shipments booked: goods off the stock, their reservations used up, the channel and the books
told what left.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from hub.flows import telling
from hub.flows.fulfilment.batch import Desk
from hub.flows.fulfilment.parcels import Booked, to_tell
from hub.flows.invoices import drawing as invoices
from hub.flows.reconciliation import expecting
from hub.flows.unit import Unit
from hub.model.fulfilment import Shipment
from hub.model.product import Served
from hub.states.order import State
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident, carrier_subject
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


def ask_of_carriers(unit: Unit, booked: Sequence[Booked]) -> None:
    """Have a person say who the carriers are that no code list has: their parcels have left, and
    are told by the warehouse's word.
    """
    asked = {
        (it.row.merchant, it.row.warehouse, parcel.carrier_name): it
        for it in booked
        for parcel in it.shipment.packages
        if it.decision.booked and parcel.carrier is None and parcel.carrier_name
    }
    incidents.open_new(
        unit.db,
        [
            Incident(
                merchant,
                "unknown_carrier",
                carrier_subject(warehouse, name),
                f"{warehouse} ships by {name[:60]}, which its code list carriers does not have",
                it.row.order_id,
                it.telling.message_id,
            )
            for (merchant, warehouse, name), it in asked.items()
        ],
    )


def ask_of_late_parts(unit: Unit, booked: Sequence[Booked]) -> None:
    """Have a person say it where parts of a kit left after the kit was told as one that lacks them:
    whoever heard of that hears of no parts.
    """
    late = [
        (it, parts)
        for it in booked
        if (parts := [part for part in it.left if part.kit is not None and part.kit.ended])
    ]
    incidents.open_new(
        unit.db,
        [
            Incident(
                it.row.merchant,
                "kit_part_late",
                f"shipment:{it.id}",
                f"{it.row.number}: {_shown(parts)} left after its kit was told: {_sent(it)}",
                it.row.order_id,
                it.telling.message_id,
            )
            for it, parts in late
        ],
    )


def _shown(parts: Sequence[Served]) -> str:
    return ", ".join(f"{it.pieces.normalize():f} {it.sku}" for it in parts)[:200]


def _sent(it: Booked) -> str:
    """The numbers of the parcels."""
    packages = it.shipment.packages
    named = [one.tracking_number or one.package_id or "" for one in packages]
    return ", ".join(filter(None, named))[:200] or it.row.number


def tell(unit: Unit, booked: Sequence[Booked], desk: Desk, more: Collection[UUID]) -> None:
    """Tell the channel of tracking and the books of the delivery; carriers will ask for it. Of the
    orders in `more` something else is told after it.
    """
    orders, whole = desk.orders, desk.whole
    left = [it for it in booked if it.decision.booked]
    expecting.carried(unit, [(it.shipment, orders[it.row.order_id]) for it in left])
    parcels = to_tell(unit, left, orders, whole)
    invoices.shipped(unit, [it.order for it in parcels])
    closing = [it for it in parcels if it.order.id not in more]
    last = {it.order.id: it.entry.id for it in closing}
    last_of_sold = {it.order.id: it.entry.id for it in closing if it.for_channel}
    for it in parcels:
        entry, order, cause = it.entry, it.order, it.entry.telling.message_id
        for_books = _said(it.document, order, is_last=last.get(order.id) == entry.id)
        for_channel = it.for_channel and _said(
            it.for_channel, order, is_last=last_of_sold.get(order.id) == entry.id
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
        happened_at=entry.shipment.shipped_at,
    )
