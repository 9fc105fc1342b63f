"""The fewest warehouses that cover a demand, and what each of them takes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from math import comb
from typing import Any

from hub.rules.candidates import Demand, Warehouse

_ZERO = Decimal(0)
_MOST_CHECKS = 20_000
"""Lines times combinations to try for the fewest warehouses; beyond it the fullest come first."""


def cover(
    tier: Sequence[Warehouse],
    demand: Sequence[Demand],
    open_: Sequence[Decimal],
    *,
    whole: bool,
) -> dict[str, dict[int, Decimal]]:
    """What each warehouse of a tier takes.

    All from the smallest group that has all, best ranks first.

    Where no group has all, the fullest warehouses one after the other.
    """
    wanted = sum(open_, _ZERO)
    useful = []
    for one in tier:
        takes = _share([one], demand, open_, whole=whole)
        amount = _amount(takes)
        if amount == wanted:
            return takes
        if amount:
            useful.append(one)
    coverable = _amount(_share(useful, demand, open_, whole=whole)) == wanted
    for size in range(2, len(useful) + 1) if coverable else ():
        if comb(len(useful), size) * len(demand) > _MOST_CHECKS:
            break
        for group in combinations(useful, size):
            takes = _share(group, demand, open_, whole=whole)
            if _amount(takes) == wanted:
                return takes
    return _share(_fullest(useful, demand, open_, whole=whole), demand, open_, whole=whole)


def _fullest(
    useful: Sequence[Warehouse], demand: Sequence[Demand], open_: Sequence[Decimal], *, whole: bool
) -> list[Warehouse]:
    """Warehouses picked one by one, each the one that adds most; in the order of their ranks."""
    picked: list[Warehouse] = []
    reached = _ZERO
    while True:
        gains = [
            (_amount(_share([*picked, one], demand, open_, whole=whole)), -at)
            for at, one in enumerate(useful)
            if one.code not in {other.code for other in picked}
        ]
        best, at = max(gains, default=(_ZERO, 0))
        if best <= reached:
            return [one for one in useful if one.code in {other.code for other in picked}]
        picked.append(useful[-at])
        reached = best


def _share(
    group: Sequence[Warehouse], demand: Sequence[Demand], open_: Sequence[Decimal], *, whole: bool
) -> dict[str, dict[int, Decimal]]:
    """What each of a group takes, in order.

    First the lines it can fill alone, then parts of lines.
    """
    left = list(open_)
    shelves = [dict[Any, Decimal]() for _ in group]
    takes: dict[str, dict[int, Decimal]] = {one.code: {} for one in group}
    for only_all in (True,) if whole else (True, False):
        for one, shelf in zip(group, shelves, strict=True):
            for at, need in enumerate(demand):
                key = one.shelf(need) if left[at] > 0 else None
                if key is None:
                    continue
                has = shelf.setdefault(key, one.pieces(key))
                take = min(has, left[at])
                if take > 0 and (take == left[at] or not only_all):
                    shelf[key] -= take
                    left[at] -= take
                    takes[one.code][at] = takes[one.code].get(at, _ZERO) + take
    return takes


def _amount(takes: Mapping[str, Mapping[int, Decimal]]) -> Decimal:
    return sum((quantity for lines in takes.values() for quantity in lines.values()), _ZERO)
