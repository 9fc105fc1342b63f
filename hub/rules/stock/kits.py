"""Kits: articles that are made of others. What one takes, how many can be had of what lies in a
warehouse, and which kits may not be.

A kit's part may be a kit itself; a part of that may not. Kits that lie there ready go first, those
made of their parts after them. A kit is picked in one warehouse.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from hub.rules.stock.availability import Ingredient, Level, Made, Part

DEEPEST = 2
"""So many levels of parts a kit may have."""

Parts = Mapping[str, Decimal]
"""SKU -> pieces of it in one kit."""
Kits = Mapping[str, Parts]
"""SKU -> its parts, of those that are kits."""

_ZERO = Decimal(0)


def fault(sku: str, kits: Kits) -> tuple[str, Literal["circle", "too_deep"]] | None:
    """Why a kit may not be made of these parts: the part that is to blame, and what is wrong."""
    parts, above = kits.get(sku, {}), _above(sku, kits, DEEPEST)
    for part in parts:
        if _holds(part, sku, kits, DEEPEST + 1):
            return part, "circle"
    for part in parts:
        if above + 1 + _below(part, kits, DEEPEST) > DEEPEST:
            return part, "too_deep"
    return None


def expand(sku: str, quantity: Decimal, kits: Kits) -> dict[str, Decimal]:
    """The pieces that so many of a SKU are made of, in all: itself where it is no kit."""
    return picked(sku, quantity, kits, None) or {}


def available(sku: str, kits: Kits, free: Parts) -> Decimal:
    """How many of a SKU can be had of what is free in one warehouse: ready ones and made ones."""
    low, high = 0, sum(int(max(pieces, _ZERO)) for pieces in free.values())
    while low < high:  # what can be had of so many can be had of fewer
        half = (low + high + 1) // 2
        low, high = (
            (low, half - 1) if picked(sku, Decimal(half), kits, free) is None else (half, high)
        )
    return Decimal(low)


def picked(
    sku: str, quantity: Decimal, kits: Kits, free: Parts | None
) -> dict[str, Decimal] | None:
    """Which pieces to take for so many of a SKU: ready ones first, parts for the rest. None where
    that is more than is free. Where nothing is said of what is free, all is made of parts.
    """
    left = {name: max(_whole(pieces), _ZERO) for name, pieces in (free or {}).items()}
    taken: dict[str, Decimal] = {}

    def take(name: str, wanted: Decimal, deep: int) -> bool:
        parts = kits.get(name, {}) if deep else {}
        ready = min(left.get(name, _ZERO), wanted)
        if free is None and not parts:
            ready = wanted
        if ready:
            taken[name] = taken.get(name, _ZERO) + ready
            left[name] = left.get(name, _ZERO) - ready
        missing = wanted - ready
        if not missing:
            return True
        each = ((part, missing * pieces) for part, pieces in parts.items())
        return bool(parts) and all(take(part, pieces, deep - 1) for part, pieces in each)

    return taken if take(sku, quantity, DEEPEST) else None


def made(sku: str, kits: Kits, levels: Mapping[str, Sequence[Level]]) -> Made:
    """What can be made of a kit's parts, warehouse by warehouse, beside the ready ones. Parts that
    are owed in one warehouse are taken from those of the others.
    """
    inside = within(sku, kits)
    its = [(name, level) for name in inside for level in levels.get(name, ())]
    steps, whole = [], _ZERO
    for place in sorted({level.warehouse for _, level in its}):
        here = {name: level for name, level in its if level.warehouse == place}
        known = {name: level.free for name, level in here.items() if level.fresh}
        whole += available(sku, kits, {name: level.free for name, level in here.items()})
        steps.append(Part("of_parts", available(sku, kits, known), place, _why(sku, kits, known)))
    together: dict[str, Decimal] = {}
    for name, level in its:
        if level.fresh or level.free < 0:
            together[name] = together.get(name, _ZERO) + level.free
    owed = sum((step.quantity for step in steps), _ZERO) - available(sku, kits, together)
    if owed > 0:
        steps.append(Part("parts_owed", -owed))
    stale = {level.warehouse for _, level in its if not level.fresh}
    return Made(tuple(steps), whole, tuple(sorted(stale)))


def to_order(made: Made, waiting: Decimal) -> Made:
    """What of it is for sale where the kit is made to order: all but the pieces that orders wait
    for already.
    """
    sold = Part("waiting", -min(waiting, _sum(made)))
    return Made((*made.parts, sold), made.whole - min(waiting, made.whole), made.stale)


def not_to_order(made: Made) -> Made:
    """What of it is for sale where nobody makes the kit when it is ordered: nothing. The steps
    still say what could be made.
    """
    return Made((*made.parts, Part("not_to_order", -_sum(made))))


def _sum(made: Made) -> Decimal:
    return sum((part.quantity for part in made.parts), _ZERO)


def within(sku: str, kits: Kits) -> Collection[str]:
    """The articles that a kit is made of, kits in it and their parts, each once; without itself."""
    parts = kits.get(sku, {})
    return dict.fromkeys((*parts, *(inner for part in parts for inner in kits.get(part, {}))))


def _why(sku: str, kits: Kits, free: Parts) -> tuple[Ingredient, ...]:
    return tuple(
        Ingredient(part, available(part, kits, _of(part, kits, free)), pieces)
        for part, pieces in kits.get(sku, {}).items()
    )


def _of(sku: str, kits: Kits, free: Parts) -> dict[str, Decimal]:
    return {name: free[name] for name in (sku, *within(sku, kits)) if name in free}


def _below(sku: str, kits: Kits, most: int) -> int:
    parts = kits.get(sku, {}) if most else {}
    return max((1 + _below(part, kits, most - 1) for part in parts), default=0)


def _above(sku: str, kits: Kits, most: int) -> int:
    holders = [kit for kit, parts in kits.items() if sku in parts] if most else []
    return max((1 + _above(kit, kits, most - 1) for kit in holders), default=0)


def _holds(sku: str, wanted: str, kits: Kits, most: int) -> bool:
    parts = kits.get(sku, {}) if most else {}
    return sku == wanted or any(_holds(part, wanted, kits, most - 1) for part in parts)


def _whole(number: Decimal) -> Decimal:
    return number.to_integral_value(ROUND_FLOOR)
