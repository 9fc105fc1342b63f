"""Reserve and route: decide which warehouse ships what, take the stock,
  plan the fulfilment orders, tell the warehouses.

Planned in memory from one reading of the stock, written,
  and then taken by one conditional UPDATE as the last statement.
Where somebody was faster,
  all of it is rolled back to the savepoint and planned again from fresh numbers.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.flows import notices, telling
from hub.flows.articles import Articles
from hub.flows.unit import Unit
from hub.model.errors import Problem
from hub.model.order import SalesOrder
from hub.rules import sourcing, splitting
from hub.rules.sourcing import Demand, Plan, Request, Rule, Warehouse
from hub.states.fulfilment_order import FULFILMENT_ORDER
from hub.states.machine import step
from hub.states.order import ORDER, Event, State
from hub.store import fulfilments, orders, stock, timeline
from hub.store.directory import OPERATOR, Directory
from hub.store.fulfilments import FulfilmentRow
from hub.store.ids import new_id
from hub.store.orders import OrderRow
from hub.store.stock import Reservation

_TRIES = 4
Shelves = dict[str, dict[tuple[str, str] | str, Decimal]]
"""Warehouse -> (merchant, SKU) -> pieces that may be promised."""


@dataclass(slots=True)
class Wanted:
    """An order with what is still to be shipped of it, and the warehouses that already said no."""

    row: OrderRow
    demand: list[Demand]
    cause: UUID | None = None
    exclude: frozenset[str] = frozenset()
    is_first: bool = True


@dataclass(slots=True)
class _Draft:
    """What one round of planning came to."""

    plans: list[tuple[Wanted, Plan]] = field(default_factory=list)
    fulfilment: list[FulfilmentRow] = field(default_factory=list)
    reservations: list[Reservation] = field(default_factory=list)


def demand_of(
    order: SalesOrder, merchant: str, articles: Articles, taken: Mapping[int, Decimal] = {}
) -> list[Demand]:
    """Pieces of each line that a warehouse must still ship; `taken` are those planned or gone
    already. Of a cancelled order none, whatever was too late to be stopped.
    """
    if order.state == "cancelled":
        return []
    found = []
    for line in order.lines:
        open_ = line.quantity - line.cancelled_quantity - taken.get(line.line_no, Decimal(0))
        if line.requires_shipping and line.sku and open_ > 0:
            found.append(Demand(line.line_no, line.sku, open_, articles.owner(merchant, line.sku)))
    return found


def taken(fulfilment: Iterable[FulfilmentRow]) -> dict[int, Decimal]:
    """Pieces of each order line that have left or are under way."""
    found: dict[int, Decimal] = {}
    for row in fulfilment:
        living = row.status not in FULFILMENT_ORDER.final
        for line in row.lines:
            pieces = max(line.ordered - line.short, line.shipped) if living else line.shipped
            found[line.line_no] = found.get(line.line_no, Decimal(0)) + pieces
    return found


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
                shelves = read_shelves(unit, [one.demand for one in todo])
            draft = _plan(unit, todo, shelves)
            _write(unit, draft)
            if stock.claim(unit.db, draft.reservations):
                _touch(unit, draft)
                return
            savepoint.rollback()
            unit.rings, shelves = rings, None
        if not left:
            _hold_all(unit, todo)


def what_if(
    unit: Unit, order: SalesOrder, merchant: str, demand: list[Demand], channel: str
) -> Plan:
    """The plan that an order would get now. Touches nothing."""
    shelves = read_shelves(unit, [demand])
    country, region = _destination(order)
    request = Request(country=country, region=region, channel=channel, at=unit.at)
    return sourcing.plan(
        demand,
        _warehouses(unit.directory, merchant, shelves),
        rules_of(unit.directory, merchant),
        request,
    )


def dry(unit: Unit, one: Wanted, shelves: Shelves) -> Plan:
    """The plan that it would get were it the only one. Touches nothing."""
    country, region = _destination(one.row.document)
    request = Request(
        country=country, region=region, channel=one.row.channel, at=unit.at, exclude=one.exclude
    )
    merchant = one.row.merchant
    warehouses = _warehouses(unit.directory, merchant, shelves)
    return sourcing.plan(one.demand, warehouses, rules_of(unit.directory, merchant), request)


def rules_of(directory: Directory, merchant: str) -> tuple[Rule, ...]:
    """A merchant's routing rules, parsed once for each version of the directory."""
    rules = directory.rules.get(merchant) or directory.rules.get(OPERATOR) or ()
    text = json.dumps(rules, sort_keys=True)
    if text not in _PARSED:
        _PARSED[text] = sourcing.parse(rules)
    return _PARSED[text]


_PARSED: dict[str, tuple[Rule, ...]] = {}


def _plan(unit: Unit, wanted: Sequence[Wanted], shelves: Shelves) -> _Draft:
    draft = _Draft()
    ground = {
        merchant: (
            _warehouses(unit.directory, merchant, shelves),
            rules_of(unit.directory, merchant),
        )
        for merchant in {one.row.merchant for one in wanted}
    }
    for one in wanted:
        country, region = _destination(one.row.document)
        request = Request(
            country=country, region=region, channel=one.row.channel, at=unit.at, exclude=one.exclude
        )
        warehouses, rules = ground[one.row.merchant]
        plan = sourcing.plan(one.demand, warehouses, rules, request)
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
    stock.record_reservations(unit.db, draft.reservations)


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


def read_shelves(unit: Unit, demands: Sequence[Sequence[Demand]]) -> Shelves:
    """What may be promised now of all that is wanted."""
    merchants = {need.merchant for demand in demands for need in demand}
    skus = {need.sku for demand in demands for need in demand}
    shelves: Shelves = {}
    if not skus:
        return shelves
    for row in stock.available(unit.db, merchants, skus):
        shelves.setdefault(row.warehouse, {})[(row.merchant_id, row.sku)] = row.available
    return shelves


def _warehouses(directory: Directory, merchant: str, shelves: Shelves) -> list[Warehouse]:
    partners = (
        [partner for partner in directory.partners.values() if partner.kind == "warehouse"]
        if merchant == OPERATOR
        else directory.warehouses(merchant)
    )
    return [
        Warehouse(
            code=partner.code,
            available=shelves.get(partner.code, {}),
            merchant=None if partner.merchant == OPERATOR else partner.merchant,
            country=partner.options.get("country"),
            region=partner.options.get("region"),
            capabilities=frozenset(partner.options.get("capabilities", ())),
            active=partner.status == "active",
        )
        for partner in partners
    ]


def _cash_left(one: Wanted) -> Decimal | None:
    """What carriers of this plan and of what waits must collect: nothing twice, so only on the
    first plan.
    """
    return splitting.cash_to_collect(one.row.document) if one.is_first else None


def _take(shelves: Shelves, row: FulfilmentRow, sku: str, quantity: Decimal) -> None:
    shelves[row.warehouse][(row.merchant, sku)] -= quantity


def _destination(order: SalesOrder) -> tuple[str | None, str | None]:
    to = order.ship_to
    return (to.country, to.region_code) if to else (None, None)
