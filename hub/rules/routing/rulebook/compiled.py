"""A merchant's rules made ready, once for each version: questions and scales made, filters by the
warehouse they are about, and what holds at which time.
"""

from bisect import bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from hub.rules.routing.candidates import Demand, Refusal, Request, Warehouse
from hub.rules.routing.rulebook.filters import (
    Capacity,
    Filter,
    GoodsNeed,
    GoodsOf,
    OfDestination,
    OfGoods,
    OfOrder,
    Postal,
)
from hub.rules.routing.rulebook.ranking import SCALES, Scale
from hub.rules.routing.rulebook.refusing import QUESTIONS, SILENT, Question, bars, until
from hub.rules.routing.rulebook.routing_rules import DEFAULT_RULES, Fallback, Merge, Rule
from hub.rules.routing.rulebook.sorters import FewestSplits, Priority, Sort
from hub.rules.routing.rulebook.values import Dated


@dataclass(frozen=True, slots=True)
class Slot:
    """Filters of one name about one warehouse, or one about all: alternatives."""

    name: str
    asked: tuple[tuple[OfOrder, Question], ...]

    def against(
        self, warehouse: Warehouse, demand: Sequence[Demand], request: Request
    ) -> Refusal | None:
        """Why none of them lets the warehouse ship, or None."""
        reasons, silent = [], True
        for _, question in self.asked:
            why = question(warehouse, demand, request)
            if why is None:
                return None
            if why != SILENT:
                silent = False
                reasons.append(why)
        if silent:
            return None
        times = [at for rule, _ in self.asked if (at := until(rule, request.at)) is not None]
        return Refusal(self.name, "; ".join(reasons), min(times, default=None))


@dataclass(frozen=True, slots=True)
class GoodsSlot:
    """Filters of one name about what a warehouse ships of an order: alternatives too."""

    name: str
    rules: tuple[OfGoods, ...]

    def against(self, warehouse: Warehouse, need: Demand) -> str | None:
        """Why none of them lets the warehouse ship a line, or None."""
        reasons = [bars(rule, warehouse, need) for rule in self.rules]
        against = [reason for reason in reasons if reason is not None]
        return "; ".join(against) if len(against) == len(reasons) else None


@dataclass(frozen=True, slots=True)
class Compiled:
    """Rules that hold at one time. `there`: filters that ask for nothing but where and when it
    goes, asked before the others. `before`: how many scales are sorted before the fewest splits;
    `undivided_below`: orders worth less are not split.
    """

    there: dict[str, tuple[Slot, ...]]
    by_code: bool
    by_warehouse: dict[str, tuple[Slot, ...]]
    everywhere: tuple[Slot, ...]
    goods: dict[str, GoodsSlot]
    needs: tuple[GoodsSlot, ...]
    sorters: tuple[Sort, ...]
    scales: tuple[Scale, ...]
    before: int
    whole: bool
    undivided_below: Decimal | None
    fallbacks: tuple[Fallback, ...]
    _known: dict[Hashable, dict[str, Refusal | None]] = field(default_factory=dict)

    def known_of(self, request: Request) -> dict[str, Refusal | None]:
        """What was learnt already of warehouses for such a destination at that time, to be added
        to: orders of a batch share the time, and many the destination.
        """
        code = request.code if self.by_code else None
        key = (request.country, request.region, code, request.channel, request.at)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[key] = {}
        return known

    def against_destination(self, warehouse: Warehouse, request: Request) -> Refusal | None:
        """The first rule of where and when it goes that rules a warehouse out, or None."""
        return _first(self.there.get(warehouse.code, ()), warehouse, (), request)

    def refusal(
        self, warehouse: Warehouse, demand: Sequence[Demand], request: Request
    ) -> Refusal | None:
        """The first of the other rules that rules a warehouse out of an order, or None."""
        slots = self.by_warehouse.get(warehouse.code, self.everywhere)
        return _first(slots, warehouse, demand, request)


def _first(
    slots: Sequence[Slot], warehouse: Warehouse, demand: Sequence[Demand], request: Request
) -> Refusal | None:
    for slot in slots:
        refusal = slot.against(warehouse, demand, request)
        if refusal is not None:
            return refusal
    return None


