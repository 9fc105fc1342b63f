"""The fewest warehouses that cover a demand, and what each of them takes."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb

from hub.rules.routing.candidates import Demand, Warehouse

_MOST_CHECKS = 20_000
"""Lines times combinations to try for the fewest warehouses; beyond it the fullest come first."""
Takes = Mapping[str, Mapping[int, int]]
"""Warehouse -> line of the demand -> pieces."""


class Row:
    """A warehouse with its whole pieces, line by line. Lines that share a shelf have one place on
    it: `shelf[line]` is the place, None where it may not ship the line.
    """

    __slots__ = ("code", "has_any", "pieces", "shelf", "warehouse")

    def __init__(self, warehouse: Warehouse, demand: Sequence[Demand]) -> None:
        self.warehouse, self.code = warehouse, warehouse.code
        self.shelf: list[int | None] = []
        self.pieces: list[int] = []
        self.has_any = False
        places: dict[tuple[str, str] | str, int] = {}
        for need in demand:
            key = warehouse.shelf(need)
            if key is None:
                self.shelf.append(None)
                continue
            place = places.setdefault(key, len(self.pieces))
            if place == len(self.pieces):
                pieces = int(warehouse.available[key])
                self.pieces.append(max(pieces, 0))
                self.has_any = self.has_any or pieces > 0
            self.shelf.append(place)


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
                left -= row.pieces[place]
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
                take = min(pieces[place], wanted)
                if take and (take == wanted or not only_all):
                    pieces[place] -= take
                    left[at] = wanted - take
                    taken[at] = taken.get(at, 0) + take
    return takes


def _amount(takes: Takes) -> int:
    return sum(sum(lines.values()) for lines in takes.values())
