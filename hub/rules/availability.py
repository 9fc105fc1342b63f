"""What may be sold.

Available-to-promise, a channel's share of it, and how the number came about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

_ZERO, _WHOLE = Decimal(0), Decimal(100)


@dataclass(frozen=True, slots=True)
class Level:
    """Good stock of one SKU in one warehouse. `fresh`: the warehouse confirmed it lately enough."""

    warehouse: str
    on_hand: Decimal
    reserved: Decimal = _ZERO
    safety: Decimal = _ZERO
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Share:
    """A channel's part of what is available: so many per cent, never more than `most`.

    `floor` is what the channel may still be told while a level is not fresh.
    """

    percent: Decimal = _WHOLE
    most: Decimal | None = None
    floor: Decimal = _ZERO


@dataclass(frozen=True, slots=True)
class Part:
    """One step of the explanation; `quantity` is what it adds (or, negative, takes away)."""

    name: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Published:
    """What a channel may sell. The parts add up to it; `stale` names warehouses to ask again."""

    available: Decimal
    parts: tuple[Part, ...]
    stale: tuple[str, ...] = ()


def atp(on_hand: Decimal, reserved: Decimal, safety: Decimal = _ZERO) -> Decimal:
    """Available-to-promise. Below zero where more is promised than there is."""
    return on_hand - reserved - safety


def publishable(
    levels: Sequence[Level], share: Share | None = None, safety: Decimal = _ZERO
) -> Published:
    """What one channel is told of one SKU; `safety` is kept back beside each warehouse's own.

    Pieces promised beyond a warehouse's stock are taken from the others': they are owed. While any
    level is stale, no more than the floor is published.
    """
    share = share or Share()
    stale = tuple(level.warehouse for level in levels if not level.fresh)
    parts = [
        Part("on_hand", sum((level.on_hand for level in levels), _ZERO)),
        Part("reserved", -sum((level.reserved for level in levels), _ZERO)),
        Part("safety", -safety - sum((level.safety for level in levels), _ZERO)),
    ]
    left = _total(parts)
    caps = [
        ("not_below_zero", max(left, _ZERO)),
        ("other_channels", _floor(max(left, _ZERO) * share.percent / _WHOLE)),
        ("most", share.most),
        ("stale_floor", share.floor if stale else None),
    ]
    for name, cap in caps:
        wanted = (
            left if cap is None else max(cap, left) if name == "not_below_zero" else min(cap, left)
        )
        if wanted != left:
            parts.append(Part(name, wanted - left))
            left = wanted
    return Published(left, tuple(parts), stale)


def kit(available: Mapping[str, Decimal], components: Mapping[str, Decimal]) -> Decimal:
    """How many kits can be made of what is available: the scarcest part decides."""
    return min(
        (
            _floor(max(available.get(sku, _ZERO), _ZERO) / pieces)
            for sku, pieces in components.items()
        ),
        default=_ZERO,
    )


def _total(parts: Sequence[Part]) -> Decimal:
    return sum((part.quantity for part in parts), _ZERO)


def _floor(quantity: Decimal) -> Decimal:
    return quantity.to_integral_value(ROUND_FLOOR)
