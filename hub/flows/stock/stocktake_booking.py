"""What a stocktake comes to, and how it reaches the ledger: a line for each difference, once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.flows.orders import reconsider
from hub.flows.stock import long_count
from hub.flows.unit import Unit
from hub.model.document import ZERO
from hub.model.errors import NotFound
from hub.model.stock import MOST_LINES, day_of
from hub.rules.stock import shelf_count
from hub.rules.stock.shelf_count import Finding, Level, Line
from hub.rules.stock.shelf_life import Batch
from hub.states.stocktake import STOCKTAKE
from hub.store.ops import incidents
from hub.store.stock import levels_touched, stock_levels
from hub.store.stock.stock_levels import Movement
from hub.store.stock.stocktakes import documents, movements
from hub.store.stock.stocktakes import lines as stored
from hub.store.stock.stocktakes.documents import StocktakeRow
from hub.store.stock.stocktakes.lines import LineRow
from hub.store.stock.stocktakes.movements import Late, LevelNow, Moved

Key = tuple[str, str, str]
"""SKU, quality, batch."""
OUTCOMES = ("adjusted", "equal", "not_counted", "unsure", "overtaken")


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A line, what it comes to, and how many pieces moved since it was counted."""

    row: LineRow
    comes_to: Finding
    since: Decimal = ZERO


def held(
    unit: Unit, row: StocktakeRow, skus: Sequence[str], at: datetime | None = None
) -> tuple[dict[Key, Decimal], dict[Level, UUID | None]]:
    """What is held of these articles line by line, and the newest ledger line of each level: now,
    or as it was booked at an earlier time.
    """
    where = (row.merchant, row.warehouse)
    its = movements.levels(unit.db, *where, skus, MOST_LINES, at) if skus else []
    if at is not None:
        since = [(it.sku, it.quality, it.position) for it in its]
        its = _without(its, movements.moved_since(unit.db, row, since))
    pieces = {
        (it.sku, it.quality, batch.name): batch.pieces for it in its for batch in on_shelf(it)
    }
    return pieces, {(it.sku, it.quality): it.position for it in its}


def _without(levels: Iterable[LevelNow], moved: Iterable[Moved]) -> list[LevelNow]:
    """Levels as they were before this was moved."""
    back: dict[Level, dict[str, Batch]] = {}
    for it in moved:
        named = Batch(it.batch, -it.pieces, day_of(it.expires_on))
        back.setdefault((it.sku, it.quality), {})[it.batch] = named
    return [_before(it, back.get((it.sku, it.quality), {})) for it in levels]


def _before(level: LevelNow, back: Mapping[str, Batch]) -> LevelNow:
    pieces = level.on_hand + sum((it.pieces for it in back.values()), ZERO)
    known = {name: (name, held, day) for name, held, day in level.batches}
    for name, it in back.items():
        if name != shelf_count.UNNAMED:
            _, held, day = known.get(name, (name, ZERO, it.expires_on))
            known[name] = (name, held + it.pieces, day)
    return replace(level, on_hand=pieces, batches=list(known.values()))


def on_shelf(level: LevelNow) -> list[Batch]:
    """A level as a person finds it, batch by batch."""
    return shelf_count.spread([Batch(*it) for it in level.batches], level.on_hand)


def foresee(unit: Unit, stocktake_id: UUID) -> list[Foreseen]:
    """What each line comes to by now, or came to."""
    row = documents.read(unit.db, stocktake_id)
    if row is None:
        raise NotFound("no such stocktake")
    rows = stored.lines(unit.db, row.id)
    if row.status in STOCKTAKE.final:
        overtaken = {(it.sku, it.quality) for it in rows if it.outcome == "overtaken"}
        explained = {it.line_no: it.explained for it in rows}
        return [Foreseen(*each) for each in _compared(rows, overtaken, explained)]
    compared = _compare_now(unit, row, rows)
    now, _ = held(unit, row, sorted({it.sku for it in rows if it.counted is not None}))
    return [Foreseen(it, its, _since(it, its, now)) for it, its in compared]


def _since(it: LineRow, its: Finding, now: Mapping[Key, Decimal]) -> Decimal:
    if it.held is None:
        return ZERO
    return now.get((it.sku, it.quality, it.batch), ZERO) - it.held - its.explained


