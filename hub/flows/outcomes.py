"""What fulfilment orders amount to: an order is completed, cancelled or goes on, computed and
never set beside them.
"""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from hub.flows import telling
from hub.flows.unit import Unit
from hub.rules import progress
from hub.rules.progress import LineProgress
from hub.states import fulfilment_order as fo
from hub.states.machine import step
from hub.states.order import ORDER, Event, State
from hub.store import facts, orders, timeline
from hub.store.fulfilments import FulfilmentRow
from hub.store.orders import OrderRow

_NOTED = {
    Event.COMPLETE: "completed",
    Event.CANCEL: "cancelled",
    Event.REFUSE_CANCEL: "cancel_refused",
}


def conclude(
    unit: Unit, found: Sequence[tuple[OrderRow, Sequence[FulfilmentRow], UUID | None]]
) -> None:
    """Move each order to where its fulfilment orders have brought it."""
    moved, events = [], []
    for row, fulfilment, cause in found:
        states = [fo.State(one.status) for one in fulfilment]
        event = progress.outcome(State(row.status), line_progress(row, fulfilment), states)
        if event is None:
            continue
        before = State(row.status)
        moved_to = step(ORDER, before, event)
        row.status = moved_to.state
        moved.append(row)
        events.append(timeline.Event(row.merchant, row.id, _NOTED[event], {}, cause))
        if moved_to.effect == "propose_return":
            propose_return(unit, row, "the cancel came too late, goods have left", cause)
        if event is Event.CANCEL:
            unit.tell(telling.to_books(unit, [(row.document, row)], cause))
    orders.set_status(unit.db, moved)
    facts.forget(unit.db, [row.id for row in moved if row.status in ORDER.final])
    timeline.note(unit.db, events)


def line_progress(row: OrderRow, fulfilment: Sequence[FulfilmentRow]) -> list[LineProgress]:
    """Pieces wanted and shipped of each line that needs a parcel."""
    shipped: dict[int, Decimal] = {}
    for one in fulfilment:
        for line in one.lines:
            shipped[line.line_no] = shipped.get(line.line_no, Decimal(0)) + line.shipped
    wanted = Decimal(row.document.state != "cancelled")  # of a cancelled order nothing more
    return [
        LineProgress(
            wanted * (line.quantity - line.cancelled_quantity),
            shipped.get(line.line_no, Decimal(0)),
        )
        for line in row.document.lines
        if line.requires_shipping
    ]


def propose_return(unit: Unit, row: OrderRow, because: str, cause: UUID | None) -> None:
    """Ask a person: what was to be cancelled has left the building."""
    timeline.open_incidents(
        unit.db,
        [
            timeline.Incident(
                row.merchant,
                "return_proposed",
                f"order:{row.id}",
                f"order {row.document.order_number}: {because}; arrange a return or leave it",
                row.id,
                cause,
            )
        ],
    )
