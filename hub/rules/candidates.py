"""The warehouses that routing considers: what they have, why one is ruled out, where one ranks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hub.rules.routing_rules import (
    Capability,
    CutOff,
    FewestSplits,
    Filter,
    InStock,
    Priority,
    Rule,
    ServesChannel,
    ShipsTo,
    Sort,
    Sorter,
)

_ZERO = Decimal(0)
_LAST = (1, _ZERO)


@dataclass(frozen=True, slots=True)
class Demand:
    """Pieces of one article for one order line. `needs`: what a warehouse must be able to do."""

    line_no: int
    sku: str
    quantity: Decimal
    merchant: str
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Warehouse:
    """One warehouse with what it could promise now.

    `available` by (merchant, SKU), or by SKU where it holds one merchant's goods only. `merchant`
    None: the operator's, open to all. `distance`, `cost` and `load` in any unit, None not known.
    """

    code: str
    available: Mapping[tuple[str, str] | str, Decimal]
    merchant: str | None = None
    country: str | None = None
    region: str | None = None
    capabilities: frozenset[str] = frozenset()
    distance: Decimal | None = None
    cost: Decimal | None = None
    load: Decimal | None = None
    active: bool = True

    def shelf(self, need: Demand) -> tuple[str, str] | str | None:
        """The key in `available` from which this warehouse may serve a demand, or None."""
        if self.merchant not in {None, need.merchant} or not need.needs <= self.capabilities:
            return None
        for key in ((need.merchant, need.sku), need.sku):
            if key in self.available:
                return key
        return None

    def pieces(self, key: tuple[str, str] | str) -> Decimal:
        """Whole pieces on a shelf, never below zero."""
        return max(self.available[key].to_integral_value(ROUND_FLOOR), _ZERO)


@dataclass(frozen=True, slots=True)
class Request:
    """Where the goods go, for which channel, when it is asked, and which warehouses said no."""

    country: str | None
    channel: str | None
    at: datetime
    region: str | None = None
    exclude: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The rule that rules a warehouse out, and why."""

    rule: str
    why: str


def why_not(
    warehouse: Warehouse,
    demand: Sequence[Demand],
    filters: Iterable[Filter],
    request: Request,
) -> Refusal | None:
    """The first reason against a warehouse, or None.

    Rules that name the same one are alternatives.
    """
    merchants = {need.merchant for need in demand}
    if not warehouse.active:
        return Refusal("paused", "the warehouse is paused")
    if warehouse.code in request.exclude:
        return Refusal("excluded", "it could not ship this before")
    if warehouse.merchant is not None and warehouse.merchant not in merchants:
        return Refusal("merchant", "it belongs to another merchant")
    found: dict[tuple[str, int], list[str | None]] = {}
    for at, rule in enumerate(filters):
        if isinstance(rule, Capability | InStock):  # each of these stands for itself
            slot: tuple[str, int] = (rule.filter, at)
        elif rule.warehouse == warehouse.code:
            slot = (rule.filter, -1)
        else:
            continue
        found.setdefault(slot, []).append(_refusal(rule, warehouse, demand, request))
    for (name, _), reasons in found.items():
        against = [reason for reason in reasons if reason is not None]
        if len(against) == len(reasons):
            return Refusal(name, "; ".join(against))
    return None


def _refusal(
    rule: Filter, warehouse: Warehouse, demand: Sequence[Demand], request: Request
) -> str | None:
    match rule:
        case ShipsTo():
            return _ships_to(rule, request)
        case ServesChannel(channels=channels):
            served = request.channel in channels
            return None if served else f"works for {', '.join(channels)} only"
        case CutOff():
            return _cut_off(rule, request.at)
        case InStock():
            return _in_stock(rule, warehouse, demand)
        case Capability(needs=needs):
            lacks = sorted(set(needs) - warehouse.capabilities)
            return f"cannot do {', '.join(lacks)}" if lacks else None


def _ships_to(rule: ShipsTo, request: Request) -> str | None:
    if request.country not in rule.countries:
        countries = ", ".join(str(country) for country in rule.countries)
        return f"ships to {countries}, not to {request.country or 'an unknown country'}"
    if rule.regions and request.region not in rule.regions:
        return f"ships to the regions {', '.join(rule.regions)} only"
    return None


def _cut_off(rule: CutOff, at: datetime) -> str | None:
    closed = at.astimezone(ZoneInfo(rule.zone)).time() >= rule.time
    return f"takes no more after {rule.time:%H:%M} {rule.zone}" if closed else None


def _in_stock(rule: InStock, warehouse: Warehouse, demand: Sequence[Demand]) -> str | None:
    wanted: dict[tuple[str, str] | str | None, Decimal] = {}
    for need in demand:
        shelf = warehouse.shelf(need)
        wanted[shelf] = wanted.get(shelf, _ZERO) + need.quantity
    has = {key: warehouse.pieces(key) for key in wanted if key is not None}
    if not any(has.values()):
        return "has none of the goods"
    if rule.all and any(key is None or has[key] < pieces for key, pieces in wanted.items()):
        return "does not have all of the goods"
    return None


def rank(warehouse: Warehouse, sorters: Iterable[Sort], request: Request) -> tuple[Any, ...]:
    """Where a warehouse stands, the lowest first; what is not known comes last."""
    return tuple(
        _standing(sorter, warehouse, request)
        for sorter in sorters
        if not isinstance(sorter, FewestSplits)
    )


def _standing(sorter: Priority | Sorter, warehouse: Warehouse, request: Request) -> Any:
    if isinstance(sorter, Priority):
        named = sorter.order
        return named.index(warehouse.code) if warehouse.code in named else len(named)
    if sorter.sort == "distance":
        return _distance(warehouse, request)
    known = warehouse.cost if sorter.sort == "cost" else warehouse.load
    return _LAST if known is None else (0, known)


def _distance(warehouse: Warehouse, request: Request) -> tuple[int, Decimal]:
    """By the distance that is known; else same region, same country, elsewhere."""
    if warehouse.distance is not None:
        return (0, warehouse.distance)
    near = warehouse.country is not None and warehouse.country == request.country
    same = near and warehouse.region is not None and warehouse.region == request.region
    return (1, Decimal(2 - near - same))


def of_kind(
    rules: Iterable[Rule], ignored: frozenset[str] = frozenset()
) -> tuple[list[Filter], list[Sort]]:
    """Filters (without those of an ignored name) and sorters.

    Fewest splits go first unless placed.
    """
    filters = [rule for rule in rules if isinstance(rule, Filter) and rule.filter not in ignored]
    sorters: list[Sort] = [rule for rule in rules if isinstance(rule, Sort)]
    if not any(isinstance(sorter, FewestSplits) for sorter in sorters):
        sorters.insert(0, FewestSplits(sort="fewest_splits"))
    return filters, sorters
