"""What fulfilment orders amount to: an order is completed, cancelled or goes on, computed and
never set beside them.
"""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from hub.flows import telling
from hub.flows.orders import order_steps
from hub.flows.orders.order_steps import Following
from hub.flows.unit import Unit
from hub.rules.orders import progress
from hub.rules.orders.progress import LineProgress
from hub.states import fulfilment_order as fo
from hub.states.order import Event, State
from hub.store.orders import orders, timeline
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.orders.orders import OrderRow

_NOTED = {
    Event.COMPLETE: "completed",
    Event.GIVE_UP: "completed",
    Event.CALL_OFF: "cancelled",
    Event.CANCEL: "cancelled",
    Event.REFUSE_CANCEL: "cancel_refused",
}


def conclude(
    unit: Unit, touched: Sequence[tuple[OrderRow, Sequence[FulfilmentRow], UUID | None]]
) -> None:
    """Move each order to where its fulfilment orders have brought it."""
    moved, events, after = [], [], Following()
    for row, fulfilment, cause in touched:
        event = _outcome(row, fulfilment)
        if event is None:
            continue
        row.hold_reasons = []
        order_steps.take(unit, after, row, event, cause, fulfilment)
        if row.status == State.CANCELLED and any(order_steps.begun(fulfilment).values()):
            order_steps.propose_return(unit, row, "parts of a kit have left", cause)
        moved.append(row)
        events.append(timeline.Event(row.merchant, row.id, _NOTED[event], {}, cause))
    for row, cause in after.books.values():
        unit.tell(telling.to_books(unit, [(row.document, row)], cause))
    orders.update(unit.db, unit.vault, after.rewritten)
    orders.set_status(unit.db, moved)
    order_steps.carry_out(unit, after)
    timeline.note(unit.db, events)


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
    shipped = order_steps.shipped(fulfilment)
    wanted = Decimal(row.document.state != "cancelled")  # of a cancelled order nothing more
    return [
        LineProgress(
            wanted * (line.quantity - line.cancelled_quantity),
            max(shipped.get(line.line_no, Decimal(0)), line.fulfilled_quantity),
        )
        for line in row.document.lines
        if line.ours_to_ship
    ]
