"""Facts that orders wait for, and what happens when one appears: a SKU becomes known, stock comes
in.
"""

from collections.abc import Sequence
from uuid import UUID

from hub.flows import articles, judging, route
from hub.flows.route import Wanted
from hub.flows.unit import Unit
from hub.states.order import State
from hub.store import fulfilments, orders, work

_MOST = 500
"""Orders looked at again for one fact at a time; the rest follow when the next piece of stock or
sweep comes.
"""


def appeared(unit: Unit, facts: Sequence[tuple[str, str]], cause: UUID | None) -> int:
    """Look again at the orders, and let go the messages, that wait for these (merchant, fact).
    Returns how many orders.
    """
    by_merchant: dict[str, list[str]] = {}
    for merchant, fact in facts:
        by_merchant.setdefault(merchant, []).append(fact)
    ids: list[UUID] = []
    for merchant in sorted(by_merchant):
        ids += orders.waiting_for(unit.db, merchant, sorted(set(by_merchant[merchant])))
    for row in work.wake(unit.db, sorted({fact for _, fact in facts})) if facts else ():
        unit.rings.add((row.direction, row.connection, row.shard))
    reconsider(unit, sorted(set(ids))[:_MOST], cause)
    return len(ids)


def reconsider(unit: Unit, ids: Sequence[UUID], cause: UUID | None) -> None:
    """Judge held orders anew, and route what open ones still miss."""
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
    orders.forget_waits(unit.db, [row.id for row in rows])
    held = [(row, cause) for row in rows if row.status == State.HELD]
    if held:
        judging.settle(unit, judging.judge(unit, held, known), known)
    held_ids = {row.id for row, _ in held}
    open_rows = [row for row in rows if row.status == State.OPEN and row.id not in held_ids]
    if open_rows:
        fulfilment = fulfilments.of_orders(unit.db, unit.vault, [row.id for row in open_rows])
        wanted = []
        for row in open_rows:
            mine = fulfilment.get(row.id, [])
            demand = route.demand_of(row.document, row.merchant, known, route.taken(mine))
            wanted.append(Wanted(row, demand, cause, is_first=not mine))
        route.route(unit, wanted)
