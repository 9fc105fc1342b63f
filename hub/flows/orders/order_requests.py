"""What people ask for: cancel, hold, release or reroute an order, try a routing without touching
stock.

A request that comes too late is refused with IllegalTransition; whoever asks is named on the
timeline and in the audit.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hub.flows import sku_lookup
from hub.flows.orders import order_steps, outcomes, review, stopping
from hub.flows.orders import reconsider as reconsider_flow
from hub.flows.orders.order_steps import Following
from hub.flows.routing import planning
from hub.flows.sku_lookup import Articles
from hub.flows.unit import Unit
from hub.model.errors import BadData, IllegalTransition, NotFound, Problem
from hub.model.order import SalesOrder
from hub.states import fulfilment_order as fo
from hub.states.order import ORDER, Event, State
from hub.store.orders import fulfilments, order_waits, orders, timeline
from hub.store.orders.fulfilments import FulfilmentRow
from hub.store.orders.orders import OrderRow
from hub.store.people import audit_trail


def cancel(unit: Unit, order_id: UUID, actor: str, reason: str) -> str:
    """Cancel an order: at once where no warehouse was told, else by asking them. Returns the new
    status.
    """
    row, fulfilment = _load(unit, order_id)
    if row.status in ORDER.final:
        raise IllegalTransition("order", row.status, "cancel")
    stopping.stop(unit, row, _living(fulfilment), reason, None, actor)
    after = Following()
    order_steps.take(unit, after, row, _how_to_end(fulfilment), None, fulfilment)
    row.hold_reasons = []
    orders.update(unit.db, unit.vault, [row])
    order_steps.carry_out(unit, after)
    outcomes.tell_unfinished(unit, after.ended)
    review.tell_books(unit, list(after.books.values()))
    _write(unit, row, actor, "order.cancel", row.status, {"reason": reason})
    return row.status


def _living(fulfilment: Sequence[FulfilmentRow]) -> list[FulfilmentRow]:
    return [row for row in fulfilment if row.status not in fo.FULFILMENT_ORDER.final]


def _how_to_end(fulfilment: Sequence[FulfilmentRow]) -> Event:
    """Where part of it has left, the order is done with that, and only the rest is given up."""
    if _living(fulfilment):
        return Event.ASK_CANCEL
    left = any(line.shipped > 0 for part in fulfilment for line in part.lines)
    return Event.GIVE_UP if left else Event.CANCEL


def hold(unit: Unit, order_id: UUID, actor: str, reason: str) -> str:
    """Stop an order that no warehouse was told of yet, or take back what was not told."""
    row, fulfilment = _load(unit, order_id)
    after = Following()
    order_steps.take(unit, after, row, Event.HOLD, None, fulfilment)
    living = _living(fulfilment)
    if any(part.status != fo.State.NOTIFIED for part in living):
        raise IllegalTransition("order", "with a warehouse", "hold")
    stopping.stop(unit, row, living, reason, None, actor)
    if any(part.status == fo.State.CANCEL_REQUESTED for part in living):
        raise IllegalTransition("order", "with a warehouse", "hold")
    row.overrides = [code for code in row.overrides if code != "manual"]
    row.hold_reasons = [Problem("", "manual", f"held by {actor}: {reason}").as_dict()]
    orders.update(unit.db, unit.vault, [row])
    order_steps.carry_out(unit, after)
    order_waits.forget(unit.db, [row.id])
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
    known = sku_lookup.load(unit, [(row.channel, row.document)])
    orders.update(unit.db, unit.vault, [row])
    _judge_anew(unit, row, known)
    _write(unit, row, actor, "order.release", "release_asked", {"waived": sorted(waive)})
    return row.status


def reroute(unit: Unit, order_id: UUID, actor: str) -> str:
    """Plan anew what no warehouse has accepted yet, and ask those that were told to let go. What
    warehouses refused before counts no more. A held order goes, unless what it is held for stands.
    """
    row, fulfilment = _load(unit, order_id)
    if row.status not in {State.OPEN, State.HELD}:
        raise IllegalTransition("order", row.status, "reroute")
    orders.lift_refusals(unit.db, row)
    known = sku_lookup.load(unit, [(row.channel, row.document)])
    _write(unit, row, actor, "order.reroute", "reroute_asked", {})
    if row.status == State.HELD:
        _judge_anew(unit, row, known)
    else:
        _move(unit, row, fulfilment, known, actor)
    return row.status


def _judge_anew(unit: Unit, row: OrderRow, known: Articles) -> None:
    judgement = review.judge(unit, [(row, None)], known)
    unit.wait_anew([row.id])
    review.settle(unit, judgement, known)


def _move(
    unit: Unit,
    row: OrderRow,
    fulfilment: Sequence[FulfilmentRow],
    known: Articles,
    actor: str,
) -> None:
    movable = [part for part in fulfilment if part.status in {fo.State.NOTIFIED, fo.State.ACCEPTED}]
    stopping.stop(unit, row, movable, planning.MOVED, None, actor)
    wanted = planning.wanted(unit, row, fulfilment, known, None)
    wanted.exclude |= {part.warehouse for part in movable}
    order_steps.route(unit, [wanted])
    outcomes.tell_unfinished(unit, outcomes.conclude(unit, [(row, fulfilment, None)]))


def reconsider(unit: Unit, order_id: UUID, actor: str) -> str:
    """Judge an order anew by what is known now."""
    reconsider_flow.reconsider(unit, [order_id], None)
    row, _ = _load(unit, order_id)
    _write(unit, row, actor, "order.reconsider", "reconsidered", {})
    return row.status


def what_if(unit: Unit, order: SalesOrder, merchant: str) -> dict[str, Any]:
    """Where an order would go now, with the reasoning. Touches nothing."""
    known = sku_lookup.load(unit, [(order.source.connection, order)])
    resolved = sku_lookup.resolve(known, order.source.connection, order)
    demand = planning.demand_of(resolved, merchant, known)
    plan = planning.what_if(unit, resolved, merchant, demand, order.source.connection)
    return {
        "allocations": [
            {
                "warehouse": allocation.warehouse,
                "line_no": allocation.line_no,
                "sku": allocation.sku,
                "quantity": f"{allocation.quantity:f}",
            }
            for allocation in plan.allocations
        ],
        "unfilled": [
            {"line_no": need.line_no, "sku": need.sku, "quantity": f"{need.quantity:f}"}
            for need in plan.unfilled
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
    audit_trail.record(unit.db, row.merchant, actor, action, f"order:{row.id}", detail, unit.at)
