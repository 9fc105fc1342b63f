"""Fulfilment orders that we end ourselves: taken back, or asked back from their warehouse."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from hub.flows.orders import order_steps
from hub.flows.orders.order_steps import Following
from hub.flows.routing import fulfilment_orders, merging
from hub.flows.unit import Unit
from hub.model.errors import Problem
from hub.rules.orders.obstacles import Standing, dispute_fact, facts_of
from hub.states.fulfilment_order import FULFILMENT_ORDER, Event, State
from hub.states.machine import allowed, step
from hub.states.order import Event as OrderEvent
from hub.states.order import State as OrderState
from hub.store.messages import outbox
from hub.store.orders import fulfilments, merged, orders, timeline
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.orders.orders import OrderRow
from hub.store.reconciliation import cases
from hub.store.stock import levels_touched, reservations

_NOTED = {Event.WITHDRAW: "withdrawn", Event.ASK_CANCEL: "cancel_asked"}


@dataclass(slots=True)
class _Stopped:
    """What follows for fulfilment orders that were stopped together."""

    released: list[FulfilmentRow] = field(default_factory=list)
    asked: list[tuple[OrderRow, FulfilmentRow]] = field(default_factory=list)
    events: list[timeline.Event] = field(default_factory=list)


EFFECTS: Mapping[str, Callable[[_Stopped, OrderRow, FulfilmentRow], None]] = {
    "release_stock": lambda stopped, _, row: stopped.released.append(row),
    "ask_warehouse": lambda stopped, order, row: stopped.asked.append((order, row)),
}
"""Who takes what follows a step of ours (`hub/states/fulfilment_order.py`)."""


def stop(
    unit: Unit,
    order: OrderRow,
    fulfilment: Iterable[FulfilmentRow],
    why: str,
    cause: UUID | None,
    actor: str = "hub",
) -> None:
    """End these fulfilment orders: taken back where no attempt was made to tell the warehouse,
    else asked to let go.
    """
    stop_all(unit, [(order, list(fulfilment))], why, cause, actor)


def stop_all(
    unit: Unit,
    parts: Sequence[tuple[OrderRow, Sequence[FulfilmentRow]]],
    why: str,
    cause: UUID | None,
    actor: str = "hub",
) -> None:
    """End the fulfilment orders of many orders, in a few statements for all of them."""
    stopped = _Stopped()
    moved = []
    merged.refresh(unit.db, [row for _, rows in parts for row in rows])
    back = _taken_back(unit, [row for _, rows in parts for row in rows])
    for order, row in ((order, row) for order, rows in parts for row in rows):
        event = _event(row, back)
        if event is None:
            continue
        taken = step(FULFILMENT_ORDER, State(row.status), event)
        row.status, row.reason, row.asked_back = taken.state, why, True
        for effect in taken.effects:
            EFFECTS[effect](stopped, order, row)
        moved.append(row)
        detail = {
            "fulfilment_order": row.number,
            "warehouse": row.warehouse,
            "because": why,
        }
        stopped.events.append(
            timeline.Event(order.merchant, order.id, _NOTED[event], detail, cause, actor)
        )
    _ask(unit, stopped.asked, why, cause)
    fulfilments.update(unit.db, unit.vault, moved)
    merging.tell_rest(unit, [row for row in moved if row.notice_id in back], cause)
    grown = reservations.release(unit.db, [row.id for row in stopped.released])
    levels_touched.touch(unit.db, [(level.merchant_id, level.sku) for level in grown])
    timeline.note(unit.db, stopped.events)


def _taken_back(unit: Unit, rows: Sequence[FulfilmentRow]) -> set[UUID]:
    """The notices of these that no attempt was made to tell: they are taken back."""
    notices: dict[str, set[UUID]] = {}
    for row in rows:
        if row.notice_id:
            notices.setdefault(row.warehouse, set()).add(row.notice_id)
    return {
        notice
        for warehouse, ids in sorted(notices.items())
        for notice in outbox.supersede(unit.db, warehouse, sorted(ids))
    }


def _event(row: FulfilmentRow, back: Collection[UUID]) -> Event | None:
    """How it can be stopped; None where it was asked back before.

    A warehouse that spoke of it knows of it, whoever told: it is asked.
    """
    if row.notice_id in back and Event.WITHDRAW in allowed(FULFILMENT_ORDER, State(row.status)):
        return Event.WITHDRAW
    return None if row.status == State.CANCEL_REQUESTED else Event.ASK_CANCEL


def _ask(
    unit: Unit, asked: Iterable[tuple[OrderRow, FulfilmentRow]], why: str, cause: UUID | None
) -> None:
    partners = unit.directory.connections
    unit.tell(
        fulfilment_orders.telling_of(
            partners[row.warehouse],
            fulfilment_orders.cancellation(unit, row, why),
            row.merchant,
            order,
            cause,
        )
        for order, row in asked
        if row.warehouse in partners
    )


RISK = "risk"
_WHY = {
    "open": "a bank took its payment back",
    "evidence": "a bank took its payment back, and the case is open",
    "lost": "a bank took its payment back, and the case is lost",
}


def dispute_risks(unit: Unit, rows: Sequence[OrderRow]) -> dict[UUID, tuple[str, ...]]:
    """What speaks against orders whose payment a bank took back."""
    found = cases.disputed(unit.db, [row.id for row in rows])
    return {order_id: (_WHY[status],) for order_id, status in found.items()}


def stop_disputed(unit: Unit, rows: Sequence[OrderRow]) -> set[UUID]:
    """Of orders that are looked at: hold the open ones whose payment a bank took back, as a risk,
    instead of letting them leave unpaid. What a warehouse was told of is asked back. Who releases
    one all the same has said so for that case; another case holds it anew. Returns those that were
    held here.
    """
    new = [row for row in rows if dispute_fact(row.id) in unit.waited.get(row.id, ())]
    against = dispute_risks(unit, new)
    disputed = [row for row in new if row.id in against]
    for row in disputed:
        row.overrides = [code for code in row.overrides if code != RISK]
    stopped = [row for row in disputed if row.status == OrderState.OPEN]
    had = fulfilments.of_orders(unit.db, unit.vault, [row.id for row in stopped])
    after, events, waits = Following(), [], []
    for row in stopped:
        parts = had.get(row.id, [])
        living = [part for part in parts if part.status not in FULFILMENT_ORDER.final]
        stop(unit, row, living, RISK, None)
        order_steps.take(unit, after, row, OrderEvent.HOLD, None, parts)
        row.hold_reasons = [
            Problem("", RISK, f"flagged as a risk: {why}").as_dict() for why in against[row.id]
        ]
        standing = Standing(row.merchant, row.channel)
        waits += [(row.merchant, row.id, fact) for fact in facts_of([RISK], standing)]
        events.append(timeline.Event(row.merchant, row.id, "held", {"reasons": [RISK]}))
    orders.update(unit.db, unit.vault, disputed)
    order_steps.carry_out(unit, after)
    unit.wait_anew([row.id for row in stopped])
    unit.wait_for(waits)
    timeline.note(unit.db, events)
    return {row.id for row in stopped}
