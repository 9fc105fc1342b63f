"""Reserve and route: decide which warehouse ships what, take the stock, plan the fulfilment orders,
tell the warehouses.

Planned in memory from one reading of the stock, written, and then taken by one conditional UPDATE
as the last statement. Where somebody was faster, all of it is rolled back to the savepoint and
planned again from fresh numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.flows import notices, planning, telling
from hub.flows.planning import Shelves, Wanted
from hub.flows.unit import Unit
from hub.model.errors import Problem
from hub.rules import splitting
from hub.rules.sourcing import Plan
from hub.states.machine import step
from hub.states.order import ORDER, Event, State
from hub.store import fulfilments, orders, reservations, stock, timeline
from hub.store.fulfilments import FulfilmentRow
from hub.store.ids import new_id
from hub.store.reservations import Reservation

_TRIES = 4


@dataclass(slots=True)
class _Draft:
    """What one round of planning came to."""

    plans: list[tuple[Wanted, Plan]] = field(default_factory=list)
    fulfilment: list[FulfilmentRow] = field(default_factory=list)
    reservations: list[Reservation] = field(default_factory=list)


def route(unit: Unit, wanted: Sequence[Wanted], shelves: Shelves | None = None) -> None:
    """Find a warehouse for every order, or hold it with the reason. The orders are `open` when
    they come here. `shelves`: what is there, where it was read already.
    """
    todo = [one for one in wanted if one.demand]
    for left in range(_TRIES - 1, -1, -1):
        if not todo:
            return
        with unit.db.begin_nested() as savepoint:
            rings = set(unit.rings)
            if shelves is None:
                shelves = planning.read_shelves(unit, [one.demand for one in todo])
            draft = _plan(unit, todo, shelves)
            _write(unit, draft)
            if reservations.claim(unit.db, draft.reservations):
                _touch(unit, draft)
                return
            savepoint.rollback()
            unit.rings, shelves = rings, None
        if not left:
            _hold_all(unit, todo)


def _plan(unit: Unit, wanted: Sequence[Wanted], shelves: Shelves) -> _Draft:
    draft = _Draft()
    grounds = planning.grounds(unit, wanted, shelves)
    for one in wanted:
        plan = planning.plan(unit, one, grounds[one.row.merchant])
        draft.plans.append((one, plan))
        rows = notices.plan(unit, one.row, plan, _cash_left(one))
        draft.fulfilment += rows
        for row in rows:
            for line in row.lines:
                _take(shelves, row, line.sku, line.ordered)
                draft.reservations.append(
                    Reservation(
                        row.merchant,
                        row.order_id,
                        line.line_no,
                        row.id,
                        row.warehouse,
                        line.sku,
                        line.ordered,
                    )
                )
    return draft


def _write(unit: Unit, draft: _Draft) -> None:
    by_order = {one.row.id: one for one, _ in draft.plans}
    partners = unit.directory.partners
    ids = unit.tell(
        telling.to_warehouse(
            partners[row.warehouse],
            row.document,
            row.merchant,
            by_order[row.order_id].row,
            by_order[row.order_id].cause,
        )
        for row in draft.fulfilment
    )
    for row, message_id in zip(draft.fulfilment, ids, strict=True):
        row.notice_id = message_id
    fulfilments.insert(unit.db, unit.vault, draft.fulfilment)
    planned: dict[UUID, list[FulfilmentRow]] = {}
    for row in draft.fulfilment:
        planned.setdefault(row.order_id, []).append(row)
    held, events, waits = [], [], []
    for one, plan in draft.plans:
        events.append(_routed(one, plan, planned.get(one.row.id, [])))
        waits += [
            (one.row.merchant, one.row.id, f"stock:{need.merchant}:{need.sku}")
            for need in plan.unfilled
        ]
        if plan.fallback == "hold" and not _under_way(one):
            one.row.status = step(ORDER, State(one.row.status), Event.HOLD).state
            one.row.hold_reasons = [why_unfilled(plan).as_dict()]
            held.append(one.row)
    orders.set_status(unit.db, held)
    unit.wait_for(waits)
    orders.keep_decisions(
        unit.db,
        [
            (new_id(), one.row.merchant, one.row.id, list(plan.reasoning))
            for one, plan in draft.plans
        ],
    )
    timeline.note(unit.db, events)
    reservations.record(unit.db, draft.reservations)


def _routed(one: Wanted, plan: Plan, rows: Sequence[FulfilmentRow]) -> timeline.Event:
    detail: dict[str, Any] = {
        "to": [
            {"warehouse": row.warehouse, "fulfilment_order": notices.number(row.id)} for row in rows
        ]
    }
    if plan.fallback:
        detail |= {"fallback": plan.fallback, "reason": plan.reason}
    holds = plan.fallback == "hold" and not _under_way(one)
    event = "held" if holds else "backordered" if plan.fallback else "routed"
    return timeline.Event(one.row.merchant, one.row.id, event, detail, one.cause)


def _under_way(one: Wanted) -> bool:
    """Whether pieces of it are with warehouses or gone. Such an order goes on, its rest waiting for
    stock: held, it would be released as if nothing had been planned.
    """
    lines = (line for line in one.row.document.lines if line.requires_shipping and line.sku)
    wanted = sum((line.quantity - line.cancelled_quantity for line in lines), Decimal(0))
    return sum((need.quantity for need in one.demand), Decimal(0)) < wanted


def why_unfilled(plan: Plan) -> Problem:
    """The hold reason of an order that cannot be shipped as planned."""
    missing = ", ".join(sorted({need.sku for need in plan.unfilled}))
    if plan.reason == "no_route":
        return Problem("ship_to", "no_route", f"no warehouse may ship this order: {missing}")
    return Problem(
        "lines", "out_of_stock", f"not enough stock in any warehouse that may ship it: {missing}"
    )


def _hold_all(unit: Unit, wanted: Sequence[Wanted]) -> None:
    """The stock was taken by others each time: held, and tried again when the stock changes."""
    held = [one for one in wanted if not _under_way(one)]
    for one in held:
        one.row.status = step(ORDER, State(one.row.status), Event.HOLD).state
        reason = Problem(
            "lines",
            "out_of_stock",
            "the stock was taken by other orders while this one was planned",
        )
        one.row.hold_reasons = [reason.as_dict()]
    orders.set_status(unit.db, [one.row for one in held])
    unit.wait_for(
        [
            (one.row.merchant, one.row.id, f"stock:{need.merchant}:{need.sku}")
            for one in wanted
            for need in one.demand
        ]
    )
    timeline.note(
        unit.db,
        [
            timeline.Event(
                one.row.merchant,
                one.row.id,
                "backordered" if _under_way(one) else "held",
                {"reason": "out_of_stock"},
                one.cause,
            )
            for one in wanted
        ],
    )


def _touch(unit: Unit, draft: _Draft) -> None:
    stock.touch(unit.db, [(one.merchant, one.sku) for one in draft.reservations])


def _cash_left(one: Wanted) -> Decimal | None:
    """What carriers of this plan and of what waits must collect: nothing twice, so only on the
    first plan.
    """
    return splitting.cash_to_collect(one.row.document) if one.is_first else None


def _take(shelves: Shelves, row: FulfilmentRow, sku: str, quantity: Decimal) -> None:
    shelves[row.warehouse][(row.merchant, sku)] -= quantity
