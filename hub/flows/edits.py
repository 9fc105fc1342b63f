"""A newer telling of a known order: what it changes, and what becomes of the fulfilment orders it
touches.

What no warehouse was told is applied at once; what one was told is intercepted by a cancellation
that the warehouse may refuse; what has left is refused, with the reason, and becomes a proposal to
return.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.flows import judging, notices, outcomes, planning, refunds, route, telling
from hub.flows.articles import Articles
from hub.flows.planning import Wanted
from hub.flows.unit import Unit
from hub.model.order import SalesOrder
from hub.rules import changes, revision
from hub.rules.changes import Action, Changes, Fulfilment, Kind
from hub.states import fulfilment_order as fo
from hub.states.machine import step
from hub.states.order import ORDER, Event, State
from hub.store import facts, fulfilments, orders, outbox, reservations, stock, timeline
from hub.store.fulfilments import FulfilmentRow
from hub.store.orders import OrderRow

REROUTED = "rerouted"
"""Why a fulfilment order was asked back, where it is to go to another warehouse."""
_BEFORE_RELEASE = frozenset({State.RECEIVED, State.HELD})


@dataclass(frozen=True, slots=True)
class Update:
    """A newer telling: as the channel said it, and with the merchant's SKUs."""

    row: OrderRow
    told: SalesOrder
    document: SalesOrder
    cause: UUID


def apply(unit: Unit, updates: Sequence[Update], known: Articles) -> None:
    """Store newer tellings and act on them."""
    if not updates:
        return
    found = {one.row.id: changes.compare(one.row.document, one.document) for one in updates}
    for one in updates:
        _overwrite(one)
    orders.update(unit.db, unit.vault, [one.row for one in updates])
    timeline.note(unit.db, [_changed(one, found[one.row.id]) for one in updates])
    waiting = [one for one in updates if one.row.status in _BEFORE_RELEASE]
    if waiting:
        facts.forget(unit.db, [one.row.id for one in waiting])
        judgement = judging.judge(unit, [(one.row, one.cause) for one in waiting], known)
        judging.settle(unit, judgement, known)
    running = [one for one in updates if one not in waiting and found[one.row.id]]
    if running:
        _react(unit, running, found, known)


def stop(
    unit: Unit,
    row: OrderRow,
    fulfilment: Iterable[FulfilmentRow],
    why: str,
    cause: UUID | None,
    actor: str = "hub",
) -> None:
    """End these fulfilment orders: taken back where no attempt was made to tell the warehouse,
    else asked to let go.
    """
    released, asked, events = [], [], []
    for one in fulfilment:
        if one.notice_id and outbox.supersede(unit.db, one.warehouse, [one.notice_id]):
            one.status = step(fo.FULFILMENT_ORDER, fo.State(one.status), fo.Event.WITHDRAW).state
            released.append(one)
            what = "withdrawn"
        elif one.status == fo.State.CANCEL_REQUESTED:
            continue
        else:
            one.status = step(fo.FULFILMENT_ORDER, fo.State(one.status), fo.Event.ASK_CANCEL).state
            asked.append(one)
            what = "cancel_asked"
        one.reason, one.asked_back = why, True
        detail = {
            "fulfilment_order": notices.number(one.id),
            "warehouse": one.warehouse,
            "because": why,
        }
        events.append(timeline.Event(row.merchant, row.id, what, detail, cause, actor))
    partners = unit.directory.partners
    unit.tell(
        telling.to_warehouse(
            partners[one.warehouse],
            notices.cancellation(unit, one, why),
            one.merchant,
            row,
            cause,
        )
        for one in asked
        if one.warehouse in partners
    )
    fulfilments.update(unit.db, [*released, *asked])
    stock.touch(
        unit.db,
        [
            (one.merchant_id, one.sku)
            for one in reservations.release(unit.db, [r.id for r in released])
        ],
    )
    timeline.note(unit.db, events)


def _overwrite(one: Update) -> None:
    row = one.row
    row.document, row.version = one.document, row.version + 1
    row.revision, row.occurred_at = one.told.source.revision, one.told.source.occurred_at
    row.digest = bytes.fromhex(revision.digest(one.told))