@dataclass(slots=True)
class Book:
    """All rules of a merchant. Which hold is made ready for each span of time once, when asked."""

    rules: tuple[Rule, ...]
    _ready: dict[tuple[int, frozenset[str]], Compiled] = field(default_factory=dict)
    _preferring: dict[str, "Book"] = field(default_factory=dict)
    _turns: list[datetime] = field(init=False)

    def __post_init__(self) -> None:
        turns = {at for rule in self.rules for at in (rule.valid_from, rule.valid_until) if at}
        self._turns = sorted(turns)

    def at(self, moment: datetime, ignored: frozenset[str] = frozenset()) -> Compiled:
        """What holds at a moment, without the filters of these names."""
        key = (bisect_right(self._turns, moment), ignored)
        if key not in self._ready:
            holding = [rule for rule in self.rules if rule.holds(moment)]
            self._ready[key] = _compiled(holding or DEFAULT_RULES, ignored)
        return self._ready[key]

    def preferring(self, warehouse: str) -> "Book":
        """The same rules with one warehouse before all others, where nothing rules it out."""
        if warehouse not in self._preferring:
            first = Priority(sort="priority", order=(warehouse,), priority=_FIRST)
            self._preferring[warehouse] = Book((first, *(self.rules or DEFAULT_RULES)))
        return self._preferring[warehouse]

    def turns_at(self, moment: datetime) -> datetime | None:
        """When a rule next begins or ends to hold."""
        at = bisect_right(self._turns, moment)
        return self._turns[at] if at < len(self._turns) else None

    def has(self, *kinds: type[Rule]) -> bool:
        """Whether any rule is of one of these kinds."""
        return any(isinstance(rule, kinds) for rule in self.rules)

    def parcel_at_most(self, moment: datetime) -> int:
        """How many orders may leave as one parcel; 1 where no rule lets any meet."""
        holding = [rule for rule in self.rules if isinstance(rule, Merge) and rule.holds(moment)]
        return _in_turn(holding)[0].at_most if holding else 1

    @property
    def capacities(self) -> list[Capacity]:
        """The rules on how much a warehouse takes in a day."""
        return [rule for rule in self.rules if isinstance(rule, Capacity)]


R = TypeVar("R", bound=Dated)
_Slots = Sequence[tuple[str | None, Sequence[OfOrder]]]
_FIRST = 1000
"""Before whatever a merchant puts first."""
_REMEMBERED = 256
"""Destinations of which it is remembered whom the rules let ship there."""


def _compiled(rules: Sequence[Rule], ignored: frozenset[str]) -> Compiled:
    filters = [rule for rule in rules if isinstance(rule, Filter) and rule.filter not in ignored]
    sorters: list[Sort] = _in_turn([rule for rule in rules if isinstance(rule, Sort)])
    if not any(isinstance(rule, FewestSplits) for rule in sorters):
        sorters.insert(0, FewestSplits(sort="fewest_splits"))
    fewest = [rule for rule in sorters if isinstance(rule, FewestSplits)]
    limits = [rule.do_not_split_below for rule in fewest if rule.do_not_split_below is not None]
    slots = _slots([rule for rule in filters if isinstance(rule, OfOrder)])
    goods = _slots([rule for rule in filters if isinstance(rule, GoodsOf)])
    needs = [rule for rule in filters if isinstance(rule, GoodsNeed)]
    there = [(whose, held) for whose, held in slots if isinstance(held[0], OfDestination)]
    others = [(whose, held) for whose, held in slots if not isinstance(held[0], OfDestination)]
    return Compiled(
        there=_by_warehouse(there),
        by_code=any(isinstance(rule, Postal) for rule in filters),
        by_warehouse=_by_warehouse(others),
        everywhere=tuple(_asked(held) for whose, held in others if whose is None),
        goods={str(whose): GoodsSlot("goods", tuple(held)) for whose, held in goods},
        needs=tuple(GoodsSlot("goods_need", (rule,)) for rule in needs),
        sorters=tuple(sorters),
        scales=tuple(
            SCALES[type(rule)](rule) for rule in sorters if not isinstance(rule, FewestSplits)
        ),
        before=sorters.index(fewest[0]),
        whole=any(not rule.split_lines for rule in fewest),
        undivided_below=max(limits, default=None),
        fallbacks=tuple(_in_turn([rule for rule in rules if isinstance(rule, Fallback)])),
    )


def _slots(rules: Sequence[R]) -> list[tuple[str | None, list[R]]]:
    """Alternatives together, with whose they are; of them those with the highest priority. A rule
    that names no warehouse stands for itself.
    """
    slots: dict[tuple[str, str | int], list[R]] = {}
    for at, rule in enumerate(rules):
        slots.setdefault((_name(rule), getattr(rule, "warehouse", at)), []).append(rule)
    held = []
    for (_, whose), alike in slots.items():
        highest = max(rule.priority for rule in alike)
        count = [rule for rule in alike if rule.priority == highest]
        held.append((whose if isinstance(whose, str) else None, count))
    return held


def _by_warehouse(slots: _Slots) -> dict[str, tuple[Slot, ...]]:
    return {
        code: tuple(_asked(held) for whose, held in slots if whose in (None, code))
        for code in {whose for whose, _ in slots if whose is not None}
    }


def _name(rule: Dated) -> str:
    return str(getattr(rule, "filter", ""))


def _asked(rules: Sequence[OfOrder]) -> Slot:
    return Slot(rules[0].filter, tuple((rule, QUESTIONS[type(rule)](rule)) for rule in rules))


def _in_turn(rules: Sequence[R]) -> list[R]:
    return sorted(rules, key=lambda rule: -rule.priority)
