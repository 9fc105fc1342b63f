"""How channels share a merchant's stock: rules as the merchant writes them, and what they come to
for one SKU on one channel. `availability.py` works with it; the connections file holds the rules.

A rule has exactly one of `percent`, `fixed`, `priority`, `floor` and `min_shelf_life_days`. One
that names a SKU goes before one that does not. A channel without a rule may be told all there is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, ValidationError

from hub.model.document import Count, Id, OptId, Value
from hub.model.errors import BadData
from hub.model.plain import problems_of

_WHOLE = Decimal(100)


class Percent(Value):
    """The channel is told so many per cent of what is available, rounded down."""

    percent: Annotated[Count, Field(le=100)]
    channel: Id
    sku: OptId = None


class Fixed(Value):
    """The channel is told at most so many pieces."""

    fixed: Count
    channel: Id
    sku: OptId = None


class Priority(Value):
    """These channels are served in this order: each is told of what those before it leave."""

    priority: Annotated[tuple[Id, ...], Field(min_length=1)]
    sku: OptId = None


class Floor(Value):
    """What the channel may still be told while the levels are not fresh."""

    floor: Count
    channel: Id
    sku: OptId = None


class ShelfLife(Value):
    """Pieces with fewer days left than these are not sold, on any channel, or on this one, which
    asks for more; 0: none that expired.
    """

    min_shelf_life_days: Annotated[int, Field(ge=0, le=3650, strict=True)]
    channel: OptId = None
    sku: OptId = None


Rule = Percent | Fixed | Priority | Floor | ShelfLife
_KINDS: Mapping[str, type[Rule]] = {
    "percent": Percent,
    "fixed": Fixed,
    "priority": Priority,
    "floor": Floor,
    "min_shelf_life_days": ShelfLife,
}


@dataclass(frozen=True, slots=True)
class Share:
    """A channel's part of what is available: so many per cent, never more than `most`.

    `floor` is what the channel may still be told while a level is not fresh.
    """

    percent: Decimal = _WHOLE
    most: Decimal | None = None
    floor: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Place:
    """A channel's share, and the channels that are served before it, the first first."""

    share: Share = Share()
    before: tuple[tuple[str, Share], ...] = ()


def parse(rules: Sequence[Any], path: str = "rules") -> tuple[Rule, ...]:
    """Rules from plain mappings. Raises BadData with the path of the first that is wrong."""
    read = tuple(_read(rule, f"{path}.{at}") for at, rule in enumerate(rules))
    seen: dict[tuple[Any, ...], int] = {}
    for at, rule in enumerate(read):
        key = (type(rule), getattr(rule, "channel", None), rule.sku)
        if key in seen:
            message = f"it is about the same as rule {seen[key]}"
            raise BadData(message, path=f"{path}.{at}", code="duplicate_key")
        seen[key] = at
    return read


def place(rules: Sequence[Rule], channel: str, sku: str) -> Place:
    """Where a channel stands for a SKU."""
    orders = [rule for rule in rules if isinstance(rule, Priority)]
    first = _best(orders, sku)
    order = first.priority if isinstance(first, Priority) else ()
    before = order[: order.index(channel)] if channel in order else ()
    return Place(
        _share(rules, channel, sku), tuple((code, _share(rules, code, sku)) for code in before)
    )


def asking(rules: Sequence[Rule]) -> list[str]:
    """The channels that ask for goods that last longer than others must."""
    its = (rule.channel for rule in rules if isinstance(rule, ShelfLife))
    return sorted({channel for channel in its if channel is not None})


def lasting(rules: Sequence[Rule], channel: str, sku: str) -> int | None:
    """How many days pieces must last to be sold on a channel, where it asks for that itself."""
    its = [rule for rule in rules if isinstance(rule, ShelfLife) and rule.channel == channel]
    best = _best(its, sku)
    return best.min_shelf_life_days if isinstance(best, ShelfLife) else None


def _share(rules: Sequence[Rule], channel: str, sku: str) -> Share:
    its = [
        rule
        for rule in rules
        if not isinstance(rule, Priority | ShelfLife) and rule.channel == channel
    ]
    percent = _best([rule for rule in its if isinstance(rule, Percent)], sku)
    fixed = _best([rule for rule in its if isinstance(rule, Fixed)], sku)
    floor = _best([rule for rule in its if isinstance(rule, Floor)], sku)
    return Share(
        percent.percent if isinstance(percent, Percent) else _WHOLE,
        fixed.fixed if isinstance(fixed, Fixed) else None,
        floor.floor if isinstance(floor, Floor) else Decimal(0),
    )


def _best(rules: Sequence[Rule], sku: str) -> Rule | None:
    """The rule of this SKU, else the one of all."""
    by_sku = {rule.sku: rule for rule in rules}
    return by_sku.get(sku) or by_sku.get(None)


def _read(rule: Any, path: str) -> Rule:
    kinds = [kind for kind in _KINDS if kind in rule] if isinstance(rule, Mapping) else []
    if len(kinds) != 1:
        raise BadData(f"a rule has exactly one of {', '.join(_KINDS)}", path=path)
    try:
        return _KINDS[kinds[0]].model_validate(dict(rule))
    except ValidationError as error:
        first = problems_of(error)[0]
        where = f"{path}.{first.path}".rstrip(".")
        raise BadData(first.message, path=where, code=first.code) from None
