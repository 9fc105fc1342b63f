"""Reserve and route: decide which warehouse ships what, take the stock, plan the fulfilment orders,
tell the warehouses.

Planned in memory from one reading of the stock, written, and then taken by one conditional UPDATE
as the last statement. Where somebody was faster, all of it is rolled back to the savepoint and
planned again from fresh numbers.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.flows.routing import fulfilment_orders, ground, merging, planning, wishing
from hub.flows.routing.ground import Shelves
from hub.flows.routing.merging import Planned
from hub.flows.routing.planning import Wanted
from hub.flows.unit import Unit
from hub.model.errors import Problem
from hub.rules.routing import splitting, unfilled
from hub.rules.routing.sourcing import Plan
from hub.states.fulfilment_order import FULFILMENT_ORDER, Event, State
from hub.states.machine import step
from hub.store.ops import incidents
from hub.store.orders import fulfilments, orders, routing_decisions, timeline
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.orders.orders import OrderRow
from hub.store.orders.routing_decisions import Decided
from hub.store.stock import levels_touched, reservations
from hub.store.stock.reservations import Reservation

_TRIES = 4


@dataclass(slots=True)
class _Draft:
    """What one round of planning came to."""

    plans: list[tuple[Wanted, Plan]] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)
    fulfilment: list[FulfilmentRow] = field(default_factory=list)
    reservations: list[Reservation] = field(default_factory=list)
    to_tell: list[Planned] = field(default_factory=list)
    held: list[Wanted] = field(default_factory=list)


def route(unit: Unit, wanted: Sequence[Wanted], shelves: Shelves | None = None) -> Sequence[Wanted]:
    """Find a warehouse for every order; what goes on waiting says for what. The orders are `open`
    when they come here. Returns those that must be held, with the reason on them: that step is
    the caller's to take. `shelves`: what is there, where it was read already.
    """
    todo = [want for want in wanted if want.demand]
    _wait_no_more(unit, wanted)
    before = [(want.row, want.row.hold_reasons) for want in todo]
    if not todo:
        return ()
    for _ in range(_TRIES):
        with unit.db.begin_nested() as savepoint:
            rings = set(unit.rings)
            if shelves is None:
                shelves = ground.read_shelves(unit, [want.demand for want in todo])
            draft = _plan(unit, todo, shelves)
            _write(unit, draft)
            if reservations.claim(unit.db, draft.reservations):
                _touch(unit, draft)
                return draft.held
            savepoint.rollback()
            unit.rings, shelves = rings, None
            for row, reasons in before:
                row.hold_reasons = reasons
    return _hold_all(unit, todo)


def _plan(unit: Unit, wanted: Sequence[Wanted], shelves: Shelves) -> _Draft:
    draft = _Draft()
    grounds = planning.grounds(unit, wanted, shelves)
    lasting = wishing.read(unit, shelves)
    for want in wanted:
        plan = planning.plan(unit, want, grounds[want.row.merchant])
        short = grounds[want.row.merchant].short
        draft.plans.append((want, plan))
        draft.decided.append(planning.decided(unit, want, plan, grounds[want.row.merchant]))
        rows = fulfilment_orders.plan(unit, want.row, plan, _cash_left(want))
        draft.fulfilment += rows
        for row in rows:
            wishing.wish(row, shelves, lasting, short.get(want.row.channel, {}))
            pieces = sum((line.ordered for line in row.lines), Decimal(0))
            grounds[want.row.merchant].take(row.warehouse, pieces)
            draft.reservations += fulfilment_orders.reservations_of(row)
            for line in row.lines:
                shelves[row.warehouse][(row.merchant, line.sku)] -= line.ordered
    return draft


def _write(unit: Unit, draft: _Draft) -> None:
    _notify(unit, draft)
    fulfilments.insert(unit.db, unit.vault, draft.fulfilment)
    planned: dict[UUID, list[FulfilmentRow]] = {}
    for row in draft.fulfilment:
        planned.setdefault(row.order_id, []).append(row)
    changed, events, waits = [], [], []
    for want, plan in draft.plans:
        events.append(_routed(want, plan, planned.get(want.row.id, [])))
        waits += _waits(want.row, plan)
        is_news = _say(want, plan)
        if _must_be_held(want, plan):
            draft.held.append(want)
        elif is_news:
            changed.append(want.row)
    orders.set_status(unit.db, changed)
    unit.wait_for(waits)
    incidents.open_new(unit.db, [_in_circles(want) for want, _ in draft.plans if want.circle])
    routing_decisions.keep(unit.db, draft.decided)
    timeline.note(unit.db, events)
    reservations.record(unit.db, draft.reservations)


def _notify(unit: Unit, draft: _Draft) -> None:
    """Take the first step of each fulfilment order, and what follows it."""
    wanted = {want.row.id: want for want, _ in draft.plans}
    for row in draft.fulfilment:
        taken = step(FULFILMENT_ORDER, State(row.status), Event.NOTIFY)
        for effect in taken.effects:
            EFFECTS[effect](draft, row, wanted[row.order_id])
        row.status = taken.state
    merging.tell(unit, draft.to_tell)


def _tell_warehouse(draft: _Draft, row: FulfilmentRow, want: Wanted) -> None:
    draft.to_tell.append(Planned(row, want.row, want.cause))


EFFECTS: Mapping[str, Callable[[_Draft, FulfilmentRow, Wanted], None]] = {
    "tell_warehouse": _tell_warehouse,
}
"""Who takes what follows the first step of a fulfilment order."""


def _routed(want: Wanted, plan: Plan, rows: Sequence[FulfilmentRow]) -> timeline.Event:
    detail: dict[str, Any] = {
        "to": [
            {"warehouse": row.warehouse, "fulfilment_order": row.document.fulfilment_order_id}
            for row in rows
        ]
    }
    if plan.fallback:
        detail |= {"fallback": plan.fallback, "reason": plan.reason}
    event = "held" if _must_be_held(want, plan) else "backordered" if plan.fallback else "routed"
    return timeline.Event(want.row.merchant, want.row.id, event, detail, want.cause)


def _must_be_held(want: Wanted, plan: Plan) -> bool:
    return plan.fallback == "hold" and not want.is_under_way


def _say(want: Wanted, plan: Plan) -> bool:
    """Say of an order why it, or the rest of it, waits; or that it waits no more. False where there
    is nothing new to say.
    """
    reasons = unfilled.reasons_of(plan)
    changed = reasons != want.row.hold_reasons
    want.row.hold_reasons = reasons
    return changed


def _wait_no_more(unit: Unit, wanted: Sequence[Wanted]) -> None:
    """What orders waited for that were open is forgotten, they are planned anew; where nothing is
    to be planned any more, so is why.
    """
    stood = [want for want in wanted if want.row.hold_reasons]
    if not stood:
        return
    unit.wait_anew([want.row.id for want in stood])
    done = [want.row for want in stood if not want.demand]
    for row in done:
        row.hold_reasons = []
    orders.set_status(unit.db, done)


def _in_circles(want: Wanted) -> incidents.Incident:
    row, times = want.row, Counter(tried.warehouse for tried in want.circle)
    where = ", ".join(f"{warehouse} {number}" for warehouse, number in sorted(times.items()))
    sentence = (
        f"order {row.document.order_number} was planned and let go of {len(want.circle)} times "
        f"within an hour ({where}): reroute it"
    )
    return incidents.Incident(
        row.merchant, "planned_in_circles", f"order:{row.id}", sentence, row.id, want.cause
    )


def _hold_all(unit: Unit, wanted: Sequence[Wanted]) -> list[Wanted]:
    """The stock was taken by others each time: held, and tried again when the stock changes."""
    sentence = "the stock was taken by other orders while this one was planned"
    reason = Problem("lines", "out_of_stock", sentence)
    for want in wanted:
        want.row.hold_reasons = [reason.as_dict()]
    orders.set_status(unit.db, [want.row for want in wanted if want.is_under_way])
    unit.wait_for([wait for want in wanted for wait in _waits(want.row, _nothing(want))])
    timeline.note(
        unit.db,
        [
            timeline.Event(
                want.row.merchant,
                want.row.id,
                "backordered" if want.is_under_way else "held",
                {"reason": "out_of_stock"},
                want.cause,
            )
            for want in wanted
        ],
    )
    return [want for want in wanted if not want.is_under_way]


def _nothing(want: Wanted) -> Plan:
    return Plan((), tuple(want.demand), "hold", "out_of_stock", ())


def _waits(row: OrderRow, plan: Plan) -> list[tuple[str, UUID, str]]:
    facts = unfilled.waits_of(plan, row.merchant, row.channel)
    return [(row.merchant, row.id, fact) for fact in facts]


def _touch(unit: Unit, draft: _Draft) -> None:
    levels_touched.touch(
        unit.db, [(reservation.merchant, reservation.sku) for reservation in draft.reservations]
    )


def _cash_left(want: Wanted) -> Decimal | None:
    """What carriers of this plan and of what waits must collect: nothing twice, so only on the
    first plan.
    """
    return splitting.cash_to_collect(want.row.document) if want.is_first else None
