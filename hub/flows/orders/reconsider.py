"""Facts that orders wait for, and what happens when one appears: a SKU becomes known, stock comes
in, a warehouse is resumed.

Whoever frees stock, resumes a warehouse or changes the rules only says so
(`hub/store/orders/order_waits.py`); the sweep has the orders looked at, the oldest first, so many
in a transaction.
"""

from collections.abc import Sequence
from uuid import UUID

from hub.flows import sku_lookup
from hub.flows.orders import order_steps, review, stopping
from hub.flows.routing import ground, planning
from hub.flows.sku_lookup import Articles
from hub.flows.unit import Unit
from hub.rules.routing import unfilled
from hub.states.order import State
from hub.store.messages import message_waits
from hub.store.orders import fulfilments, order_waits, orders
from hub.store.orders.order_waits import Waited
from hub.store.orders.orders import OrderRow

_MOST = 500
"""Orders looked at in one transaction; the sweep goes on with the rest."""


def appeared(unit: Unit, facts: Sequence[tuple[str, str]], cause: UUID | None) -> None:
    """Look again at the orders, and let go the messages, that wait for these (merchant, fact)."""
    if not facts:
        return
    for row in message_waits.wake(unit.db, sorted({fact for _, fact in facts})):
        unit.rings.add((row.direction, row.connection, row.shard))
    _look(unit, [Waited(merchant, fact) for merchant, fact in sorted(set(facts))], cause)


def came_in(unit: Unit, skus: Sequence[tuple[str, str]], cause: UUID | None) -> None:
    """Look at once at the orders that wait for stock of these (merchant, SKU), as far as any was
    set free in this transaction.
    """
    facts = [(merchant, f"stock:{merchant}:{sku}") for merchant, sku in skus]
    _look(unit, order_waits.take(unit.db, facts), cause)


def look_again(unit: Unit) -> int:
    """Look at those whose fact appeared unseen, and at the rest of many. Returns how many facts
    were looked at; 0: there is nothing more to do now.
    """
    due = order_waits.take_due(unit.db)
    _look(unit, due, None)
    return len(due)


def _look(unit: Unit, facts: Sequence[Waited], cause: UUID | None) -> None:
    ids = order_waits.waiting(unit.db, facts, _MOST + 1)
    if len(ids) > _MOST:
        rest = ids[_MOST]
        left = [Waited(wait.merchant, wait.fact, max(wait.first, rest)) for wait in facts]
        order_waits.look_at(unit.db, left)
    reconsider(unit, ids[:_MOST], cause)


def reconsider(unit: Unit, ids: Sequence[UUID], cause: UUID | None) -> None:
    """Judge held orders anew, and route what open ones still miss. What would stay as it is is left
    alone, and waits for whatever could let it go by now.
    """
    if not ids:
        return
    unit.waited |= order_waits.of(unit.db, ids)
    rows = list(orders.load(unit.db, unit.vault, ids).values())
    known = sku_lookup.load(unit, [(row.channel, row.document) for row in rows])
    changed = []
    for row in rows:
        resolved = sku_lookup.resolve(known, row.channel, row.document)
        if resolved is not row.document:
            row.document = resolved
            changed.append(row)
    orders.update(unit.db, unit.vault, changed)
    stopped = stopping.stop_disputed(unit, rows)
    held = [(row, cause) for row in rows if row.status == State.HELD and row.id not in stopped]
    if held:
        judgement = review.news(unit, review.judge(unit, held, known), known)
        unit.wait_anew([case.row.id for case in judgement.judged])
        _stay(unit, judgement.stay)
        review.settle(unit, judgement, known)
    _route_open(unit, [row for row in rows if row.status == State.OPEN], known, cause)


def _route_open(unit: Unit, rows: Sequence[OrderRow], known: Articles, cause: UUID | None) -> None:
    if not rows:
        return
    had = fulfilments.of_orders(unit.db, unit.vault, [row.id for row in rows])
    wanted = [planning.wanted(unit, row, had.get(row.id, ()), known, cause) for row in rows]
    shelves = ground.read_shelves(unit, [want.demand for want in wanted])
    on = planning.grounds(unit, wanted, shelves)
    stay, go = [], []
    for want in wanted:
        plan = planning.plan(unit, want, on[want.row.merchant])
        if plan.to_reserve or unfilled.reasons_of(plan) != want.row.hold_reasons:
            go.append(want)
        else:
            stay.append((want.row, unfilled.waits_of(plan, want.row.merchant, want.row.channel)))
    _stay(unit, stay)
    unit.wait_anew([want.row.id for want in go])
    order_steps.route(unit, go, shelves)


def _stay(unit: Unit, rows: Sequence[tuple[OrderRow, list[str]]]) -> None:
    """What stays waits for what could let it go by now, where that is something else."""
    moved = [(row, waits) for row, waits in rows if set(waits) != unit.waited.get(row.id, set())]
    if moved:
        unit.wait_anew([row.id for row, _ in moved])
        unit.wait_for([(row.merchant, row.id, fact) for row, waits in moved for fact in waits])
