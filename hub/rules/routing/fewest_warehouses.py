"""The fewest warehouses that cover a demand, and what each of them takes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from math import comb

from hub.rules.routing.candidates import Demand, Warehouse
from hub.rules.stock import kits

_MOST_CHECKS = 20_000
"""Lines times combinations to try for the fewest warehouses; beyond it the fullest come first."""
Takes = Mapping[str, Mapping[int, int]]
"""Warehouse -> line of the demand -> pieces."""


class Row:
    """A warehouse with its whole pieces, line by line. Lines that share a shelf have one place on
    it: `shelf[line]` is the place, None where it may not ship the line. `making`: of lines that may
    be made of parts, the places of those.
    """

    __slots__ = ("code", "demand", "has_any", "making", "pieces", "places", "shelf", "warehouse")

    def __init__(self, warehouse: Warehouse, demand: Sequence[Demand]) -> None:
        self.warehouse, self.code, self.demand = warehouse, warehouse.code, demand
        self.shelf: list[int | None] = []
        self.pieces: list[int] = []
        self.making: dict[int, dict[str, int]] = {}
        self.has_any = False
        self.places: dict[tuple[str, str] | str, int] = {}
        for at, need in enumerate(demand):
            if need.kit is not None and self._may_make(at, need):
                continue
            key = warehouse.shelf(need)
            place = None if key is None else self._place(key)
            self.has_any = self.has_any or (place is not None and self.pieces[place] > 0)
            self.shelf.append(place)

    def _place(self, key: tuple[str, str] | str) -> int:
        place = self.places.setdefault(key, len(self.pieces))
        if place == len(self.pieces):
            self.pieces.append(max(int(self.warehouse.available[key]), 0))
        return place

    def _may_make(self, at: int, need: Demand) -> bool:
        warehouse, inside = self.warehouse, need.inside
        if not inside or not warehouse.makes_kits or not warehouse.may_serve(need):
            return False
        keys = ((sku, warehouse.key(need.merchant, sku)) for sku in (need.sku, *inside))
        self.making[at] = {sku: self._place(key) for sku, key in keys if key is not None}
        self.shelf.append(_MADE)
        self.has_any = self.has_any or self.most(at, self.pieces) > 0
        return True

    def most(self, at: int, pieces: Sequence[int]) -> int:
        """How many of a line these pieces, place by place, are enough for."""
        place = self.shelf[at]
        if place is None:
            return 0
        if place != _MADE:
            return pieces[place]
        return int(kits.available(self.demand[at].sku, self._of(at), self._free(at, pieces)))

    def take(self, at: int, pieces: list[int], number: int) -> tuple[tuple[str, Decimal], ...]:
        """Take so many of a line off the pieces. Which those are, where it is made of parts."""
        place = self.shelf[at]
        if place is None:
            return ()
        if place != _MADE:
            pieces[place] -= number
            return ()
        free, sku = self._free(at, pieces), self.demand[at].sku
        picked = kits.picked(sku, Decimal(number), self._of(at), free) or {}
        for name, many in picked.items():
            pieces[self.making[at][name]] -= int(many)
        return tuple(sorted(picked.items()))

    def has_all(self) -> bool:
        """Whether it has every piece of every line."""
        left = list(self.pieces)
        for at in sorted(range(len(self.demand)), key=lambda at: at in self.making):
            wanted = int(self.demand[at].quantity)
            if self.most(at, left) < wanted:
                return False
            self.take(at, left, wanted)
        return True

    def picked(self, takes: Mapping[int, int]) -> dict[int, tuple[tuple[str, Decimal], ...]]:
        """The pieces of all that it takes: kits are made of what other lines leave."""
        left = list(self.pieces)
        first = sorted(takes, key=lambda at: (at in self.making, at))
        return {at: self.take(at, left, takes[at]) for at in first}

    def _free(self, at: int, pieces: Sequence[int]) -> dict[str, Decimal]:
        return {sku: Decimal(pieces[place]) for sku, place in self.making[at].items()}

    def _of(self, at: int) -> kits.Kits:
        kit = self.demand[at].kit
        return kit.of if kit is not None else {}


_MADE = -1
"""The place of a line that may be made of parts."""


def cover(
    tier: Sequence[Row], open_: Sequence[int], *, whole: bool, undivided: bool = False
) -> Takes:
    """What each warehouse of a tier takes.

    All from the smallest group that has all, best ranks first. Where no group has all, the fullest
    warehouses one after the other; `undivided`: nothing from anywhere.
    """
    wanted = sum(open_)
    useful = []
    for row in tier:
        if not row.has_any:
            continue
        takes = _share([row], open_, whole=whole)
        amount = _amount(takes)
        if amount == wanted:
            return takes
        if amount:
            useful.append(row)
    if undivided or not useful:
        return {}
    if _amount(_share(useful, open_, whole=whole)) == wanted:
        together = _smallest(useful, open_, wanted, whole=whole)
        if together is not None:
            return together
    return _share(_fullest(useful, open_, whole=whole), open_, whole=whole)


def _smallest(
    useful: Sequence[Row], open_: Sequence[int], wanted: int, *, whole: bool
) -> Takes | None:
    """What the smallest group takes that has all; None where too many would have to be tried."""
    for size in range(2, len(useful) + 1):
        if comb(len(useful), size) * len(open_) > _MOST_CHECKS:
            return None
        for group in combinations(useful, size):
            if _may_cover(group, open_):
                takes = _share(group, open_, whole=whole)
                if _amount(takes) == wanted:
                    return takes
    return None


def _may_cover(group: Sequence[Row], open_: Sequence[int]) -> bool:
    """Whether a group has enough of each line by itself: a quick no for most groups."""
    for at, wanted in enumerate(open_):
        left = wanted
        for row in group:
            place = row.shelf[at]
            if place is not None:
                left -= row.pieces[place] if place >= 0 else row.most(at, row.pieces)
        if left > 0:
            return False
    return True


def _fullest(useful: Sequence[Row], open_: Sequence[int], *, whole: bool) -> list[Row]:
    """Warehouses picked one by one, each the one that adds most; in the order of their ranks."""
    picked: list[Row] = []
    reached, wanted = 0, sum(open_)
    while reached < wanted:
        gains = [
            (_amount(_share([*picked, row], open_, whole=whole)), -at)
            for at, row in enumerate(useful)
            if row not in picked
        ]
        best, at = max(gains, default=(0, 0))
        if best <= reached:
            break
        picked.append(useful[-at])
        reached = best
    return [row for row in useful if row in picked]


def _share(group: Sequence[Row], open_: Sequence[int], *, whole: bool) -> dict[str, dict[int, int]]:
    """What each of a group takes, in order.

    First the lines it can fill alone, then parts of lines.
    """
    left = list(open_)
    shelves = [list(row.pieces) for row in group]
    takes: dict[str, dict[int, int]] = {row.code: {} for row in group}
    for only_all in (True,) if whole else (True, False):
        for row, pieces in zip(group, shelves, strict=True):
            taken = takes[row.code]
            for at, place in enumerate(row.shelf):
                if place is None or not (wanted := left[at]):
                    continue
                most = pieces[place] if place >= 0 else row.most(at, pieces)
                take = min(most, wanted)
                if take and (take == wanted or not only_all):
                    if place >= 0:
                        pieces[place] -= take
                    else:
                        row.take(at, pieces, take)
                    left[at] = wanted - take
                    taken[at] = taken.get(at, 0) + take
    return takes


def _amount(takes: Takes) -> int:
    return sum(sum(lines.values()) for lines in takes.values())
