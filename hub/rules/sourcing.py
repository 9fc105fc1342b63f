"""Which warehouse ships what.

Filters, sorters and fallbacks over the stock that each could promise.

One warehouse for all where there is one, else as few as possible, else line by line, and a line in
two only as a last resort. Every warehouse considered stands in the reasoning. The same engine
answers what-if questions: it touches nothing, and the same input always gives the same plan.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from typing import Any, Literal

from hub.model.document import pieces
from hub.rules.candidates import Demand, Request, Warehouse, of_kind, rank, why_not
from hub.rules.covering import cover
from hub.rules.routing_rules import DEFAULT_RULES, Fallback, FewestSplits, Rule, Sort, parse

__all__ = ["Allocation", "Demand", "Plan", "Request", "Rule", "Warehouse", "parse", "plan"]

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Allocation:
    """Pieces of one order line that one warehouse is to ship."""

    warehouse: str
    line_no: int
    sku: str
    quantity: Decimal
    merchant: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Who ships what, what nobody has, and why. With the fallback `hold` nothing is to be reserved.

    `reason` is the hold reason for what is unfilled: `no_route` where every warehouse was ruled
    out.
    """

    allocations: tuple[Allocation, ...]
    unfilled: tuple[Demand, ...]
    fallback: Literal["backorder", "hold"] | None
    reason: Literal["no_route", "out_of_stock"] | None
    reasoning: tuple[dict[str, Any], ...]

    @property
    def to_reserve(self) -> tuple[Allocation, ...]:
        """What the order may take now: nothing while the whole of it is held."""
        return () if self.fallback == "hold" else self.allocations


@dataclass(frozen=True, slots=True)
class _Attempt:
    allocations: tuple[Allocation, ...]
    unfilled: tuple[Demand, ...]
    candidates: int
    reasoning: tuple[dict[str, Any], ...]

    @property
    def missing(self) -> Decimal:
        return sum((need.quantity for need in self.unfilled), _ZERO)


def plan(
    demand: Sequence[Demand],
    warehouses: Sequence[Warehouse],
    rules: Sequence[Rule],
    request: Request,
) -> Plan:
    """Spread a demand over warehouses by the merchant's rules, or the default ones."""
    rules = rules or DEFAULT_RULES
    wanted = [need for need in demand if need.quantity > 0]
    best = _attempt(wanted, warehouses, rules, request)
    reasoning, final = list(best.reasoning), None
    for rule in (*(rule for rule in rules if isinstance(rule, Fallback)), _HOLD):
        if not best.unfilled:
            break
        if rule.fallback != "next_best":
            final = rule.fallback
            break
        again = _attempt(wanted, warehouses, rules, request, rule.ignored)
        reasoning.append({"fallback": "next_best", "ignored": sorted(rule.ignored)})
        reasoning += again.reasoning
        if again.missing < best.missing:
            best = again
    if final is None:
        return Plan(best.allocations, best.unfilled, None, None, tuple(reasoning))
    reason: Literal["no_route", "out_of_stock"] = "out_of_stock" if best.candidates else "no_route"
    missing = [_told(need.line_no, need.sku, need.quantity) for need in best.unfilled]
    reasoning.append({"fallback": final, "reason": reason, "unfilled": missing})
    return Plan(best.allocations, best.unfilled, final, reason, tuple(reasoning))


_HOLD = Fallback(fallback="hold")


def _attempt(
    demand: Sequence[Demand],
    warehouses: Sequence[Warehouse],
    rules: Sequence[Rule],
    request: Request,
    ignored: frozenset[str] = frozenset(),
) -> _Attempt:
    filters, sorters = of_kind(rules, ignored)
    candidates, reasoning = [], []
    for warehouse in sorted(warehouses, key=lambda one: one.code):
        refusal = why_not(warehouse, demand, filters, request)
        if refusal is None:
            candidates.append(warehouse)
        else:
            reasoning.append(
                {
                    "warehouse": warehouse.code,
                    "verdict": "ruled_out",
                    "rule": refusal.rule,
                    "why": refusal.why,
                }
            )
    open_, taken = [need.quantity for need in demand], {}
    candidates.sort(key=lambda one: (rank(one, sorters, request), one.code))
    whole = any(isinstance(one, FewestSplits) and not one.split_lines for one in sorters)
    for tier in _tiers(candidates, sorters, request):
        for code, takes in cover(tier, demand, open_, whole=whole).items():
            taken[code] = takes
            for at, quantity in takes.items():
                open_[at] -= quantity
    reasoning += _ranked(candidates, taken, demand, sorters)
    return _Attempt(
        tuple(_allocations(candidates, taken, demand)),
        tuple(
            replace(need, quantity=left)
            for need, left in zip(demand, open_, strict=True)
            if left > 0
        ),
        len(candidates),
        tuple(reasoning),
    )


def _tiers(
    candidates: Sequence[Warehouse], sorters: Sequence[Sort], request: Request
) -> Iterator[list[Warehouse]]:
    """Groups within which fewer splits count more: equal by all that is sorted before them."""
    place = next(at for at, sorter in enumerate(sorters) if isinstance(sorter, FewestSplits))
    before = sorters[:place]
    for _, tier in groupby(candidates, key=lambda one: rank(one, before, request)):
        yield list(tier)


def _allocations(
    candidates: Sequence[Warehouse],
    taken: Mapping[str, Mapping[int, Decimal]],
    demand: Sequence[Demand],
) -> Iterator[Allocation]:
    for one in candidates:
        for at, quantity in sorted(taken.get(one.code, {}).items()):
            need = demand[at]
            yield Allocation(one.code, need.line_no, need.sku, quantity, need.merchant)


def _ranked(
    candidates: Sequence[Warehouse],
    taken: Mapping[str, Mapping[int, Decimal]],
    demand: Sequence[Demand],
    sorters: Sequence[Sort],
) -> Iterator[dict[str, Any]]:
    by = [sorter.sort for sorter in sorters]
    for place, one in enumerate(candidates, start=1):
        takes = taken.get(one.code, {})
        has = any(key is not None and one.pieces(key) for key in map(one.shelf, demand))
        yield {
            "warehouse": one.code,
            "verdict": "chosen" if takes else "not_needed" if has else "no_stock",
            "rank": place,
            "by": by,
            "took": [
                _told(demand[at].line_no, demand[at].sku, quantity)
                for at, quantity in sorted(takes.items())
            ],
        }


def _told(line_no: int, sku: str, quantity: Decimal) -> dict[str, Any]:
    return {"line_no": line_no, "sku": sku, "quantity": pieces(quantity)}
