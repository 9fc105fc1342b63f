"""What fulfilment orders amount to: an order is completed, cancelled or goes on, computed and
never set beside them. Of kits that will never be whole then, the channel and the books hear once.
"""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from hub.flows import telling
from hub.flows.invoices import drawing as invoices
from hub.flows.orders import order_steps
from hub.flows.orders.order_steps import Ended, Following
from hub.flows.unit import Unit
from hub.model.fulfilment import Shipment
from hub.model.product import Served
from hub.rules.fulfilment import serving
from hub.rules.fulfilment.as_ordered import never_whole, of_order
from hub.rules.fulfilment.serving import Unfinished
from hub.rules.orders import edited, progress, review_effects
from hub.rules.orders.progress import LineProgress
from hub.states import fulfilment_order as fo
from hub.states.order import ORDER, Event, State
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.orders import fulfilments, orders, shipments, timeline
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.orders.orders import OrderRow

_NOTED = {
    Event.COMPLETE: "completed",
    Event.GIVE_UP: "completed",
    Event.CALL_OFF: "cancelled",
    Event.CANCEL: "cancelled",
    Event.REFUSE_CANCEL: "cancel_refused",
}
_Lacking = tuple[OrderRow, Sequence[FulfilmentRow], list[Unfinished], UUID | None]


def conclude(
    unit: Unit, touched: Sequence[tuple[OrderRow, Sequence[FulfilmentRow], UUID | None]]
) -> list[Ended]:
    """Move each order to where its fulfilment orders have brought it. Returns those that are over:
    the caller tells what of their kits will not be finished.
    """
    moved, events, after = [], [], Following()
    for row, fulfilment, cause in touched:
        event = _outcome(row, fulfilment)
        if event is None:
            continue
        row.hold_reasons = []
        order_steps.take(unit, after, row, event, cause, fulfilment)
        moved.append(row)
        events.append(timeline.Event(row.merchant, row.id, _NOTED[event], {}, cause))
    for row, cause in after.books.values():
        unit.tell(telling.to_books(unit, [(row.document, row)], cause))
    orders.update(unit.db, unit.vault, after.rewritten)
    orders.set_status(unit.db, moved)
    order_steps.carry_out(unit, after)
    timeline.note(unit.db, events)
    return after.ended


def _outcome(row: OrderRow, fulfilment: Sequence[FulfilmentRow]) -> Event | None:
    return progress.outcome(
        State(row.status),
        line_progress(row, fulfilment),
        [fo.State(part.status) for part in fulfilment],
        called_off=row.document.state == "cancelled",
    )


def line_progress(row: OrderRow, fulfilment: Sequence[FulfilmentRow]) -> list[LineProgress]:
    """Pieces wanted and shipped of each line that needs a parcel of ours, by us or, as the channel
    says, by others. Lines that others send are no part of it: the order is done here when ours are.
    """
    shipped, begun = order_steps.shipped(fulfilment), order_steps.begun(fulfilment)
    wanted = Decimal(row.document.state != "cancelled")  # of a cancelled order nothing more
    return [
        LineProgress(
            wanted * (line.quantity - line.cancelled_quantity),
            max(shipped.get(line.line_no, Decimal(0)), line.fulfilled_quantity),
            begun.get(line.line_no, Decimal(0)),
        )
        for line in row.document.lines
        if line.ours_to_ship
    ]


def tell_unfinished(unit: Unit, ended: Sequence[Ended]) -> None:
    """Tell of the kits of these orders that will not be finished, where there are any. They count
    as what left from then on, so that nobody hears of them twice.
    """
    bare = [row.id for row, parts, _ in ended if not parts]
    known = fulfilments.of_orders(unit.db, unit.vault, bare) if bare else {}
    lacking = [
        (row, goods, kits, cause)
        for row, parts, cause in ended
        if row.status in ORDER.final and (goods := parts or known.get(row.id, ()))
        and (kits := serving.unfinished(_left(goods)))
    ]  # fmt: skip
    if not lacking:
        return
    ids = {row.id for row, _, _, _ in lacking}
    kept = shipments.withheld(unit.db, unit.vault, ids)
    fulfilments.end_kits(unit.db, ids)
    shipments.withhold(unit.db, ids, ())
    invoices.shipped(unit, [row for row, _, _, _ in lacking if row.document.state != "cancelled"])
    for it in lacking:
        _say(unit, it, kept.get(it[0].id) or _last(unit, it[1]))


def unfinished(ended: Sequence[Ended]) -> set[UUID]:
    """The orders of which `tell_unfinished` has still something to tell; all are loaded."""
    return {row.id for row, parts, _ in ended if serving.unfinished(_left(parts))}


def _left(parts: Sequence[FulfilmentRow]) -> list[Served]:
    return [line.serving(line.shipped) for row in parts for line in row.lines]


def _last(unit: Unit, parts: Sequence[FulfilmentRow]) -> list[Shipment]:
    """The parcels that held the parts beside other goods, and were told with these."""
    ids = [row.id for row in parts if any(it.kit and it.shipped > 0 for it in row.lines)]
    return [its[-1] for its in shipments.of(unit.db, unit.vault, ids).values()]


def _say(unit: Unit, it: _Lacking, left: Sequence[Shipment]) -> None:
    row, parts, kits, cause = it
    bare = never_whole(left, kits)
    sent_by = next((p for p in parts if p.told_as == bare.fulfilment_order_id), parts[-1])
    sold = [Served(kit.order_line, kit.kit, kit.pieces) for kit in kits]
    order = of_order(row.document, (row.channel, row.merchant, sent_by.warehouse), sold)
    order = order.model_copy(update={"order_complete": row.status == State.COMPLETED})
    whole = bare.model_copy(update={"order": order})
    of_channel = review_effects.without_gifts(whole, row.document)
    for_channel = of_channel and edited.as_sold(of_channel, row.document)
    if for_channel:
        unit.tell(telling.to_channel(unit, for_channel, row, cause))
    unit.tell(telling.to_books(unit, [(whole, row)], cause))
    if row.document.state != "cancelled":  # else a person was asked to have them back
        missing = [f"{n:f} {sku}" for kit in kits for sku, n in sorted(kit.lacking.items()) if n]
        sentence = (
            f"order {row.document.order_number}: kits left without {', '.join(missing)[:200]};"
            " pay back a part of them, or send what is missing"
        )
        subject = f"order:{row.id}"
        incidents.open_new(
            unit.db, [Incident(row.merchant, "kit_unfinished", subject, sentence, row.id, cause)]
        )