def _compare_now(
    unit: Unit, row: StocktakeRow, rows: Sequence[LineRow]
) -> list[tuple[LineRow, Finding]]:
    """What lines come to by what is known at this moment."""
    late = {it.line_no: it for it in movements.told_late(unit.db, row, rows)}
    lines = [_line(it, late.get(it.line_no)) for it in rows]
    overtaken = movements.overtaken(unit.db, row, rows)
    return _compared(rows, overtaken, shelf_count.explain(lines))


def _compared(
    rows: Sequence[LineRow], overtaken: set[Level], explained: Mapping[int, Decimal]
) -> list[tuple[LineRow, Finding]]:
    differences = shelf_count.compare([_line(it) for it in rows], overtaken, explained)
    return list(zip(rows, differences, strict=True))


def _line(it: LineRow, late: Late | None = None) -> Line:
    return Line(
        *(it.line_no, it.sku, it.quality, it.batch, it.expires_on, it.expected),
        *(it.found, it.counted, it.held),
        *((late.named, late.unnamed) if late else ()),
    )


def book(unit: Unit, row: StocktakeRow, actor: str) -> Mapping[str, int]:
    """Tell the ledger, once for ever, and let go what waits for stock that is there after all.
    Returns how many lines came to what.
    """
    rows = stored.lines(unit.db, row.id)
    counted = sorted({(row.merchant, it.sku) for it in rows if it.counted is not None})
    before = {(it.sku, it.quality): it for it in stock_levels.lock(unit.db, row.warehouse, counted)}
    compared = _compare_now(unit, row, rows)
    adjusted = [(it, difference) for it, difference in compared if difference.adjusts]
    if stock_levels.once(unit.db, row.merchant, "stocktake", [row.number]):
        booked = [_movement(row, it, difference.adjusts, actor) for it, difference in adjusted]
        stock_levels.move(unit.db, booked)
        stored.decide(
            unit.db,
            row,
            ((it.line_no, its.outcome, its.adjusts, its.explained) for it, its in compared),
        )
        _mark_counted(unit, row, compared, before)
        _warn(unit, row, adjusted, before)
        touched = sorted({(row.merchant, it.sku) for it, _ in adjusted})
        levels_touched.touch(unit.db, touched)
        reconsider.came_in(unit, touched, None)
    return {name: sum(its.outcome == name for _, its in compared) for name in OUTCOMES}


def _movement(row: StocktakeRow, it: LineRow, delta: Decimal, actor: str) -> Movement:
    return Movement(
        *(row.merchant, row.warehouse, it.sku, delta, "stocktake"),
        *(f"stocktake:{row.number}", it.quality),
        actor=actor,
        batch=it.batch or None,
        expires_on=it.expires_on.isoformat() if it.expires_on else None,
        happened_at=it.counted_at,
    )


def _mark_counted(
    unit: Unit,
    row: StocktakeRow,
    compared: Iterable[tuple[LineRow, Finding]],
    before: Mapping[Level, Any],
) -> None:
    """Levels that were counted whole are as fresh as the oldest count of them: what a warehouse
    says of an earlier time is in it.
    """
    fresh = {}
    for level in shelf_count.whole((_line(it), its) for it, its in compared) & set(before):
        times = [it.counted_at for it, _ in compared if (it.sku, it.quality) == level]
        fresh[row.merchant, *level] = min(at for at in times if at is not None)
    stock_levels.mark_counted(unit.db, row.warehouse, fresh)


def _warn(
    unit: Unit,
    row: StocktakeRow,
    adjusted: Iterable[tuple[LineRow, Finding]],
    before: Mapping[Level, Any],
) -> None:
    """Say where more is promised than is there by now."""
    deltas: dict[Level, Decimal] = {}
    for it, difference in adjusted:
        deltas[it.sku, it.quality] = deltas.get((it.sku, it.quality), ZERO) + difference.adjusts
    incidents.open_new(
        unit.db,
        [
            long_count.promised(
                row.warehouse, row.merchant, sku, (there.on_hand + delta, there.reserved)
            )
            for (sku, quality), delta in sorted(deltas.items())
            if (there := before.get((sku, quality))) and there.on_hand + delta < there.reserved
        ],
    )
