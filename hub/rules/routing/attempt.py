"""One try at a plan: who is ruled out by what, who comes first, who takes what."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from hub.model.document import pieces
from hub.rules.routing.candidates import Allocation, Demand, Refusal, Request, Warehouse
from hub.rules.routing.fewest_warehouses import Row, Takes, cover
from hub.rules.routing.rulebook.compiled import Compiled

_ZERO = Decimal(0)
Entry = dict[str, Any]
"""One entry of the reasoning, as it is stored and shown."""
Rank = tuple[Any, ...]
Barred = Mapping[str, Sequence[Entry]]
"""Warehouse -> the lines that it may not ship, each with the rule that says so."""


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A warehouse that may not ship an order: by which rule, why, and until when if it is known."""

    warehouse: str
    rule: str
    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a try came to. `undivided`: why it was not split though it might have been."""

    allocations: tuple[Allocation, ...]
    unfilled: tuple[Demand, ...]
    candidates: int
    reasoning: tuple[Entry, ...]
    ruled_out: tuple[RuledOut, ...]
    undivided: str | None = None

    @property
    def missing(self) -> Decimal:
        """Pieces that nobody takes."""
        return sum((need.quantity for need in self.unfilled), _ZERO)


def attempt(
    demand: Sequence[Demand], warehouses: Sequence[Warehouse], rules: Compiled, request: Request
) -> Attempt:
    """Spread a demand over warehouses, which come in the order of their codes."""
    barred = _barred(demand, warehouses, rules)
    if barred:
        demand = _without(demand, barred)
    candidates, ruled_out = _sifted(demand, warehouses, rules, request, barred)
    ranked = sorted(
        (tuple(scale(warehouse, demand, request) for scale in rules.scales), at)
        for at, warehouse in enumerate(candidates)
    )
    rows = [(rank, Row(candidates[at], demand)) for rank, at in ranked]
    undivided = _undivided(rules, request)
    taken = _taken(
        rows, [int(need.quantity) for need in demand], rules, undivided=undivided is not None
    )
    unfilled = tuple(_unfilled(demand, taken))
    reasoning = [*map(_out, ruled_out), *_ranked(rows, taken, demand, rules, barred)]
    if undivided and unfilled:
        reasoning.append({"rule": "do_not_split_below", "why": undivided})
    return Attempt(
        tuple(_allocations(rows, taken, demand)),
        unfilled,
        len(candidates),
        tuple(reasoning),
        tuple(ruled_out),
        undivided if unfilled else None,
    )


def _sifted(
    demand: Sequence[Demand],
    warehouses: Sequence[Warehouse],
    rules: Compiled,
    request: Request,
    barred: Barred,
) -> tuple[list[Warehouse], list[RuledOut]]:
    """The warehouses that may ship any of it, and those that may not."""
    candidates: list[Warehouse] = []
    ruled_out: list[RuledOut] = []
    merchants = {need.merchant for need in demand}
    elsewhere = bool(demand) and all(need.only is not None for need in demand)
    known = rules.known_of(request)
    for warehouse in warehouses:
        code, refusal = warehouse.code, None
        if (  # the usual warehouse has none of these
            not warehouse.active
            or elsewhere
            or code in request.exclude
            or request.stopped is not None
            or (warehouse.merchant is not None and warehouse.merchant not in merchants)
        ):
            refusal = why_not(warehouse, demand, merchants, request)
        if refusal is None:
            if code not in known:
                known[code] = rules.against_destination(warehouse, request)
            refusal = known[code] or rules.refusal(warehouse, demand, request)
        if refusal is None and barred and 0 < len(demand) == len(barred.get(code, ())):
            refusal = Refusal(barred[code][0]["rule"], barred[code][0]["why"])
        if refusal is None:
            candidates.append(warehouse)
        else:
            ruled_out.append(RuledOut(code, refusal.rule, refusal.why, refusal.until))
    return candidates, ruled_out


def why_not(
    warehouse: Warehouse, demand: Sequence[Demand], merchants: Collection[str], request: Request
) -> Refusal | None:
    """What is against a warehouse whatever the rules say, or None."""
    if request.stopped is not None:
        return Refusal("circle", request.stopped)
    if not warehouse.active:
        return Refusal("paused", "the warehouse is paused")
    if warehouse.code in request.exclude:
        return Refusal("excluded", "it could not ship this before")
    if warehouse.merchant is not None and warehouse.merchant not in merchants:
        return Refusal("merchant", "it belongs to another merchant")
    if all(need.only is not None and need.only != warehouse.code for need in demand):
        return Refusal("service", "the channel has another warehouse send this")
    return None


def _barred(
    demand: Sequence[Demand], warehouses: Sequence[Warehouse], rules: Compiled
) -> dict[str, list[Entry]]:
    barred: dict[str, list[Entry]] = {}
    if not rules.goods and not rules.needs:
        return barred
    for warehouse in warehouses:
        its_own = rules.goods.get(warehouse.code)
        slots = rules.needs if its_own is None else (its_own, *rules.needs)
        for at, need in enumerate(demand):
            for slot in slots:
                why = slot.against(warehouse, need)
                if why is not None:
                    entry = {"line_no": need.line_no, "rule": slot.name, "why": why, "at": at}
                    barred.setdefault(warehouse.code, []).append(entry)
                    break
    return barred


def _without(demand: Sequence[Demand], barred: Barred) -> list[Demand]:
    """The demand, each line with the warehouses that may not ship it."""
    out: dict[int, set[str]] = {}
    for code, entries in barred.items():
        for entry in entries:
            out.setdefault(entry["at"], set()).add(code)
    return [replace(need, barred=frozenset(out.get(at, ()))) for at, need in enumerate(demand)]


def _undivided(rules: Compiled, request: Request) -> str | None:
    below = rules.undivided_below
    if below is None or request.value is None or request.value >= below:
        return None
    return f"goods worth {request.value:f} are not split, those below {below:f} never are"


def _taken(
    rows: Sequence[tuple[Rank, Row]], open_: list[int], rules: Compiled, *, undivided: bool
) -> Takes:
    """Within warehouses that are equal by all that is sorted before the fewest splits, fewer splits
    count more.
    """
    taken: dict[str, Mapping[int, int]] = {}
    for _, tier in groupby(rows, key=lambda row: row[0][: rules.before]):
        takes = cover([row for _, row in tier], open_, whole=rules.whole, undivided=undivided)
        for code, lines in takes.items():
            taken[code] = lines
            for at, quantity in lines.items():
                open_[at] -= quantity
        if not any(open_):
            break
    return taken


def _unfilled(demand: Sequence[Demand], taken: Takes) -> Iterator[Demand]:
    for at, need in enumerate(demand):
        left = need.quantity - sum(lines.get(at, 0) for lines in taken.values())
        if left > 0:
            yield replace(need, quantity=left, barred=frozenset())


def _allocations(
    rows: Sequence[tuple[Rank, Row]], taken: Takes, demand: Sequence[Demand]
) -> Iterator[Allocation]:
    for _, row in rows:
        takes = taken.get(row.code, {})
        picked = row.picked(takes) if row.making else {}
        for at, quantity in sorted(takes.items()):
            need = demand[at]
            its = (row.code, need.line_no, need.sku, Decimal(quantity), need.merchant)
            yield Allocation(*its, need.kit, picked.get(at, ()))


def _out(out: RuledOut) -> Entry:
    return {"warehouse": out.warehouse, "verdict": "ruled_out", "rule": out.rule, "why": out.why}


def _ranked(
    rows: Sequence[tuple[Rank, Row]],
    taken: Takes,
    demand: Sequence[Demand],
    rules: Compiled,
    barred: Barred,
) -> Iterator[Entry]:
    by = [sorter.sort for sorter in rules.sorters]
    for place, (_, row) in enumerate(rows, start=1):
        takes = taken.get(row.code)
        verdict = "chosen" if takes else "not_needed" if row.has_any else "no_stock"
        entry: Entry = {"warehouse": row.code, "verdict": verdict, "rank": place, "by": by}
        entry["took"] = [] if not takes else [
            noted(demand[at].line_no, demand[at].sku, Decimal(quantity))
            for at, quantity in sorted(takes.items())
        ]  # fmt: skip
        if barred and row.code in barred:
            entry["may_not"] = [
                {name: line[name] for name in ("line_no", "rule", "why")}
                for line in barred[row.code]
            ]
        yield entry


def noted(line_no: int, sku: str, quantity: Decimal) -> Entry:
    """Pieces of a line, as reasoning names them."""
    return {"line_no": line_no, "sku": sku, "quantity": pieces(quantity)}