def _changed(one: Update, found: Changes) -> timeline.Event:
    what = [
        name
        for name in ("address", "delivery", "payment", "cancelled", "other")
        if getattr(found, name)
    ]
    lines = [{"line": line.line_no, "change": line.kind} for line in found.lines]
    return timeline.Event(
        one.row.merchant,
        one.row.id,
        "changed",
        {"what": what, "lines": lines, "version": one.row.version},
        one.cause,
    )


def _react(
    unit: Unit, updates: Sequence[Update], found: Mapping[UUID, Changes], known: Articles
) -> None:
    fulfilment = fulfilments.of_orders(unit.db, unit.vault, [one.row.id for one in updates])
    wanted: list[Wanted] = []
    for one in updates:
        rows = fulfilment.get(one.row.id, [])
        actions = changes.react(found[one.row.id], [_as_rule_sees(row) for row in rows])
        _refuse(unit, one, actions)
        stopped = {
            a.fulfilment_order_id: a.reason
            for a in actions
            if a.kind in {Kind.WITHDRAW, Kind.ASK_CANCEL}
        }
        for row in rows:
            if notices.number(row.id) in stopped:
                stop(unit, one.row, [row], stopped[notices.number(row.id)], one.cause)
        if found[one.row.id].cancelled:
            _cancel(unit, one, rows)
        elif any(action.kind is Kind.REPLAN for action in actions):
            wanted += _replan(one, rows, known)
    orders.set_status(unit.db, [one.row for one in updates])
    told = [one for one in updates if _concerns_books(one, found[one.row.id])]
    judging.tell_books(unit, [(one.row, one.cause) for one in told])
    cause = {one.row.id: one.cause for one in updates}
    rest = [one.row for one in updates if one not in told]
    refunds.catch_up(unit, rest, lambda one: cause[one.order.id])
    route.route(unit, wanted)
    outcomes.conclude(
        unit, [(one.row, fulfilment.get(one.row.id, []), one.cause) for one in updates]
    )


def _as_rule_sees(row: FulfilmentRow) -> Fulfilment:
    return Fulfilment(
        notices.number(row.id),
        fo.State(row.status),
        told=row.status != fo.State.NOTIFIED,
        pieces={line.line_no: line.ordered - line.short for line in row.lines},
    )


def _refuse(unit: Unit, one: Update, actions: Sequence[Action]) -> None:
    refused = [action for action in actions if action.kind is Kind.REFUSE]
    if not refused:
        return
    reasons = sorted({action.reason for action in refused})
    detail = {
        "reasons": reasons,
        "fulfilment_orders": [action.fulfilment_order_id for action in refused],
    }
    timeline.note(
        unit.db, [timeline.Event(one.row.merchant, one.row.id, "change_refused", detail, one.cause)]
    )
    outcomes.propose_return(unit, one.row, reasons[0], one.cause)


def _cancel(unit: Unit, one: Update, rows: Sequence[FulfilmentRow]) -> None:
    if one.row.status != State.OPEN:
        return
    living = [row for row in rows if row.status not in fo.FULFILMENT_ORDER.final]
    gone = any(line.shipped > 0 for row in rows for line in row.lines)
    if not living and not gone:
        one.row.status = step(ORDER, State.OPEN, Event.CANCEL).state
        facts.forget(unit.db, [one.row.id])
        timeline.note(
            unit.db, [timeline.Event(one.row.merchant, one.row.id, "cancelled", {}, one.cause)]
        )
    elif living:
        one.row.status = step(ORDER, State.OPEN, Event.ASK_CANCEL).state
        facts.forget(unit.db, [one.row.id])
    else:
        outcomes.propose_return(
            unit, one.row, "the order is cancelled, but part of it has been shipped", one.cause
        )


def _replan(one: Update, rows: Sequence[FulfilmentRow], known: Articles) -> list[Wanted]:
    demand = planning.demand_of(one.row.document, one.row.merchant, known, planning.taken(rows))
    if not demand or one.row.status == State.CANCELLED:
        return []
    if one.row.status == State.COMPLETED:
        one.row.status = step(ORDER, State.COMPLETED, Event.REOPEN).state
    return (
        [Wanted(one.row, demand, one.cause, is_first=not rows)]
        if one.row.status == State.OPEN
        else []
    )


def _concerns_books(one: Update, found: Changes) -> bool:
    if found.cancelled:
        return one.row.status == State.CANCELLED
    return bool(found.lines) and one.row.status != State.CANCELLED
