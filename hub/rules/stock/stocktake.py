"""Stocktaking: what a warehouse's count makes of the levels that are held, and what its changes
move.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hub.model.stock import ChangedLine, ReportedLine, batch_of

_ZERO = Decimal(0)

Articles = Mapping[str, tuple[str, str]]
"""A warehouse's code -> (merchant, SKU)."""
Place = tuple[str, str, str]
"""Merchant, SKU, quality: one level of the warehouse that speaks."""


@dataclass(frozen=True, slots=True)
class Held:
    """A level as it is known."""

    on_hand: Decimal
    reserved: Decimal = _ZERO
    counted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Pieces in (or, negative, out). Zero where a level that was not known is empty."""

    place: Place
    delta: Decimal
    batch: str | None = None
    expires_on: str | None = None


@dataclass(frozen=True, slots=True)
class Oversold:
    """More is promised than was counted."""

    place: Place
    counted: Decimal
    reserved: Decimal


@dataclass(frozen=True, slots=True)
class Stocktake:
    """What a count comes to. `after`: the levels it is not too old for, as they are from now on;
    `stale`: it is too old for all of them.
    """

    after: Mapping[Place, Held]
    moved: Sequence[Moved]
    oversold: Sequence[Oversold]
    stale: bool


def code_of(line: ReportedLine | ChangedLine) -> str:
    """What the warehouse calls the article."""
    return line.sku or line.item_code or ""


def first_unknown(lines: Iterable[ReportedLine | ChangedLine], articles: Articles) -> int | None:
    """Where the first line stands whose article nobody knows."""
    return next((at for at, line in enumerate(lines) if code_of(line) not in articles), None)


def counted(lines: Iterable[ReportedLine], articles: Articles) -> dict[Place, Decimal]:
    """What was counted, place by place: several lines of one article, of batches for example, are
    added up.
    """
    sums: dict[Place, Decimal] = {}
    for line in lines:
        place = (*articles[code_of(line)], line.quality)
        sums[place] = sums.get(place, _ZERO) + line.on_hand
    return sums


def changed(lines: Iterable[ChangedLine], articles: Articles) -> list[Moved]:
    """What changes move, one movement a line: each is a line of the ledger."""
    return [
        Moved((*articles[code_of(line)], line.quality), line.delta, line.batch) for line in lines
    ]


def since_counted(moved: Iterable[Moved], held: Mapping[Place, Held], at: datetime) -> list[Moved]:
    """What of a change that happened at a time is not in a count already: its level was not counted
    later.
    """
    return [
        movement
        for movement in moved
        if (counted_at := held.get(movement.place, _UNKNOWN).counted_at) is None or counted_at <= at
    ]


_UNKNOWN = Held(_ZERO)
Counted = tuple[Decimal, str | None]
"""Pieces of a batch, and the day it expires as it was told."""
Batches = Mapping[Place, Mapping[str, Counted]]
"""Place -> batch -> what there is of it."""


def by_batch(lines: Iterable[ReportedLine], articles: Articles) -> Batches:
    """What was counted of each batch, in the places of which any line names one."""
    counted: dict[Place, dict[str, Counted]] = {}
    for line in lines:
        batch = batch_of(line.batch, line.expires_on)
        if batch is not None:
            its = counted.setdefault((*articles[code_of(line)], line.quality), {})
            had, expires_on = its.get(batch, (_ZERO, None))
            its[batch] = (had + line.on_hand, line.expires_on or expires_on)
    return counted


def part(
    moved: Iterable[Moved], counted: Batches, held: Batches, taken: Iterable[Place]
) -> list[Moved]:
    """What a count moves, batch by batch in the places, of those `taken`, that it counted so: a
    batch it does not name is gone there. The movements of a place add up to what they were.
    """
    left = {movement.place: movement for movement in moved}
    parts: list[Moved] = []
    for place in sorted(set(counted) & set(taken)):
        now, before = counted[place], held.get(place, {})
        whole = left.pop(place, None)
        rest = whole.delta if whole else _ZERO
        for batch in sorted({*now, *before}):
            pieces, expires_on = now.get(batch, (_ZERO, None))
            delta = pieces - before.get(batch, (_ZERO, None))[0]
            rest -= delta
            if delta:
                parts.append(Moved(place, delta, batch, expires_on))
        if rest or (whole and place not in {it.place for it in parts}):
            parts.append(Moved(place, rest))
    return [*left.values(), *parts]


def compare(counts: Mapping[Place, Decimal], held: Mapping[Place, Held], at: datetime) -> Stocktake:
    """What was counted at a time against what is held. A place counted later is left alone.

    What moved between that time and now is not laid on top: the time of many reports is the
    midnight of a day in whose evening they were made, and then it is in them.
    """
    after: dict[Place, Held] = {}
    moved, oversold = [], []
    for place, pieces in sorted(counts.items()):
        level = held.get(place)
        if level is not None and level.counted_at is not None and level.counted_at > at:
            continue
        before = level or Held(_ZERO)
        after[place] = Held(pieces, before.reserved, at)
        if level is None or pieces != level.on_hand:
            moved.append(Moved(place, pieces - before.on_hand))
        if level is not None and pieces < level.reserved:
            oversold.append(Oversold(place, pieces, level.reserved))
    return Stocktake(after, moved, oversold, stale=bool(counts) and not after)
