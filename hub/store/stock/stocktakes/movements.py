"""What the hub holds of levels that are counted, and what its ledger moved around a count.

A count notes what the hub held in the very statement that reads it, with the newest ledger line of
the level: level, batches and ledger are written together, so a statement sees all or none of a
movement. What a level was corrected by later bears a higher id, for whoever moves it holds its row.
A count that is told later than it was taken is of the newest ledger line before its moment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import floor_id
from hub.store.base.rows import Rows
from hub.store.stock.stocktakes.documents import StocktakeRow
from hub.store.stock.stocktakes.lines import LineRow

Batch = tuple[str, Decimal, date | None]
"""Its name, pieces, and the day it expires."""


@dataclass(frozen=True, slots=True)
class LevelNow:
    """A level as it is. `position`: its newest ledger line before the moment asked for."""

    sku: str
    quality: str
    on_hand: Decimal
    position: UUID | None
    batches: Sequence[Batch]


@dataclass(frozen=True, slots=True)
class Moved:
    """Pieces of a level that the ledger moved, of one batch; of none under no name."""

    sku: str
    quality: str
    batch: str
    expires_on: str | None
    pieces: Decimal


@dataclass(frozen=True, slots=True)
class Late:
    """Pieces that had moved before a line was counted, and were booked after what it is compared
    with: of its batch, and without a batch being named.
    """

    line_no: int
    named: Decimal
    unnamed: Decimal


def levels(
    db: Connection,
    merchant: str,
    warehouse: str,
    skus: Sequence[str],
    most: int,
    before: datetime | None = None,
) -> list[LevelNow]:
    """What a merchant has there, of these SKUs or of all, at most so many levels."""
    wanted = {
        "merchant": merchant,
        "warehouse": warehouse,
        "skus": sorted(set(skus)),
        "most": most,
        "before": floor_id(before) if before else _AFTER_ALL,
    }
    return [
        LevelNow(row.sku, row.quality, row.on_hand, row.position, [_batch(*it) for it in row.its])
        for row in db.execute(_LEVELS, wanted)
    ]


def _batch(name: str, pieces: str, expires_on: str | None) -> Batch:
    return (name, Decimal(pieces), date.fromisoformat(expires_on) if expires_on else None)


def moved_since(
    db: Connection, row: StocktakeRow, since: Iterable[tuple[str, str, UUID | None]]
) -> list[Moved]:
    """What the ledger moved of levels (SKU, quality) after a line of it."""
    wanted = [(*level, position or _BEFORE_ALL) for *level, position in since]
    rows = db.execute(_MOVED, {**_POSITIONS.of(wanted), **_place(row)}) if wanted else ()
    return [Moved(*it) for it in rows]


def told_late(db: Connection, row: StocktakeRow, counted: Iterable[LineRow]) -> list[Late]:
    """Of each line that was counted, what had moved before and was booked later."""
    wanted = [
        (it.line_no, it.sku, it.quality, it.batch, it.position or _BEFORE_ALL, it.counted_at)
        for it in counted
        if it.counted_at is not None
    ]
    rows = db.execute(_LATE, {**_MOMENTS.of(wanted), **_place(row)}) if wanted else ()
    return [Late(*it) for it in rows]


def _place(row: StocktakeRow) -> dict[str, str]:
    return {"merchant": row.merchant, "warehouse": row.warehouse}


def overtaken(
    db: Connection, row: StocktakeRow, counted: Iterable[LineRow]
) -> set[tuple[str, str]]:
    """Levels (SKU, quality) that somebody else counted or corrected after they were counted."""
    oldest: dict[tuple[str, str], tuple[UUID, datetime]] = {}
    for it in counted:
        if it.counted_at is not None:
            mine = (it.position or _BEFORE_ALL, it.counted_at)
            level = (it.sku, it.quality)
            oldest[level] = min(oldest.get(level, mine), mine)
    values = [(*level, *since) for level, since in sorted(oldest.items())]
    there = db.execute(_OVERTAKEN, {**_SINCE.of(values), **_place(row)})
    return {(it.sku, it.quality) for it in there}


_BEFORE_ALL, _AFTER_ALL = UUID(int=0), UUID(int=(1 << 128) - 1)
_LEVELS = sa.text(
    """SELECT level.sku, level.quality, level.on_hand, newest.id AS position,
      coalesce(batches.its, '[]') AS its
    FROM (
      SELECT * FROM stock_level WHERE warehouse = :warehouse AND merchant_id = :merchant
        AND quality <> 'in_transit' AND (CAST(:skus AS text[]) = '{}' OR sku = ANY (:skus))
      ORDER BY sku, quality LIMIT :most
    ) AS level
    LEFT JOIN LATERAL (
      SELECT id FROM ledger WHERE ledger.warehouse = level.warehouse AND ledger.sku = level.sku
        AND ledger.quality = level.quality AND ledger.merchant_id = level.merchant_id
        AND ledger.id < :before
      ORDER BY id DESC LIMIT 1
    ) AS newest ON true
    LEFT JOIN LATERAL (
      SELECT jsonb_agg(jsonb_build_array(batch, CAST(on_hand AS text), expires_on)) AS its
      FROM stock_batch AS one WHERE level.by_batch AND one.warehouse = level.warehouse
        AND one.sku = level.sku AND one.quality = level.quality
        AND one.merchant_id = level.merchant_id AND one.on_hand <> 0
    ) AS batches ON true
    ORDER BY level.sku, level.quality"""
)
_SINCE = Rows(sku="text", quality="text", position="uuid", at="timestamptz")
_OVERTAKEN = sa.text(
    f"""SELECT n.sku, n.quality FROM {_SINCE.named("n")}
    WHERE EXISTS (
      SELECT FROM ledger WHERE ledger.warehouse = :warehouse AND ledger.sku = n.sku
        AND ledger.quality = n.quality AND ledger.merchant_id = :merchant
        AND ledger.id > n.position
        AND ledger.reason IN ('stocktake', 'adjustment', 'receipt_adjusted')
    ) OR EXISTS (
      SELECT FROM stock_level AS level WHERE level.warehouse = :warehouse AND level.sku = n.sku
        AND level.quality = n.quality AND level.merchant_id = :merchant AND level.counted_at > n.at
    )"""  # noqa: S608  # ours
)
_POSITIONS = Rows(sku="text", quality="text", position="uuid")
_BATCH = "coalesce(nullif(batch, ''), left(expires_on, 10), '')"
"""What `hub/model/stock.py` tells pieces apart by."""
_MOVED = sa.text(
    f"""SELECT n.sku, n.quality, {_BATCH} AS name, max(expires_on), sum(delta)
    FROM {_POSITIONS.named("n")} JOIN ledger ON ledger.warehouse = :warehouse
      AND ledger.sku = n.sku AND ledger.quality = n.quality AND ledger.merchant_id = :merchant
      AND ledger.id > n.position
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""  # noqa: S608  # ours
)
_MOMENTS = Rows(
    line="int", sku="text", quality="text", its="text", position="uuid", at="timestamptz"
)
_LATE = sa.text(
    f"""SELECT n.line, coalesce(sum(delta) FILTER (WHERE {_BATCH} = n.its AND n.its <> ''), 0),
      coalesce(sum(delta) FILTER (WHERE {_BATCH} = ''), 0)
    FROM {_MOMENTS.named("n")} JOIN ledger ON ledger.warehouse = :warehouse
      AND ledger.sku = n.sku AND ledger.quality = n.quality AND ledger.merchant_id = :merchant
      AND ledger.id > n.position AND ledger.happened_at < n.at
    GROUP BY n.line"""  # noqa: S608  # ours
)
