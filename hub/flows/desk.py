"""What people ask for: cancel, hold, release or reroute an order, map an article, try a routing
without touching stock.

A request that comes too late is refused with IllegalTransition; whoever asks is named on the
timeline and in the audit.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hub.flows import articles, edits, judging, outcomes, planning, products, route, waiting
from hub.flows.planning import Wanted
from hub.flows.unit import Unit
from hub.model.errors import BadData, IllegalTransition, NotFound, Problem
from hub.model.order import SalesOrder
from hub.model.product import Product
from hub.states import fulfilment_order as fo
from hub.states.machine import step
from hub.states.order import ORDER, Event, State
from hub.store import audit, connections, directory, facts, fulfilments, orders, timeline, waking
from hub.store.fulfilments import FulfilmentRow
from hub.store.orders import OrderRow


def cancel(unit: Unit, order_id: UUID, actor: str, reason: str) -> str:
    """Cancel an order: at once where no warehouse was told, else by asking them. Returns the new
    status.
    """
    row, fulfilment = _load(unit, order_id)
    if row.status in ORDER.final:
        raise IllegalTransition("order", row.status, "cancel")
    edits.stop(
        unit,
        row,
        [one for one in fulfilment if one.status not in fo.FULFILMENT_ORDER.final],
        reason,
        None,
        actor,
    )
    living = [one for one in fulfilment if one.status not in fo.FULFILMENT_ORDER.final]
    event = Event.ASK_CANCEL if living else Event.CANCEL
    row.status = step(ORDER, State(row.status), event).state
    row.hold_reasons = []
    if not living:
        row.document = row.document.model_copy(
            update={"state": "cancelled", "cancelled_at": unit.at}
        )
        row.version += 1
    orders.update(unit.db, unit.vault, [row])
    facts.forget(unit.db, [row.id])
    if not living:  # held for stock, it was told to them before
        judging.tell_books(unit, [(row, None)])
    _write(
        unit,
        row,
        actor,
        "order.cancel",
        "cancelled" if not living else "cancel_requested",
        {"reason": reason},
    )
    return row.status


def hold(unit: Unit, order_id: UUID, actor: str, reason: str) -> str:
    """Stop an order that no warehouse was told of yet, or take back what was not told."""
    row, fulfilment = _load(unit, order_id)
    step(ORDER, State(row.status), Event.HOLD)
    living = [one for one in fulfilment if one.status not in fo.FULFILMENT_ORDER.final]
    if any(one.status != fo.State.NOTIFIED for one in living):
        raise IllegalTransition("order", "with a warehouse", "hold")
    edits.stop(unit, row, living, reason, None, actor)
    if any(one.status == fo.State.CANCEL_REQUESTED for one in living):
        raise IllegalTransition("order", "with a warehouse", "hold")
    row.status = State.HELD
    row.overrides = [code for code in row.overrides if code != "manual"]
    row.hold_reasons = [Problem("", "manual", f"held by {actor}: {reason}").as_dict()]
    orders.update(unit.db, unit.vault, [row])
    _write(unit, row, actor, "order.hold", "held", {"reasons": ["manual"]})
    return row.status


def release(unit: Unit, order_id: UUID, actor: str, waive: Sequence[str]) -> str:
    """Release a held order. Reasons named in `waive` no longer count; any other that still stands
    keeps it held.
    """
    row, _ = _load(unit, order_id)
    if row.status != State.HELD:
        raise IllegalTransition("order", row.status, "release")
    standing = {reason["code"] for reason in row.hold_reasons}
    unknown = sorted(set(waive) - standing)
    if unknown:
        raise BadData(
            f"{', '.join(unknown)} is not why it is held: {', '.join(sorted(standing))}",
            path="waive",
        )
    row.overrides = sorted({*row.overrides, *waive, "manual"})
    known = articles.load(unit, [(row.channel, row.document)])
    judgement = judging.judge(unit, [(row, None)], known)
    orders.update(unit.db, unit.vault, [row])
    facts.forget(unit.db, [row.id])
    judging.settle(unit, judgement, known)
    _write(unit, row, actor, "order.release", "release_asked", {"waived": sorted(waive)})
    return row.status


def reroute(unit: Unit, order_id: UUID, actor: str) -> str:
    """Plan anew what no warehouse has accepted yet, and ask those that were told to let go."""
    row, fulfilment = _load(unit, order_id)
    if row.status != State.OPEN:
        raise IllegalTransition("order", row.status, "reroute")
    movable = [one for one in fulfilment if one.status in {fo.State.NOTIFIED, fo.State.ACCEPTED}]
    edits.stop(unit, row, movable, edits.REROUTED, None, actor)
    known = articles.load(unit, [(row.channel, row.document)])
    left = {one.warehouse for one in movable}
    demand = planning.demand_of(row.document, row.merchant, known, planning.taken(fulfilment))
    route.route(unit, [Wanted(row, demand, None, frozenset(left), is_first=False)])
    outcomes.conclude(unit, [(row, fulfilment, None)])
    _write(unit, row, actor, "order.reroute", "reroute_asked", {})
    return row.status


def map_sku(unit: Unit, connection: str, code: str, merchant: str, sku: str, actor: str) -> None:
    """A partner's code for an article means this SKU of the merchant."""
    products.refer(unit, connection, code, merchant, sku)
    audit.record(unit.db, merchant, actor, "sku.map", f"{connection}:{code}", {"sku": sku}, unit.at)


