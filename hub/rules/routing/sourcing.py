"""Which warehouse ships what.

Filters, sorters and fallbacks over the stock that each could promise.

One warehouse for all where there is one, else as few as possible, else line by line, and a line in
two only as a last resort. Every warehouse considered stands in the reasoning. The same engine
answers what-if questions: it touches nothing, and the same input always gives the same plan.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Literal

from hub.rules.routing.attempt import RuledOut, attempt, noted
from hub.rules.routing.candidates import Allocation, Demand, Goods, Load, Request, Warehouse
from hub.rules.routing.rulebook.compiled import Book
from hub.rules.routing.rulebook.routing_rules import Fallback, Rule, parse

__all__ = [
    "Allocation",
    "Book",
    "Demand",
    "Goods",
    "Load",
    "Plan",
    "Request",
    "Rule",
    "Warehouse",
    "decide",
    "parse",
    "plan",
]


@dataclass(frozen=True, slots=True)
class Plan:
    """Who ships what, what nobody has, and why. With the fallback `hold` nothing is to be reserved.

    `reason` is the hold reason for what is unfilled: `no_route` where every warehouse was ruled
    out. `ruled_out`: by any rule, also by those that a fallback ignored. `undivided`: why what is
    unfilled was not split. `turns_at`: when other rules hold.
    """

    allocations: tuple[Allocation, ...]
    unfilled: tuple[Demand, ...]
    fallback: Literal["backorder", "hold"] | None
    reason: Literal["no_route", "out_of_stock"] | None
    reasoning: tuple[dict[str, Any], ...]
    ruled_out: tuple[RuledOut, ...] = ()
    undivided: str | None = None
    turns_at: datetime | None = None

    @property
    def to_reserve(self) -> tuple[Allocation, ...]:
        """What the order may take now: nothing while the whole of it is held."""
        return () if self.fallback == "hold" else self.allocations


def plan(
    demand: Sequence[Demand],
    warehouses: Sequence[Warehouse],
    rules: Sequence[Rule],
    request: Request,
) -> Plan:
    """Spread a demand over warehouses by the merchant's rules, or the default ones."""
    return decide(demand, warehouses, Book(tuple(rules)), request)


def decide(
    demand: Sequence[Demand], warehouses: Sequence[Warehouse], book: Book, request: Request
) -> Plan:
    """The same by rules that are made ready, which many orders may share."""
    rules = book.at(request.at)
    wanted = [need for need in demand if need.quantity > 0]
    warehouses = sorted(warehouses, key=attrgetter("code"))
    best = attempt(wanted, warehouses, rules, request)
    if not best.unfilled:
        return Plan(best.allocations, (), None, None, best.reasoning)
    reasoning, final = list(best.reasoning), None
    ruled_out = dict.fromkeys(best.ruled_out)
    for rule in (*rules.fallbacks, _HOLD):
        if not best.unfilled:
            break
        if not rule.is_for(need.sku for need in best.unfilled):
            continue
        if rule.fallback != "next_best":
            final = rule.fallback
            break
        again = attempt(wanted, warehouses, book.at(request.at, rule.ignored), request)
        reasoning.append({"fallback": "next_best", "ignored": sorted(rule.ignored)})
        reasoning += again.reasoning
        ruled_out |= dict.fromkeys(again.ruled_out)
        if again.missing < best.missing:
            best = again
    if final is None:
        return Plan(best.allocations, best.unfilled, None, None, tuple(reasoning))
    reason: Literal["no_route", "out_of_stock"] = "out_of_stock" if best.candidates else "no_route"
    missing = [noted(need.line_no, need.sku, need.quantity) for need in best.unfilled]
    reasoning.append({"fallback": final, "reason": reason, "unfilled": missing})
    return Plan(
        best.allocations,
        best.unfilled,
        final,
        reason,
        tuple(reasoning),
        tuple(ruled_out),
        best.undivided,
        book.turns_at(request.at),
    )


_HOLD = Fallback(fallback="hold")
