"""How many orders take the same step that a person asks for: each of these works a whole list in
the statements that one order would need. One by one it is `order_requests.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.flows import sku_lookup
from hub.flows.orders import order_steps, outcomes, review, stopping
from hub.flows.orders.order_steps import Following
from hub.flows.routing import by_hand, planning
from hub.flows.unit import Unit
from hub.model.errors import Problem
from hub.rules.orders import bulk_asks
from hub.rules.orders.bulk_asks import Stands
from hub.states import fulfilment_order as fo
from hub.states.order import Event, State
from hub.store.orders import order_waits, orders
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.orders.orders import OrderRow

Refused = Mapping[UUID, Problem]
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, why, and which hold reasons no longer count."""

    actor: str
    reason: str
    waive: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """An order with its fulfilment orders."""

    row: OrderRow
    parts: list[FulfilmentRow]

    @property
    def stands(self) -> Stands:
        holds = [reason["code"] for reason in self.row.hold_reasons]
        return Stands(self.row.status, holds, [part.status for part in self.parts])

    @property
    def living(self) -> list[FulfilmentRow]:
        return [part for part in self.parts if part.status not in fo.FULFILMENT_ORDER.final]


def release(unit: Unit, cases: list[Case], asked: Asked) -> Refused:
    """Judge them anew, the waived reasons left out, also one that a hold by hand hid. What stays
    held says for what.
    """
    for case in cases:
        case.row.overrides = sorted({*case.row.overrides, *asked.waive, "manual"})
    orders.update(unit.db, unit.vault, [case.row for case in cases])
    _judge(unit, cases)
    return {
        case.row.id: bulk_asks.still_held(sorted(set(case.stands.holds)))
        for case in cases
        if case.row.status == State.HELD
    }


def hold(unit: Unit, cases: list[Case], asked: Asked) -> Refused:
    """Stop what no warehouse was told of. One that is being told just now is left alone."""
    refused: dict[UUID, Problem] = {}
    for _ in range(_TRIES):
        with unit.db.begin_nested() as savepoint:
            rings = set(unit.rings)
            before = [(case, _as_is(case)) for case in cases]
            going = [case for case in cases if case.row.id not in refused]
            late = _hold(unit, going, asked)
            if not late:
                return refused
            savepoint.rollback()
            unit.rings = rings
            for case, was in before:
                _put_back(case, was)
            refused |= dict.fromkeys(late, bulk_asks.with_warehouse())
    return dict.fromkeys((case.row.id for case in cases), bulk_asks.with_warehouse())


def _hold(unit: Unit, cases: Sequence[Case], asked: Asked) -> list[UUID]:
    """Returns those of which a warehouse was told meanwhile."""
    after = Following()
    stopping.stop_all(
        unit, [(case.row, case.living) for case in cases], asked.reason, None, asked.actor
    )
    late = [
        case.row.id
        for case in cases
        if any(part.status == fo.State.CANCEL_REQUESTED for part in case.living)
    ]
    if late:
        return late
    for case in cases:
        order_steps.take(unit, after, case.row, Event.HOLD, None, case.parts)
        case.row.overrides = [code for code in case.row.overrides if code != "manual"]
        sentence = f"held by {asked.actor}: {asked.reason}"
        case.row.hold_reasons = [Problem("", "manual", sentence).as_dict()]
    orders.update(unit.db, unit.vault, [case.row for case in cases])
    order_steps.carry_out(unit, after)
    order_waits.forget(unit.db, [case.row.id for case in cases])
    return []


def cancel(unit: Unit, cases: list[Case], asked: Asked) -> Refused:
    """At once where no warehouse was told, else by asking them."""
    stopping.stop_all(
        unit, [(case.row, case.living) for case in cases], asked.reason, None, asked.actor
    )
    after = Following()
    for case in cases:
        order_steps.take(unit, after, case.row, _how_to_end(case), None, case.parts)
        case.row.hold_reasons = []
    orders.update(unit.db, unit.vault, [case.row for case in cases])
    order_steps.carry_out(unit, after)
    outcomes.tell_unfinished(unit, after.ended)
    review.tell_books(unit, list(after.books.values()))
    return {}


def _how_to_end(case: Case) -> Event:
    """Where part of it has left, the order is done with that, and only the rest is given up."""
    if case.living:
        return Event.ASK_CANCEL
    left = any(line.shipped > 0 for part in case.parts for line in part.lines)
    return Event.GIVE_UP if left else Event.CANCEL


def reroute(unit: Unit, cases: list[Case], asked: Asked) -> Refused:
    """Plan anew what no warehouse has begun to work on; what they refused before counts no more."""
    orders.lift_refusals_of(unit.db, [case.row for case in cases])
    held = [case for case in cases if case.row.status == State.HELD]
    _judge(unit, held)
    moving = [case for case in cases if case not in held]
    known = sku_lookup.load(unit, [(case.row.channel, case.row.document) for case in moving])
    stoppable = {fo.State.NOTIFIED, fo.State.ACCEPTED}
    movable = [(c.row, [part for part in c.parts if part.status in stoppable]) for c in moving]
    stopping.stop_all(unit, movable, planning.MOVED, None, asked.actor)
    wanted = []
    for case, (_, parts) in zip(moving, movable, strict=True):
        want = planning.wanted(unit, case.row, case.parts, known, None)
        want.exclude |= {part.warehouse for part in parts}
        wanted.append(want)
    order_steps.route(unit, wanted)
    outcomes.tell_unfinished(
        unit, outcomes.conclude(unit, [(case.row, case.parts, None) for case in moving])
    )
    return {}


def merge(unit: Unit, cases: list[Case], _: Asked) -> Refused:
    """Have those that go to one recipient leave as one parcel, while nothing was told."""
    return by_hand.carry_out(unit, "merge", [(case.row, case.parts) for case in cases])


def separate(unit: Unit, cases: list[Case], _: Asked) -> Refused:
    """Have each leave by itself again, while nothing was told."""
    return by_hand.carry_out(unit, "separate", [(case.row, case.parts) for case in cases])


def parcels(cases: Sequence[Case]) -> list[list[UUID]]:
    """Which of them leave together."""
    meet: dict[UUID, list[UUID]] = {}
    for case in cases:
        for part in case.living:
            if part.notice_id is not None:
                meet.setdefault(part.notice_id, []).append(case.row.id)
    return [list(ids) for its in meet.values() if len(ids := dict.fromkeys(its)) > 1]


def _judge(unit: Unit, cases: Sequence[Case]) -> None:
    if not cases:
        return
    rows = [case.row for case in cases]
    known = sku_lookup.load(unit, [(row.channel, row.document) for row in rows])
    judgement = review.judge(unit, [(row, None) for row in rows], known)
    unit.wait_anew([row.id for row in rows])
    review.settle(unit, judgement, known)


def _as_is(case: Case) -> tuple[str, list[tuple[str, str | None, bool]]]:
    return (
        case.row.status,
        [(part.status, part.reason, part.asked_back) for part in case.parts],
    )


def _put_back(case: Case, was: tuple[str, list[tuple[str, str | None, bool]]]) -> None:
    case.row.status = was[0]
    for part, (status, reason, asked_back) in zip(case.parts, was[1], strict=True):
        part.status, part.reason, part.asked_back = status, reason, asked_back
