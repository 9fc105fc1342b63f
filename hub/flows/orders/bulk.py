"""One thing asked of many orders at once, for every door alike: at most `MOST` of them in a call,
the oldest first, in one transaction and a few statements for all. The answer says what became of
each. What would become of them is foreseen without touching anything.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from hub.flows.orders import bulk_steps
from hub.flows.orders.bulk_steps import Asked, Case
from hub.flows.routing import by_hand
from hub.flows.unit import Unit
from hub.model.errors import NotFound, Problem
from hub.rules.orders import bulk_asks
from hub.rules.orders.bulk_asks import Action, Stands
from hub.store.orders import fulfilments, timeline
from hub.store.orders import orders as order_store
from hub.store.people import audit_trail
from hub.store.views import orders
from hub.store.views.orders import Wanted

MOST = 500
COUNTED = 10_000
"""What is left of a selection is counted no further."""
_NAMED = 100
"""Orders that an audit entry names; the rest is a number."""
_ALL = Wanted()
_OF_ALL: Mapping[Action, by_hand.Ask] = {"merge": "merge", "separate": "separate"}
"""What shows only when all that were chosen are looked at together."""
_TIMELINE = {
    "hold": "held",
    "release": "release_asked",
    "reroute": "reroute_asked",
    "merge": "merge_asked",
    "separate": "separate_asked",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which orders: all that fit, or those named."""

    wanted: Wanted = _ALL
    ids: Sequence[UUID] = ()
    most: int = MOST


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a selection, or would: `done` are orders with their status after it, `refused`
    the others with why, `left` how many more fit (`COUNTED` is that or more). `parcels`: which of
    them leave together, where that was asked.
    """

    done: Mapping[UUID, str] = field(default_factory=dict)
    refused: Mapping[UUID, Problem] = field(default_factory=dict)
    left: int = 0
    parcels: Sequence[Sequence[UUID]] = ()

    def reasons(self) -> Mapping[str, int]:
        """How many were refused for which code, the most first."""
        return dict(Counter(problem.code for problem in self.refused.values()).most_common())


def foresee(unit: Unit, action: Action, selection: Selection, waive: Sequence[str] = ()) -> Outcome:
    """What would become of them. Nothing is changed, nor locked."""
    ids, left = _choose(unit, selection)
    rows = orders.standing(unit.db, ids)
    _check_named(selection, ids, {row.id for row in rows})
    done, refused = dict[UUID, str](), dict[UUID, Problem]()
    for row in rows:
        holds = [reason["code"] for reason in row.hold_reasons]
        problem = bulk_asks.why_not(action, Stands(row.status, holds, row.parts), waive)
        if problem is None:
            done[row.id] = row.status
        else:
            refused[row.id] = problem
    if (ask := _OF_ALL.get(action)) is None:
        return Outcome(done, refused, left)
    plan = by_hand.foresee(unit, ask, list(done))
    went = {id_: status for id_, status in done.items() if id_ not in plan.refused}
    return Outcome(went, refused | plan.refused, left, plan.orders if ask == "merge" else ())


def perform(unit: Unit, action: Action, selection: Selection, asked: Asked) -> Outcome:
    """Ask it of all that fit and may; the others stay as they are. NotFound names an order that is
    not there; then nothing is done.
    """
    ids, left = _choose(unit, selection)
    rows = order_store.load(unit.db, unit.vault, ids)
    _check_named(selection, ids, rows.keys())
    had = fulfilments.of_orders(unit.db, unit.vault, ids)
    cases, refused = list[Case](), dict[UUID, Problem]()
    for row in rows.values():
        case = Case(row, had.get(row.id, []))
        problem = bulk_asks.why_not(action, case.stands, asked.waive)
        if problem is None or problem.code == "still_held":
            cases.append(case)  # whether it stays held shows when it is judged
        else:
            refused[row.id] = problem
    refused |= _DO[action](unit, cases, asked)
    went = [case for case in cases if case.row.id not in refused]
    _write(unit, action, went, asked)
    parcels = bulk_steps.parcels(went) if action == "merge" else ()
    return Outcome({case.row.id: case.row.status for case in went}, refused, left, parcels)


_DO: Mapping[Action, Callable[[Unit, list[Case], Asked], Mapping[UUID, Problem]]] = {
    "release": bulk_steps.release,
    "hold": bulk_steps.hold,
    "cancel": bulk_steps.cancel,
    "reroute": bulk_steps.reroute,
    "merge": bulk_steps.merge,
    "separate": bulk_steps.separate,
}


def _choose(unit: Unit, selection: Selection) -> tuple[list[UUID], int]:
    """The orders of a selection, and how many more fit."""
    most = min(selection.most, MOST)
    if selection.ids:
        ids = list(dict.fromkeys(selection.ids))
        return ids[:most], len(ids[most:])
    ids = orders.selected(unit.db, selection.wanted, most + 1)
    if len(ids) <= most:
        return ids, 0
    return ids[:most], orders.count(unit.db, selection.wanted, most + COUNTED) - most


def _check_named(selection: Selection, ids: Sequence[UUID], there: object) -> None:
    if selection.ids:
        for order_id in ids:
            if order_id not in there:  # type: ignore[operator]
                raise NotFound(f"no order {order_id}")


def _write(unit: Unit, action: Action, went: Sequence[Case], asked: Asked) -> None:
    """An event on each order's timeline, and one entry a merchant in the audit."""
    detail = {"because": asked.reason} | ({"waived": list(asked.waive)} if asked.waive else {})
    event = _TIMELINE.get(action)
    timeline.note(
        unit.db,
        [
            timeline.Event(
                case.row.merchant, case.row.id, event or case.row.status, detail, None, asked.actor
            )
            for case in went
        ],
    )
    by_merchant: dict[str, list[Case]] = {}
    for case in went:
        by_merchant.setdefault(case.row.merchant, []).append(case)
    for merchant, cases in sorted(by_merchant.items()):
        numbers = [str(case.row.id) for case in cases[:_NAMED]]
        said = {**detail, "count": len(cases), "orders": numbers}
        action_name = f"order.{action}_many"
        audit_trail.record(unit.db, merchant, asked.actor, action_name, "orders", said, unit.at)
