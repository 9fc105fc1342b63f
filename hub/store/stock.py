"""Levels, and the ledger they are the sum of. Rows are locked by (warehouse, SKU, quality), always
sorted.

Nothing here reads first and writes later: a movement's balance is what its UPDATE returns.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.ids import new_id
from hub.store.pipelining import write


@dataclass(frozen=True, slots=True)
class Movement:
    """Pieces in (or, negative, out). `reserved` is what it takes off the reserved pieces at the
    same time.
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


def available(db: Connection, merchants: Iterable[str], skus: Iterable[str]) -> list[Any]:
    """What may be promised now, by merchant, warehouse and SKU, good quality only."""
    return list(
        db.execute(_AVAILABLE, {"merchants": sorted(set(merchants)), "skus": sorted(set(skus))})
    )


def move(db: Connection, movements: Sequence[Movement]) -> None:
    """Change levels and write the ledger, one line a movement with the balance after it."""
    if not movements:
        return
    movements = sorted(
        movements, key=lambda one: (one.warehouse, one.sku, one.quality, one.merchant)
    )
    sums: dict[tuple[str, str, str, str], list[Decimal]] = {}
    for one in movements:
        total = sums.setdefault(
            (one.warehouse, one.sku, one.quality, one.merchant), [Decimal(0), Decimal(0)]
        )
        total[0] += one.delta
        total[1] += one.reserved
    keys = sorted(sums)
    rows = db.execute(
        _MOVE,
        {
            **level_columns(keys),
            "deltas": [sums[key][0] for key in keys],
            "reserveds": [sums[key][1] for key in keys],
        },
    )
    balance = {(row.warehouse, row.sku, row.quality, row.merchant_id): row.on_hand for row in rows}
    _write_ledger(db, movements, {key: balance[key] - sums[key][0] for key in keys})


def _write_ledger(
    db: Connection, movements: Sequence[Movement], before: dict[tuple[str, str, str, str], Decimal]
) -> None:
    after = []
    for one in movements:
        key = (one.warehouse, one.sku, one.quality, one.merchant)
        before[key] += one.delta
        after.append(before[key])
    booked = [(one, balance) for one, balance in zip(movements, after, strict=True) if one.delta]
    if booked:
        write(
            db,
            _LEDGER,
            {
                "ids": sorted(new_id() for _ in booked),
                "merchants": [one.merchant for one, _ in booked],
                "warehouses": [one.warehouse for one, _ in booked],
                "skus": [one.sku for one, _ in booked],
                "qualities": [one.quality for one, _ in booked],
                "deltas": [one.delta for one, _ in booked],
                "balances": [balance for _, balance in booked],
                "reasons": [one.reason for one, _ in booked],
                "documents": [one.document for one, _ in booked],
                "actors": [one.actor for one, _ in booked],
            },
        )


def lock(
    db: Connection, warehouse: str, merchant: str, skus: Sequence[str]
) -> dict[tuple[str, str], Any]:
    """Lock levels and read them, by (SKU, quality); for counts, where the new number depends on
    the old.
    """
    rows = db.execute(
        _LOCK, {"warehouse": warehouse, "merchant": merchant, "skus": sorted(set(skus))}
    )
    return {(row.sku, row.quality): row for row in rows}


def mark_counted(
    db: Connection, warehouse: str, levels: Sequence[tuple[str, str, str]], at: datetime
) -> None:
    """Note when a warehouse counted (merchant, SKU, quality)."""
    if levels:
        db.execute(
            _COUNTED,
            {
                "warehouse": warehouse,
                "merchants": [level[0] for level in levels],
                "skus": [level[1] for level in levels],
                "qualities": [level[2] for level in levels],
                "at": at,
            },
        )


def once(db: Connection, merchant: str, kind: str, keys: Sequence[str]) -> set[str]:
    """Claim effects that may happen once for ever. Returns the keys that are new."""
    return set(db.scalars(_ONCE, {"merchant": merchant, "kind": kind, "keys": sorted(set(keys))}))


def touch(db: Connection, skus: Iterable[tuple[str, str]]) -> None:
    """Note that what may be sold of (merchant, SKU) changed: channels will be told the newest
    level.
    """
    rows = sorted(set(skus))
    if rows:
        write(db, _TOUCH, {"merchants": [row[0] for row in rows], "skus": [row[1] for row in rows]})


def take_touched(db: Connection, most: int) -> Sequence[Any]:
    """Take up to `most` (merchant_id, sku) whose level changed, so that they are told once."""
    return db.execute(_TAKE, {"most": most}).all()


