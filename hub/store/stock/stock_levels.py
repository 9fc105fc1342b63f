"""Levels, and the ledger they are the sum of. Rows are locked by (warehouse, SKU, quality), always
sorted.

Nothing here reads first and writes later: a movement's balance is what its UPDATE returns. Whatever
sets pieces free leaves word for the orders that wait for them, in the same statement (`GROWN`), so
that no path can forget it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import floor_id, new_ids
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.stock import batches
from hub.store.stock.levels_touched import ARTICLES, GROWN, LEVEL, Level


@dataclass(frozen=True, slots=True)
class Movement:
    """Pieces in (or, negative, out). `reserved` is what it takes off the reserved pieces at the
    same time; `happened_at`: when they moved, where who tells of it says so.
    """

    merchant: str
    warehouse: str
    sku: str
    delta: Decimal
    reason: str
    document: str
    quality: str = "good"
    reserved: Decimal = Decimal(0)
    actor: str = "hub"
    batch: str | None = None
    expires_on: str | None = None
    happened_at: datetime | None = None

    @property
    def level(self) -> Level:
        """What it moves."""
        return (self.warehouse, self.sku, self.quality, self.merchant)

    def taken_back(self, pieces: Decimal, counted_at: datetime) -> "Movement":
        """So many pieces of it, which a count had found, the other way."""
        return replace(
            self,
            delta=-pieces,
            reserved=Decimal(0),
            reason=FOUND_BEFORE,
            happened_at=counted_at,
        )


def available(db: Connection, merchants: Iterable[str], skus: Iterable[str]) -> list[Any]:
    """What may be promised now, by merchant, warehouse and SKU, good quality only."""
    return list(
        db.execute(_AVAILABLE, {"merchants": sorted(set(merchants)), "skus": sorted(set(skus))})
    )


def move(db: Connection, movements: Sequence[Movement]) -> dict[Level, datetime]:
    """Change levels and write the ledger, one line a movement with the balance after it. Returns
    when they were counted, those that ever were.
    """
    if not movements:
        return {}
    movements = sorted(movements, key=_level)
    sums: dict[Level, tuple[Decimal, Decimal]] = {}
    for movement in movements:
        delta, reserved = sums.get(_level(movement), (Decimal(0), Decimal(0)))
        sums[_level(movement)] = (delta + movement.delta, reserved + movement.reserved)
    moved = _SUMS.of((*level, *total) for level, total in sorted(sums.items()))
    balance, followed, counted_at = {}, [], {}
    for row in db.execute(_MOVE, moved):
        level = (row.warehouse, row.sku, row.quality, row.merchant_id)
        balance[level] = row.on_hand
        if row.counted_at is not None:
            counted_at[level] = row.counted_at
        if row.by_batch:
            followed.append(level)
    _write_ledger(db, movements, {level: balance[level] - sums[level][0] for level in sums})
    batches.book(
        db, [(_level(it), it.delta, it.batch, it.expires_on) for it in movements], followed
    )
    return counted_at


def _level(movement: Movement) -> Level:
    return movement.level


def found_after(
    db: Connection, moments: Iterable[tuple[Level, datetime]]
) -> dict[tuple[Level, datetime], Decimal]:
    """Pieces that stocktakes of a level, counted after a moment, found above what was held; what is
    explained of them by now is not in it.
    """
    wanted = sorted(set(moments))
    rows = db.execute(
        _FOUND_AFTER,
        _FOUND.of((*level, at, floor_id(at - _CLOCKS_DIFFER)) for level, at in wanted),
    )
    return {
        ((it.warehouse, it.sku, it.quality, it.merchant_id), it.since): it.pieces for it in rows
    }


def _write_ledger(
    db: Connection, movements: Sequence[Movement], before: dict[Level, Decimal]
) -> None:
    lines = []
    for movement in movements:
        before[_level(movement)] += movement.delta
        if movement.delta:
            balance = before[_level(movement)]
            why = (movement.reason, movement.document, movement.actor)
            which = (movement.batch, movement.expires_on, movement.happened_at)
            lines.append((*_level(movement), movement.delta, balance, *why, *which))
    if lines:
        numbered = zip(new_ids(len(lines)), lines, strict=True)
        write(db, _LEDGER, _LINES.of((id_, *line) for id_, line in numbered))


def lock(db: Connection, warehouse: str, articles: Iterable[tuple[str, str]]) -> Sequence[Any]:
    """Lock the levels of (merchant, SKU) and read them; for counts, where the new number depends on
    the old.
    """
    wanted = set(articles)
    if not wanted:
        return []
    merchants, skus = (sorted(set(names)) for names in zip(*wanted, strict=True))
    rows = db.execute(_LOCK, {"warehouse": warehouse, "merchants": merchants, "skus": skus})
    return [row for row in rows if (row.merchant_id, row.sku) in wanted]


def mark_counted(
    db: Connection, warehouse: str, levels: Mapping[tuple[str, str, str], datetime]
) -> None:
    """Note when a warehouse counted (merchant, SKU, quality): levels that are there, and locked."""
    if levels:
        rows = (
            (warehouse, sku, quality, merchant, at)
            for (merchant, sku, quality), at in sorted(levels.items())
        )
        db.execute(_MARK_COUNTED, _COUNTED.of(rows))


def once(db: Connection, merchant: str, kind: str, keys: Sequence[str]) -> set[str]:
    """Claim effects that may happen once for ever. Returns the keys that are new."""
    return set(db.scalars(_ONCE, {"merchant": merchant, "kind": kind, "keys": sorted(set(keys))}))


def levels(db: Connection, skus: Sequence[tuple[str, str]]) -> Sequence[Any]:
    """The good levels of (merchant, SKU), one row a warehouse."""
    return db.execute(_LEVELS, ARTICLES.of(skus)).all()


def resumed(db: Connection, warehouse: str) -> None:
    """What lies in a warehouse may be promised again: have those looked at that wait for it."""
    write(db, _RESUMED, {"warehouse": warehouse})


_SUMS = Rows(**LEVEL, delta="numeric", released="numeric")
_COUNTED = Rows(**LEVEL, at="timestamptz")
_LINES = Rows(
    id="uuid",
    **LEVEL,
    delta="numeric",
    balance="numeric",
    reason="text",
    document="text",
    actor="text",
    batch="text",
    expires_on="text",
    happened_at="timestamptz",
)
STOCKTAKE, FOUND_BEFORE = "stocktake:", "counted_before"
"""A document that people counted, and why pieces of it are taken back: they were told late. What a
warehouse reports by itself is no such count: it opens levels, and takes in what nobody told yet.
"""
_CLOCKS_DIFFER = timedelta(days=1)
_FOUND = Rows(**LEVEL, since="timestamptz", low="uuid")
_FOUND_AFTER = sa.text(
    f"""SELECT n.*, found.pieces FROM {_FOUND.named("n")} CROSS JOIN LATERAL (
      SELECT coalesce(sum(delta), 0) AS pieces FROM ledger
      WHERE ledger.warehouse = n.warehouse AND ledger.sku = n.sku
        AND ledger.quality = n.quality AND ledger.merchant_id = n.merchant_id
        AND ledger.id >= n.low AND happened_at > n.since
        AND (reason = '{FOUND_BEFORE}' OR document LIKE '{STOCKTAKE}%')
    ) AS found"""  # noqa: S608  # ours
)
_AVAILABLE = sa.text(
    """SELECT merchant_id, warehouse, sku, on_hand - reserved - safety - expiring AS available,
      by_batch FROM stock_level
    WHERE merchant_id = ANY (:merchants) AND sku = ANY (:skus) AND quality = 'good'
      AND on_hand - reserved - safety - expiring > 0"""
)
# What comes off the reserved pieces rides on the row to insert, where there is a level to take it
# off, and what grew is found by grouping: joined or looked up for each level, the list of levels is
# read as often as it is long, for the database takes it for short.
_MOVE = sa.text(
    f"""WITH m AS (
      SELECT * FROM {_SUMS.named("m")}
    ), moved AS (
      INSERT INTO stock_level AS level
        (warehouse, sku, quality, merchant_id, on_hand, reserved, safety)
      SELECT warehouse, sku, quality, merchant_id, delta,
        CASE WHEN stored.on_hand IS NULL THEN 0 ELSE released END,
        CASE WHEN stored.on_hand IS NULL AND quality = 'good' THEN coalesce((
          SELECT pieces FROM safety_stock AS s WHERE s.merchant_id = m.merchant_id
            AND s.sku IN (m.sku, '') AND s.warehouse IN (m.warehouse, '')
          ORDER BY s.sku DESC, s.warehouse DESC LIMIT 1
        ), 0) ELSE 0 END
      FROM m LEFT JOIN stock_level AS stored USING (warehouse, sku, quality, merchant_id)
      ORDER BY 1, 2, 3, 4
      ON CONFLICT (warehouse, sku, quality, merchant_id) DO UPDATE
      SET on_hand = level.on_hand + excluded.on_hand, reserved = level.reserved - excluded.reserved
      RETURNING level.warehouse, level.sku, level.quality, level.merchant_id, level.on_hand,
        level.by_batch, level.counted_at,
        level.on_hand - level.reserved - level.safety - level.expiring AS free
    ), grown AS (
      SELECT warehouse, sku, quality, merchant_id, sum(free) AS free FROM (
        SELECT warehouse, sku, quality, merchant_id, free, false AS more FROM moved
        UNION ALL
        SELECT warehouse, sku, quality, merchant_id, 0, delta + released > 0 FROM m
      ) AS found GROUP BY 1, 2, 3, 4 HAVING bool_or(more)
    ), told AS (
      {GROWN}
    )
    SELECT warehouse, sku, quality, merchant_id, on_hand, by_batch, counted_at FROM moved"""  # noqa: S608  # ours
)
_RESUMED = sa.text(
    f"""WITH grown AS (
      SELECT merchant_id, sku, quality, on_hand - reserved - safety - expiring AS free
      FROM stock_level WHERE warehouse = :warehouse
    )
    {GROWN}"""  # noqa: S608  # ours
)
_LEDGER = sa.text(
    f"""INSERT INTO ledger (id, warehouse, sku, quality, merchant_id, delta, balance_after, reason,
      document, actor, batch, expires_on, happened_at)
    SELECT * FROM {_LINES.arrays}"""  # noqa: S608  # ours
)
_LOCK = sa.text(
    """SELECT level.merchant_id, level.sku, quality, on_hand, reserved, counted_at
    FROM (SELECT sku FROM unnest(CAST(:skus AS text[])) AS w (sku) ORDER BY sku) AS w
    CROSS JOIN LATERAL (
      SELECT * FROM stock_level WHERE warehouse = :warehouse AND stock_level.sku = w.sku
        AND merchant_id = ANY (:merchants)
      ORDER BY quality, merchant_id FOR UPDATE
    ) AS level"""
)
"""SKU by SKU, whatever the planner believes: joined, or as one list, 100,000 SKUs are compared with
each level of the warehouse where statistics are old, or where the plan was made for a few. A level
of the same SKU of another merchant of the batch is locked with them.
"""
_MARK_COUNTED = sa.text(
    f"""INSERT INTO stock_level (warehouse, sku, quality, merchant_id, counted_at)
    SELECT * FROM {_COUNTED.arrays}
    ON CONFLICT (warehouse, sku, quality, merchant_id)
    DO UPDATE SET counted_at = excluded.counted_at"""  # noqa: S608  # ours
)
"""All of them are there; as rows to insert each is looked up by its key, however many the planner
takes them for.
"""
_ONCE = sa.text(
    """INSERT INTO effect (merchant_id, kind, key) SELECT :merchant, :kind, key
    FROM unnest(CAST(:keys AS text[])) AS key ON CONFLICT DO NOTHING RETURNING key"""
)
_LEVELS = sa.text(
    f"""SELECT merchant_id, sku, warehouse, on_hand, reserved, safety, expiring, stale,
      counted_at
    FROM stock_level
    WHERE (merchant_id, sku) IN (
      SELECT * FROM {ARTICLES.arrays}
    ) AND quality = 'good' ORDER BY warehouse"""  # noqa: S608  # ours
)
