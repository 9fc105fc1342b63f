"""What other rules would have come to, beside what happened: parcels, kilometres, cost, and pieces
that waited, of one decision or of many together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hub.model.document import pieces
from hub.rules.routing.candidates import Demand, Request, Warehouse
from hub.rules.routing.rulebook.compiled import Book
from hub.rules.routing.rulebook.ranking import kilometres, prices
from hub.rules.routing.rulebook.sorters import Cost, Distance
from hub.rules.routing.sourcing import Allocation

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a plan comes to. `cost` and `km` are None where any warehouse's is not known."""

    parcels: int
    pieces: Decimal
    cost: Decimal | None
    km: float | None

    def shown(self) -> dict[str, Any]:
        """As it is answered."""
        return {
            "parcels": self.parcels,
            "pieces": pieces(self.pieces),
            "cost": None if self.cost is None else f"{self.cost:f}",
            "km": None if self.km is None else round(self.km, 1),
        }


class Yardstick:
    """What a rule book says of cost and distance: its first table of each."""

    def __init__(self, *books: Book) -> None:
        rules = [rule for book in books for rule in book.rules]
        costs = [rule for rule in rules if isinstance(rule, Cost)]
        ways = [rule for rule in rules if isinstance(rule, Distance) and rule.centroids]
        self.currency = costs[0].currency if costs else None
        self._price = prices(costs[0]) if costs else None
        self._far = kilometres(ways[0]) if ways else None

    def measure(
        self,
        went: Sequence[Allocation],
        demand: Sequence[Demand],
        places: Mapping[str, Warehouse],
        request: Request,
    ) -> Measured:
        """What it comes to that these pieces go from these warehouses."""
        grams = {(need.line_no, need.sku): need.goods.weight_g or _ZERO for need in demand}
        weights: dict[str, Decimal] = {}
        for gone in went:
            weight = grams.get((gone.line_no, gone.sku), _ZERO) * gone.quantity
            weights[gone.warehouse] = weights.get(gone.warehouse, _ZERO) + weight
        cost: Decimal | None = None if self._price is None else _ZERO
        km: float | None = None if self._far is None else 0.0
        for code, weight in weights.items():
            price = self._price(code, request, weight) if self._price else None
            cost = None if cost is None or price is None else cost + price
            way = self._far(places[code], request) if self._far and code in places else None
            km = None if km is None or way is None else km + way
        return Measured(len(weights), sum((gone.quantity for gone in went), _ZERO), cost, km)


def is_same(one: Sequence[Allocation], other: Sequence[Allocation]) -> bool:
    """Whether the same pieces go from the same warehouses."""
    return frozenset(one) == frozenset(other)


class Tally:
    """Many decisions together, as JSON keeps it between two slices of a long run."""

    def __init__(self, kept: Mapping[str, Any] | None = None) -> None:
        self.counts: dict[str, Any] = dict(kept or {"decisions": 0, "changed": 0})

    def add(self, before: Measured, after: Measured, *, same: bool) -> None:
        """One more decision. Cost and kilometres are summed where both are known."""
        self._add("decisions", 1)
        self._add("changed", 0 if same else 1)
        for when, measured in (("before", before), ("after", after)):
            self._add(f"parcels_{when}", measured.parcels)
            self._add(f"pieces_{when}", int(measured.pieces))
        if before.cost is not None and after.cost is not None:
            self._add("priced", 1)
            for name, cost in (("cost_before", before.cost), ("cost_after", after.cost)):
                self.counts[name] = f"{Decimal(self.counts.get(name, '0')) + cost:f}"
        if before.km is not None and after.km is not None:
            self._add("located", 1)
            self._add("km_before", before.km)
            self._add("km_after", after.km)

    def _add(self, name: str, amount: float) -> None:
        self.counts[name] = self.counts.get(name, 0) + amount