def levels(db: Connection, skus: Sequence[tuple[str, str]]) -> Sequence[Any]:
    """The good levels of (merchant, SKU), one row a warehouse."""
    columns = {"merchants": [row[0] for row in skus], "skus": [row[1] for row in skus]}
    return db.execute(_LEVELS, columns).all()


def next_version(db: Connection) -> int:
    """A number that rises with every publication of levels."""
    return int(db.scalar(sa.text("SELECT nextval('stock_version')")) or 0)


def level_columns(keys: Sequence[tuple[str, str, str, str]]) -> dict[str, Any]:
    """Levels by (warehouse, SKU, quality, merchant), as statements take them."""
    return {
        "warehouses": [key[0] for key in keys],
        "skus": [key[1] for key in keys],
        "qualities": [key[2] for key in keys],
        "merchants": [key[3] for key in keys],
    }


_AVAILABLE = sa.text(
    """SELECT merchant_id, warehouse, sku, on_hand - reserved - safety AS available FROM stock_level
    WHERE merchant_id = ANY (:merchants) AND sku = ANY (:skus) AND quality = 'good'
      AND on_hand - reserved - safety > 0"""
)
_MOVE = sa.text(
    """INSERT INTO stock_level AS level (warehouse, sku, quality, merchant_id, on_hand)
    SELECT warehouse, sku, quality, merchant, delta
    FROM unnest(CAST(:warehouses AS text[]), CAST(:skus AS text[]), CAST(:qualities AS text[]),
      CAST(:merchants AS text[]), CAST(:deltas AS numeric[]), CAST(:reserveds AS numeric[]))
      AS m (warehouse, sku, quality, merchant, delta, reserved)
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (warehouse, sku, quality, merchant_id) DO UPDATE
    SET on_hand = level.on_hand + excluded.on_hand, reserved = level.reserved - coalesce((
      SELECT m.reserved FROM unnest(CAST(:warehouses AS text[]), CAST(:skus AS text[]),
        CAST(:qualities AS text[]), CAST(:merchants AS text[]), CAST(:reserveds AS numeric[]))
        AS m (warehouse, sku, quality, merchant, reserved)
      WHERE m.warehouse = level.warehouse AND m.sku = level.sku AND m.quality = level.quality
        AND m.merchant = level.merchant_id), 0)
    RETURNING level.warehouse, level.sku, level.quality, level.merchant_id, level.on_hand"""
)
_LEDGER = sa.text(
    """INSERT INTO ledger (id, merchant_id, warehouse, sku, quality, delta, balance_after, reason,
      document, actor)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:merchants AS text[]),
      CAST(:warehouses AS text[]), CAST(:skus AS text[]), CAST(:qualities AS text[]),
      CAST(:deltas AS numeric[]), CAST(:balances AS numeric[]), CAST(:reasons AS text[]),
      CAST(:documents AS text[]), CAST(:actors AS text[]))"""
)
_LOCK = sa.text(
    """SELECT sku, quality, on_hand, reserved, counted_at FROM stock_level
    WHERE warehouse = :warehouse AND merchant_id = :merchant AND sku = ANY (:skus)
    ORDER BY warehouse, sku, quality FOR UPDATE"""
)
_COUNTED = sa.text(
    """UPDATE stock_level AS level SET counted_at = :at
    FROM unnest(CAST(:merchants AS text[]), CAST(:skus AS text[]), CAST(:qualities AS text[]))
      AS c (merchant, sku, quality)
    WHERE level.warehouse = :warehouse AND level.merchant_id = c.merchant AND level.sku = c.sku
      AND level.quality = c.quality"""
)
_ONCE = sa.text(
    """INSERT INTO effect (merchant_id, kind, key) SELECT :merchant, :kind, key
    FROM unnest(CAST(:keys AS text[])) AS key ON CONFLICT DO NOTHING RETURNING key"""
)
_TOUCH = sa.text(
    """INSERT INTO stock_dirty (merchant_id, sku)
    SELECT * FROM unnest(CAST(:merchants AS text[]), CAST(:skus AS text[]))
    ON CONFLICT DO NOTHING"""
)
_TAKE = sa.text(
    """DELETE FROM stock_dirty WHERE (merchant_id, sku) IN (
      SELECT merchant_id, sku FROM stock_dirty ORDER BY merchant_id, sku
      LIMIT :most FOR UPDATE SKIP LOCKED
    ) RETURNING merchant_id, sku"""
)
_LEVELS = sa.text(
    """SELECT merchant_id, sku, warehouse, on_hand, reserved, safety FROM stock_level
    WHERE (merchant_id, sku) IN (
      SELECT * FROM unnest(CAST(:merchants AS text[]), CAST(:skus AS text[]))
    ) AND quality = 'good' ORDER BY warehouse"""
)
