"""Kits: how many can be made of what there is of their parts, and which parts those are.

A kit's part may be a kit itself; a part of that is not taken apart any more. `availability.py` says
what there is of each part.
"""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal

from hub.rules.stock.availability import Part, Pool

_NOTHING = Pool(Decimal(0), Decimal(0), ())

Parts = Mapping[str, Decimal]
"""SKU -> pieces of it in one kit."""


def taken_apart(sku: str, kits: Mapping[str, Parts]) -> dict[str, Decimal]:
    """The articles that one piece of a SKU is made of, in all: itself where it is no kit."""
    sums: dict[str, Decimal] = {}
    for part, pieces in kits.get(sku, {sku: Decimal(1)}).items():
        for inner, each in kits.get(part, {part: Decimal(1)}).items():
            sums[inner] = sums.get(inner, Decimal(0)) + pieces * each
    return sums


def pool(parts: Parts, pools: Mapping[str, Pool]) -> Pool:
    """What there is of a kit: as many as the scarcest part allows. Its explanation is that part's,
    and what becomes of the pieces as kits.
    """
    made = {sku: _whole(pools.get(sku, _NOTHING).fresh / pieces) for sku, pieces in parts.items()}
    if not made:
        return _NOTHING
    scarcest = min(sorted(made), key=lambda sku: made[sku])
    its = pools.get(scarcest, _NOTHING)
    steps = (*its.parts, Part("as_kits", made[scarcest] - its.fresh, scarcest))
    whole = min(_whole(pools.get(sku, _NOTHING).whole / pieces) for sku, pieces in parts.items())
    stale = sorted({code for sku in parts for code in pools.get(sku, _NOTHING).stale})
    return Pool(made[scarcest], whole, steps, tuple(stale))


def _whole(number: Decimal) -> Decimal:
    return number.to_integral_value(ROUND_FLOOR)
