"""What may be sold.

Available-to-promise, a channel's share of it, and how the number came about: the parts of an
explanation always add up to the number.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_FLOOR, Decimal

from hub.rules.stock.sharing import Place, Share

_ZERO, _WHOLE = Decimal(0), Decimal(100)


@dataclass(frozen=True, slots=True)
class Level:
    """Good stock of one SKU in one warehouse. `fresh`: the warehouse confirmed it lately enough;
    `expiring`: pieces that expire too soon to be sold.
    """

    warehouse: str
    on_hand: Decimal
    reserved: Decimal = _ZERO
    safety: Decimal = _ZERO
    fresh: bool = True
    expiring: Decimal = _ZERO

    @property
    def free(self) -> Decimal:
        return atp(self.on_hand, self.reserved, self.safety) - self.expiring


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A part of a kit: how many pieces are free, and how many of them one kit takes."""

    sku: str
    free: Decimal
    each: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """One step of the explanation; `quantity` is what it adds (or, negative, takes away). `of`: the
    warehouse or the channel that it is about. `made_of`: the parts of kits that it adds.
    """

    name: str
    quantity: Decimal
    of: str | None = None
    made_of: tuple[Ingredient, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """What can be made of parts beside what lies there ready (`kits.py`): the steps of what is
    confirmed, the sum of all, and the warehouses that did not confirm their levels of parts.
    """

    parts: tuple[Part, ...] = ()
    whole: Decimal = _ZERO
    stale: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """What a channel may sell. The parts add up to it; `stale` names warehouses to ask again."""

    available: Decimal
    parts: tuple[Part, ...]
    stale: tuple[str, ...] = ()


_NOT_MADE = Made()


def atp(on_hand: Decimal, reserved: Decimal, safety: Decimal = _ZERO) -> Decimal:
    """Available-to-promise. Below zero where more is promised than there is."""
    return on_hand - reserved - safety


@dataclass(frozen=True, slots=True)
class Pool:
    """What there is of an article for all channels together: `fresh` of what is confirmed, `whole`
    of all. Never below zero. `parts` add up to `fresh`. `short`: by channels that ask for goods
    that last longer, what is not for them.
    """

    fresh: Decimal
    whole: Decimal
    parts: tuple[Part, ...]
    stale: tuple[str, ...] = ()
    short: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)


def pool(levels: Sequence[Level], ahead: Sequence[Part] = (), made: Made = _NOT_MADE) -> Pool:
    """The levels of one SKU taken together, and what can be `made` of it. Pieces promised beyond a
    warehouse's stock are taken from the others': they are owed. What is in a warehouse whose level
    is not fresh does not count. `ahead`: what selling before goods are there adds (`preorder.py`).
    """
    parts = [*(part for level in levels for part in _of(level)), *ahead]
    free = sum((level.free for level in levels), _ZERO)
    free += sum((part.quantity for part in ahead), _ZERO)
    late = [level for level in levels if not level.fresh]
    unsure = [Part("not_fresh", -level.free, level.warehouse) for level in late if level.free > 0]
    known = free + sum((part.quantity for part in unsure), _ZERO)
    known += sum((part.quantity for part in made.parts), _ZERO)
    parts += [*unsure, *made.parts]
    if known < 0:
        parts.append(Part("not_below_zero", -known))
    stale = tuple(dict.fromkeys((*(level.warehouse for level in late), *made.stale)))
    return Pool(max(known, _ZERO), max(free + made.whole, _ZERO), tuple(parts), stale)


def without_short(stock: Pool, channel: str) -> Pool:
    """What there is of it for a channel, less what does not last long enough for it."""
    left, parts = stock.fresh, []
    for part in stock.short.get(channel, ()):
        off = min(-part.quantity, left)
        parts.append(Part(part.name, -off, part.of))
        left -= off
    whole = max(stock.whole - (stock.fresh - left), _ZERO)
    return replace(stock, fresh=left, whole=whole, parts=(*stock.parts, *parts))


def publish(stock: Pool, place: Place | None = None) -> Published:
    """What one channel is told of a pool. While a level is not fresh the channel may still be told
    its floor, as far as there would be so many.
    """
    place = place or Place()
    left, parts = stock.fresh, list(stock.parts)
    for name, change, of in _cuts(stock.fresh, place):
        parts.append(Part(name, change, of))
        left += change
    floor = min(place.share.floor, _told(stock.whole, place)) if stock.stale else _ZERO
    if floor > left:
        parts.append(Part("floor", floor - left))
        left = floor
    said = tuple(part for part in parts if part.quantity or part.made_of)
    return Published(left, said, stock.stale)


def publishable(levels: Sequence[Level], place: Place | None = None) -> Published:
    """What one channel is told of one SKU."""
    return publish(pool(levels), place)


def _of(level: Level) -> Iterator[Part]:
    yield Part("on_hand", level.on_hand, level.warehouse)
    yield Part("reserved", -level.reserved, level.warehouse)
    yield Part("safety", -level.safety, level.warehouse)
    yield Part("expiring", -level.expiring, level.warehouse)


def _told(total: Decimal, place: Place) -> Decimal:
    return total + sum((change for _, change, _ in _cuts(total, place)), _ZERO)


def _cuts(total: Decimal, place: Place) -> Iterator[tuple[str, Decimal, str | None]]:
    """What channels before this one take off a total, and what its own share does."""
    left = total
    for channel, share in place.before:
        taken = min(left, _share_of(total, share))
        yield "served_before", -taken, channel
        left -= taken
    by_percent = min(left, _floor(total * place.share.percent / _WHOLE))
    yield "other_channels", by_percent - left, None
    if place.share.most is not None:
        yield "most", min(place.share.most, by_percent) - by_percent, None


def _share_of(total: Decimal, share: Share) -> Decimal:
    part = _floor(total * share.percent / _WHOLE)
    return part if share.most is None else min(part, share.most)


def _floor(quantity: Decimal) -> Decimal:
    return quantity.to_integral_value(ROUND_FLOOR)
