"""What the counts of a stocktake come to, line by line.

A line is what a person counts by itself: an article of one quality and, where batches are known,
one batch. What was counted is compared with what was held at that moment, which is the snapshot and
all that moved since: pieces sold while others still count are no difference.

Partners tell late. What had moved before a count, and is booked after what it is compared with, was
found by it already: as far as it goes the way of the difference, it explains it.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar

from hub.rules.stock import shelf_life
from hub.rules.stock.shelf_life import Batch
from hub.states.stocktake import State

_ZERO = Decimal(0)
UNNAMED = ""
"""The batch of pieces that bear none."""
Level = tuple[str, str]
"""SKU and quality."""
Place = TypeVar("Place", bound=Hashable)
"""A level, whatever names it."""
Outcome = Literal["adjusted", "equal", "not_counted", "unsure", "overtaken"]
"""What becomes of a line when its stocktake is approved. `not_counted`: nothing; `unsure`: it was
found where the snapshot has other lines of its level which nobody counted, so its pieces may be
theirs; `overtaken`: its level was corrected or counted by others after this count.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """`expected`: what the snapshot says; `found`: it was in no snapshot. `held`: what the hub had
    booked when it was counted; `late` and `late_unnamed`: what had moved before and was booked
    later, of its batch and without one. Pieces, all of them; None until it is counted.
    """

    line_no: int
    sku: str
    quality: str
    batch: str
    expires_on: date | None
    expected: Decimal
    found: bool
    counted: Decimal | None = None
    held: Decimal | None = None
    late: Decimal = _ZERO
    late_unnamed: Decimal = _ZERO

    @property
    def level(self) -> Level:
        return (self.sku, self.quality)

    @property
    def key(self) -> tuple[str, str, str]:
        """What no other line of its stocktake is."""
        return (self.sku, self.quality, self.batch)


@dataclass(frozen=True, slots=True)
class Finding:
    """`moved`: pieces in since the snapshot, up to the count, with those `explained`, which were
    told late; `difference`: counted above what was there then; `adjusts`: what the ledger is told.
    None where nothing was counted.
    """

    outcome: Outcome
    moved: Decimal | None = None
    difference: Decimal | None = None
    adjusts: Decimal = _ZERO
    explained: Decimal = _ZERO


def spread(batches: Iterable[Batch], on_hand: Decimal) -> list[Batch]:
    """A level as a person finds it: its batches, and what bears none under no name, also where that
    is nothing and no batch is there.
    """
    there = shelf_life.there(list(batches), on_hand)
    rest = on_hand - sum((it.pieces for it in there), _ZERO)
    return [*there, *([Batch(UNNAMED, rest)] if rest or not there else [])]


def explains(difference: Decimal, moved: Decimal) -> Decimal:
    """How much of a difference that a count found is explained by pieces that moved before it."""
    return min(difference, moved, key=abs) if difference * moved > 0 else _ZERO


def explain(lines: Iterable[Line]) -> dict[int, Decimal]:
    """What was told late of each line, by its number, as far as it explains its difference. What
    names no batch is taken for those that bear none first.
    """
    sums: dict[int, Decimal] = {}
    taken: dict[Level, Decimal] = {}
    for line in sorted(lines, key=lambda it: (it.batch != UNNAMED, it.line_no)):
        if line.counted is None or line.held is None:
            continue
        apart = line.counted - line.held
        named = explains(apart, line.late)
        left = line.late_unnamed - taken.get(line.level, _ZERO)
        unnamed = explains(apart - named, left)
        taken[line.level] = taken.get(line.level, _ZERO) + unnamed
        sums[line.line_no] = named + unnamed
    return sums


def compare(
    lines: Sequence[Line], overtaken: Collection[Level], explained: Mapping[int, Decimal]
) -> list[Finding]:
    """What each line comes to, in their order. `overtaken`: levels that a later count has set;
    `explained`: by their numbers, what was told late.
    """
    open_ = {line.level for line in lines if line.counted is None and not line.found}
    return [
        _difference(line, open_, overtaken, explained.get(line.line_no, _ZERO)) for line in lines
    ]


def _difference(
    line: Line, open_: Collection[Level], overtaken: Collection[Level], late: Decimal
) -> Finding:
    if line.counted is None or line.held is None:
        return Finding("not_counted")
    moved = line.held + late - line.expected
    apart = line.counted - line.held - late
    if line.level in overtaken:
        return Finding("overtaken", moved, apart, explained=late)
    if line.found and line.level in open_:
        return Finding("unsure", moved, apart, explained=late)
    return Finding("adjusted" if apart else "equal", moved, apart, apart, late)


def take_back(
    late: Iterable[tuple[Place, Decimal]], differences: Mapping[Place, Decimal]
) -> list[Decimal]:
    """What of the differences that counts found, and that are booked, is explained by pieces, each
    of a place, that had moved before them: so much is taken back for each.
    """
    left, backs = dict(differences), []
    for place, pieces in late:
        back = explains(left.get(place, _ZERO), pieces)
        left[place] = left.get(place, _ZERO) - back
        backs.append(back)
    return backs


def whole(compared: Iterable[tuple[Line, Finding]]) -> set[Level]:
    """Levels of which every line was counted and taken for what it is."""
    taken: dict[Level, bool] = {}
    for line, its in compared:
        taken[line.level] = taken.get(line.level, True) and its.outcome in ("adjusted", "equal")
    return {level for level, all_of_it in taken.items() if all_of_it}


def shows_expected(
    status: str, *, blind: bool, actor: str, counted_by: Collection[str], may_approve: bool
) -> bool:
    """Whether somebody sees what is expected. Of a blind one nobody does while it is counted, and
    who counted not before it is decided about.
    """
    if not blind or status in (State.APPROVED, State.CANCELLED):
        return True
    return status == State.COUNTED and may_approve and actor not in counted_by
