"""A routing decision made again: what it was made on, as it is kept, and the plan that other rules
would have made of it.

Each decision meets the stock that it met when it was made, whatever other rules would have left of
it: the same rules give what really happened. Warehouses, addresses and products are as they are
now. How full a day or a warehouse was stands in the facts where a rule asked for it; where none
did, nothing is taken to be there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from hub.model.document import pieces
from hub.model.product import Kit
from hub.rules.routing.sourcing import (
    Allocation,
    Book,
    Demand,
    Load,
    Plan,
    Request,
    Warehouse,
    decide,
)

Facts = Mapping[str, Any]
"""What a decision was made on, as JSON keeps it."""


def facts_of(
    demand: Sequence[Demand],
    warehouses: Sequence[Warehouse],
    request: Request,
    plan: Plan,
    first: str | None = None,
) -> dict[str, Any]:
    """What must be kept of a decision to make it again, and where it went. `first`: the warehouse
    that the order itself prefers.
    """
    facts: dict[str, Any] = {
        "at": request.at.isoformat(),
        "demand": [
            [need.line_no, need.sku, pieces(need.quantity), need.merchant, need.only]
            for need in demand
        ],
        "stock": {
            place.code: shelves for place in warehouses if (shelves := _shelves(place, demand))
        },
        "went": [
            [gone.warehouse, gone.line_no, gone.sku, pieces(gone.quantity), gone.merchant]
            for gone in plan.to_reserve
        ],
    }
    if made := {str(at): need.kit.kept() for at, need in enumerate(demand) if need.kit}:
        facts["kits"] = made
    if first is not None:
        facts["first"] = first
    if request.exclude:
        facts["exclude"] = sorted(request.exclude)
    if request.stopped is not None:
        facts["stopped"] = request.stopped
    if resting := [place.code for place in warehouses if not place.active]:
        facts["paused"] = resting
    if busy := {place.code: load for place in warehouses if (load := _busy(place.load))}:
        facts["busy"] = busy
    return facts


def _shelves(place: Warehouse, demand: Sequence[Demand]) -> list[list[Any]]:
    pairs = dict.fromkeys(
        (need.merchant, sku) for need in demand for sku in (need.sku, *need.inside)
    )
    has = place.available
    return [[*pair, pieces(has[pair])] for pair in pairs if pair in has]


def _busy(load: Load) -> dict[str, Any]:
    busy: dict[str, Any] = {}
    if load.open is not None:
        busy["open"] = load.open
    if load.today:
        busy["today"] = {
            zone: [orders, pieces(taken)] for zone, (orders, taken) in load.today.items()
        }
    if load.since:
        busy["since"] = [[*pair, at.isoformat()] for pair, at in load.since.items()]
    return busy


def demand_of(facts: Facts) -> list[Demand]:
    """What was wanted."""
    made = facts.get("kits", {})
    return [
        Demand(
            line_no, sku, Decimal(quantity), merchant, only=only, kit=Kit.read(made.get(str(at)))
        )
        for at, (line_no, sku, quantity, merchant, only) in enumerate(facts["demand"])
    ]


def happened(facts: Facts) -> list[Allocation]:
    """Where it really went."""
    return [
        Allocation(warehouse, line_no, sku, Decimal(quantity), merchant)
        for warehouse, line_no, sku, quantity, merchant in facts["went"]
    ]


def again(
    facts: Facts,
    demand: Sequence[Demand],
    warehouses: Sequence[Warehouse],
    book: Book,
    request: Request,
) -> Plan:
    """The plan that a rule book makes of it. `demand` is that of the facts with what is known of
    the goods; `request` the order as it is.
    """
    asked = replace(
        request,
        at=datetime.fromisoformat(facts["at"]),
        exclude=frozenset(facts.get("exclude", ())),
        stopped=facts.get("stopped"),
    )
    if "first" in facts:
        book = book.preferring(facts["first"])
    return decide(demand, [_as_it_was(place, facts) for place in warehouses], book, asked)


def _as_it_was(place: Warehouse, facts: Facts) -> Warehouse:
    busy = facts.get("busy", {}).get(place.code, {})
    shelves = facts["stock"].get(place.code, ())
    today = busy.get("today", {}).items()
    since = busy.get("since", ())
    return replace(
        place,
        available={(merchant, sku): Decimal(has) for merchant, sku, has in shelves},
        active=place.code not in facts.get("paused", ()),
        load=Load(
            busy.get("open"),
            {zone: (orders, Decimal(taken)) for zone, (orders, taken) in today},
            {(merchant, sku): datetime.fromisoformat(at) for merchant, sku, at in since},
        ),
    )