def map_code(unit: Unit, connection: str, codes: str, theirs: str, ours: str, actor: str) -> int:
    """A partner's code means this one of ours, from now on. Messages that wait for it go on;
    returns how many.
    """
    partner = unit.directory.partners.get(connection)
    if partner is None:
        raise NotFound(f"no connection {connection}")
    connections.override(unit.db, connection, codes, theirs, ours, actor)
    directory.changed(unit.db)
    woken = waking.wake(unit.db, [f"code:{codes}:{word}:{connection}" for word in (theirs, ours)])
    unit.rings |= {(row.direction, row.connection, row.shard) for row in woken}
    detail = {"list": codes, "theirs": theirs, "ours": ours}
    audit.record(unit.db, partner.merchant, actor, "code.map", connection, detail, unit.at)
    return len(woken)


def add_products(unit: Unit, added: Sequence[tuple[str, Product]], actor: str) -> int:
    """Products become known. Returns how many are new or changed."""
    changed = products.upsert(unit, added, None)
    for merchant in sorted({merchant for merchant, _ in added}):
        skus = [product.sku for owner, product in added if owner == merchant][:50]
        audit.record(unit.db, merchant, actor, "products.add", merchant, {"skus": skus}, unit.at)
    return changed


def reconsider(unit: Unit, order_id: UUID, actor: str) -> str:
    """Judge an order anew by what is known now."""
    waiting.reconsider(unit, [order_id], None)
    row, _ = _load(unit, order_id)
    _write(unit, row, actor, "order.reconsider", "reconsidered", {})
    return row.status


def what_if(unit: Unit, order: SalesOrder, merchant: str) -> dict[str, Any]:
    """Where an order would go now, with the reasoning. Touches nothing."""
    known = articles.load(unit, [(order.source.connection, order)])
    resolved = articles.resolve(known, order.source.connection, order)
    demand = planning.demand_of(resolved, merchant, known)
    plan = planning.what_if(unit, resolved, merchant, demand, order.source.connection)
    return {
        "allocations": [
            {
                "warehouse": one.warehouse,
                "line_no": one.line_no,
                "sku": one.sku,
                "quantity": f"{one.quantity:f}",
            }
            for one in plan.allocations
        ],
        "unfilled": [
            {"line_no": one.line_no, "sku": one.sku, "quantity": f"{one.quantity:f}"}
            for one in plan.unfilled
        ],
        "fallback": plan.fallback,
        "reason": plan.reason,
        "reasoning": list(plan.reasoning),
    }


def _load(unit: Unit, order_id: UUID) -> tuple[OrderRow, list[FulfilmentRow]]:
    row = orders.load(unit.db, unit.vault, [order_id]).get(order_id)
    if row is None:
        raise NotFound(f"no order {order_id}")
    return row, fulfilments.of_orders(unit.db, unit.vault, [order_id]).get(order_id, [])


def _write(
    unit: Unit, row: OrderRow, actor: str, action: str, event: str, detail: dict[str, Any]
) -> None:
    timeline.note(unit.db, [timeline.Event(row.merchant, row.id, event, detail, None, actor)])
    audit.record(unit.db, row.merchant, actor, action, f"order:{row.id}", detail, unit.at)
