"""Facts that orders wait for, and what happens when one appears: a SKU becomes known, stock comes
in.
"""

from collections.abc import Sequence
from uuid import UUID

from hub.flows import articles, judging, planning, route
from hub.flows.planning import Wanted
from hub.flows.unit import Unit
from hub.states.order import State
from hub.store import facts, fulfilments, orders, waking
from hub.store.facts import Waited

_MOST = 500
"""Orders looked at in one transaction; the sweep goes on with the rest."""


def appeared(unit: Unit, found: Sequence[tuple[str, str]], cause: UUID | None) -> None:
    """Look again at the orders, and let go the messages, that wait for these (merchant, fact)."""
    if not found:
        return
    for row in waking.wake(unit.db, sorted({fact for _, fact in found})):
        unit.rings.add((row.direction, row.connection, row.shard))
    _look(unit, [Waited(merchant, fact) for merchant, fact in sorted(set(found))], cause)


def look_again(unit: Unit) -> int:
    """Look at those whose fact appeared unseen, and at the rest of many. Returns how many facts
    were looked at; 0: there is nothing more to do now.
    """
    due = facts.take_due(unit.db)
    _look(unit, due, None)
    return len(due)


def _look(unit: Unit, found: Sequence[Waited], cause: UUID | None) -> None:
    ids = facts.waiting(unit.db, found, _MOST + 1)
    if len(ids) > _MOST:
        rest = ids[_MOST]
        left = [Waited(one.merchant, one.fact, max(one.first, rest)) for one in found]
        facts.look_at(unit.db, left)
    reconsider(unit, ids[:_MOST], cause)


def reconsider(unit: Unit, ids: Sequence[UUID], cause: UUID | None) -> None:
    """Judge held orders anew, and route what open ones still miss. What would stay as it is is left
    alone, waiting for what it waits for.
    """
    if not ids:
        return
    rows = list(orders.load(unit.db, unit.vault, ids).values())
    known = articles.load(unit, [(row.channel, row.document) for row in rows])
    changed = []
    for row in rows:
        resolved = articles.resolve(known, row.channel, row.document)
        if resolved is not row.document:
            row.document = resolved
            changed.append(row)
    orders.update(unit.db, unit.vault, changed)
    held = [(row, cause) for row in rows if row.status == State.HELD]
    open_rows = [row for row in rows if row.status == State.OPEN]
    if held:
        judgement = judging.news(unit, judging.judge(unit, held, known))
        facts.forget(unit.db, [one.row.id for one in judgement.judged])
        judging.settle(unit, judgement, known)
    if open_rows:
        facts.forget(unit.db, [row.id for row in open_rows])
        fulfilment = fulfilments.of_orders(unit.db, unit.vault, [row.id for row in open_rows])
        wanted = []
        for row in open_rows:
            mine = fulfilment.get(row.id, [])
            demand = planning.demand_of(row.document, row.merchant, known, planning.taken(mine))
            wanted.append(Wanted(row, demand, cause, is_first=not mine))
        route.route(unit, wanted)
