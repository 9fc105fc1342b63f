"""What each sorter says of a warehouse: a table from the kind of a sorter to what makes its scale.

A scale is made once of a rule; the warehouse that it gives less comes first, what is not known
comes last.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from hub.rules.routing.candidates import Demand, Request, Warehouse
from hub.rules.routing.rulebook import sorters
from hub.rules.routing.rulebook.distance import km_between, middle_of

Scale = Callable[[Warehouse, Sequence[Demand], Request], Any]
_ZERO, _MOST = Decimal(0), Decimal("Infinity")
_NEVER = datetime.max.replace(tzinfo=UTC)


def _priority(rule: sorters.Priority) -> Scale:
    place = {code: at for at, code in reversed(list(enumerate(rule.order)))}
    last = len(rule.order)
    return lambda warehouse, _, __: place.get(warehouse.code, last)


def _distance(rule: sorters.Distance) -> Scale:
    far = kilometres(rule)

    def scale(warehouse: Warehouse, _: Sequence[Demand], request: Request) -> Any:
        km = far(warehouse, request) if rule.centroids else None
        if km is not None:
            return (0, km)
        near = warehouse.country is not None and warehouse.country == request.country
        same = near and warehouse.region is not None and warehouse.region == request.region
        return (1, 2 - near - same)

    return scale


def kilometres(rule: sorters.Distance) -> Callable[[Warehouse, Request], float | None]:
    """How far a warehouse is from where the goods go; None where either is not known."""
    middle = lru_cache(maxsize=4096)(lambda country, code: middle_of(rule.centroids, country, code))
    between = lru_cache(maxsize=65536)(km_between)

    def far(warehouse: Warehouse, request: Request) -> float | None:
        to = middle(request.country, request.code)
        return None if to is None or warehouse.point is None else between(warehouse.point, to)

    return far


def _cost(rule: sorters.Cost) -> Scale:
    price = prices(rule)

    def scale(warehouse: Warehouse, demand: Sequence[Demand], request: Request) -> Decimal:
        amount = price(warehouse.code, request, weight_of(demand))
        return _MOST if amount is None else amount

    return scale


def prices(rule: sorters.Cost) -> Callable[[str, Request, Decimal], Decimal | None]:
    """What it costs to send so many grams from a warehouse; None where the table does not say."""
    bands = {(rate.warehouse, rate.zone): rate.bands for rate in rule.rates}

    def price(warehouse: str, request: Request, grams: Decimal) -> Decimal | None:
        zone = _zone(rule.zones, request)
        for band in bands.get((warehouse, zone), ()) if zone is not None else ():
            if band.up_to_g is None or grams <= band.up_to_g:
                return band.amount
        return None

    return price


def _zone(zones: Sequence[sorters.CostZone], request: Request) -> str | None:
    code = request.code or ""
    for zone in zones:
        inside = not zone.ranges or any(row.has(code) for row in zone.ranges)
        if request.country in zone.countries and inside:
            return zone.zone
    return None


def weight_of(demand: Sequence[Demand]) -> Decimal:
    """Grams of all that is wanted, as far as weights are known."""
    return sum(((need.goods.weight_g or _ZERO) * need.quantity for need in demand), _ZERO)


def _load(_: sorters.Load) -> Scale:
    return lambda warehouse, _, __: (
        float("inf") if warehouse.load.open is None else warehouse.load.open
    )


def _stock_age(_: sorters.StockAge) -> Scale:
    def scale(warehouse: Warehouse, demand: Sequence[Demand], _: Request) -> datetime:
        since = warehouse.load.since
        return min(
            (since.get((need.merchant, need.sku), _NEVER) for need in demand), default=_NEVER
        )

    return scale


SCALES: Mapping[type[sorters.Sort], Callable[[Any], Scale]] = {
    sorters.Priority: _priority,
    sorters.Distance: _distance,
    sorters.Cost: _cost,
    sorters.Load: _load,
    sorters.StockAge: _stock_age,
}
"""Kind of sorter -> what makes its scale; the fewest splits are no scale, but a search."""
