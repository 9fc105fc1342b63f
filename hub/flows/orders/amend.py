"""A newer telling of a known order: what it changes, and what becomes of the fulfilment orders it
touches.

What no warehouse was told is applied at once; what one was told is intercepted by a cancellation
that the warehouse may refuse; what has left is refused, with the reason, and becomes a proposal to
return.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.flows.orders import order_steps, outcomes, refunds, review, stopping
from hub.flows.orders.order_steps import Following
from hub.flows.reconciliation import expecting
from hub.flows.routing import planning
from hub.flows.routing.planning import Wanted
from hub.flows.sku_lookup import Articles
from hub.flows.unit import Unit
from hub.model.order import SalesOrder
from hub.rules.fulfilment import serving
from hub.rules.messages import revision
from hub.rules.orders import changes
from hub.rules.orders.changes import Action, Changes, Fulfilment, Kind
from hub.states import fulfilment_order as fo
from hub.states.order import Event, State
from hub.store.orders import fulfilments, order_waits, orders, timeline
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.orders.orders import OrderRow

BEFORE_RELEASE = frozenset({State.RECEIVED, State.HELD})


@dataclass(frozen=True, slots=True)
class Update:
    """A newer telling: as the channel said it, and with the merchant's SKUs. What staff change is
    no telling: `told` is None, and what the channel said last stands.
    """

    row: OrderRow
    told: SalesOrder | None
    document: SalesOrder
    cause: UUID | None
    actor: str = "hub"


def apply(unit: Unit, updates: Sequence[Update], known: Articles) -> None:
    """Store newer tellings and act on them."""
    if not updates:
        return
    differences = {
        update.row.id: changes.compare(update.row.document, update.document) for update in updates
    }
    for update in updates:
        _overwrite(update)
    orders.update(unit.db, unit.vault, [update.row for update in updates])
    expecting.paid_otherwise(unit, [update.row for update in updates])
    timeline.note(unit.db, [_changed(update, differences[update.row.id]) for update in updates])
    waiting = [update for update in updates if update.row.status in BEFORE_RELEASE]
    if waiting:
        order_waits.forget(unit.db, [update.row.id for update in waiting])
        judgement = review.judge(unit, [(update.row, update.cause) for update in waiting], known)
        review.settle(unit, judgement, known)
    running = [update for update in updates if update not in waiting and differences[update.row.id]]
    if running:
        _react(unit, running, differences, known)


def _overwrite(update: Update) -> None:
    row = update.row
    row.document, row.version = update.document, row.version + 1
    if update.told is None:
        return
    row.revision, row.occurred_at = update.told.source.revision, update.told.source.occurred_at
    row.digest = bytes.fromhex(revision.digest(update.told))


def _changed(update: Update, difference: Changes) -> timeline.Event:
    what = [
        name
        for name in ("address", "delivery", "payment", "cancelled", "other")
        if getattr(difference, name)
    ]
    lines = [{"line": line.line_no, "change": line.kind} for line in difference.lines]
    return timeline.Event(
        update.row.merchant,
        update.row.id,
        "changed",
        {"what": what, "lines": lines, "version": update.row.version},
        update.cause,
        update.actor,
    )


def _react(
    unit: Unit, updates: Sequence[Update], differences: Mapping[UUID, Changes], known: Articles
) -> None:
    fulfilment = fulfilments.of_orders(unit.db, unit.vault, [update.row.id for update in updates])
    wanted, after = list[Wanted](), Following()
    for update in updates:
        rows = fulfilment.get(update.row.id, [])
        actions = changes.react(differences[update.row.id], [as_rule_sees(row) for row in rows])
        _refuse(unit, update, actions)
        stopped = {
            a.fulfilment_order_id: a.reason
            for a in actions
            if a.kind in {Kind.WITHDRAW, Kind.ASK_CANCEL}
        }
        for row in rows:
            if row.number in stopped:
                why = stopped[row.number]
                stopping.stop(unit, update.row, [row], why, update.cause)
        if differences[update.row.id].cancelled:
            _cancel(unit, after, update, rows)
        elif update.row.hold_reasons or any(action.kind is Kind.REPLAN for action in actions):
            wanted += _replan(unit, after, update, rows, known)
    orders.set_status(unit.db, [update.row for update in updates])
    order_steps.carry_out(unit, after)
    for_books = [
        update
        for update in updates
        if update.row.id in after.books or _concerns_books(update, differences[update.row.id])
    ]
    review.tell_books(unit, [(update.row, update.cause) for update in for_books])
    cause = {update.row.id: update.cause for update in updates}
    rest = [update.row for update in updates if update not in for_books]
    refunds.catch_up(unit, rest, lambda row: cause[row.order.id])
    order_steps.route(unit, wanted)
    ended = outcomes.conclude(
        unit, [(update.row, fulfilment.get(update.row.id, []), update.cause) for update in updates]
    )
    outcomes.tell_unfinished(unit, ended)


def as_rule_sees(row: FulfilmentRow) -> Fulfilment:
    """A fulfilment order as the rules take it."""
    return Fulfilment(
        row.number,
        fo.State(row.status),
        told=row.status != fo.State.NOTIFIED,
        pieces=serving.begun(line.serving(line.ordered - line.short) for line in row.lines),
    )


def _refuse(unit: Unit, update: Update, actions: Sequence[Action]) -> None:
    refused = [action for action in actions if action.kind is Kind.REFUSE]
    if not refused:
        return
    reasons = sorted({action.reason for action in refused})
    detail = {
        "reasons": reasons,
        "fulfilment_orders": [action.fulfilment_order_id for action in refused],
    }
    timeline.note(
        unit.db,
        [
            timeline.Event(
                update.row.merchant, update.row.id, "change_refused", detail, update.cause
            )
        ],
    )
    order_steps.propose_return(unit, update.row, reasons[0], update.cause)


def _cancel(unit: Unit, after: Following, update: Update, rows: Sequence[FulfilmentRow]) -> None:
    if update.row.status != State.OPEN:
        return
    update.row.hold_reasons = []
    living = [row for row in rows if row.status not in fo.FULFILMENT_ORDER.final]
    gone = any(line.shipped > 0 for row in rows for line in row.lines)
    if not living and not gone:
        order_steps.take(unit, after, update.row, Event.CALL_OFF, update.cause, rows)
        timeline.note(
            unit.db,
            [timeline.Event(update.row.merchant, update.row.id, "cancelled", {}, update.cause)],
        )
    elif living:
        order_steps.take(unit, after, update.row, Event.ASK_CANCEL, update.cause, rows)
    else:
        order_steps.propose_return(
            unit,
            update.row,
            "the order is cancelled, but part of it has been shipped",
            update.cause,
        )


def _replan(
    unit: Unit, after: Following, update: Update, rows: Sequence[FulfilmentRow], known: Articles
) -> list[Wanted]:
    wanted = planning.wanted(unit, update.row, rows, known, update.cause)
    if update.row.status == State.COMPLETED and wanted.demand:
        order_steps.take(unit, after, update.row, Event.REOPEN, update.cause, rows)
    return [wanted] if update.row.status == State.OPEN else []


def _concerns_books(update: Update, difference: Changes) -> bool:
    """Of one that is cancelled they hear when it is over, by the step."""
    return (
        not difference.cancelled and bool(difference.lines) and update.row.status != State.CANCELLED
    )
