"""Opening balances: what a warehouse held when the hub began to count, booked once for ever."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.stock import levels_touched, stock_levels

OPENING = "opening"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a warehouse held when the hub began to count."""

    merchant: str
    warehouse: str
    sku: str
    quality: str
    on_hand: Decimal

    @property
    def key(self) -> str:
        return f"{self.warehouse}:{self.quality}:{self.sku}"


def book(db: Connection, rows: Sequence[Opening], actor: str) -> list[Opening]:
    """Book opening balances, each once for ever. Returns those that were new."""
    new: list[Opening] = []
    for merchant in sorted({row.merchant for row in rows}):
        theirs = [row for row in rows if row.merchant == merchant]
        fresh = stock_levels.once(db, merchant, OPENING, [row.key for row in theirs])
        new += [row for row in theirs if row.key in fresh]
    stock_levels.move(
        db,
        [
            stock_levels.Movement(
                merchant=row.merchant,
                warehouse=row.warehouse,
                sku=row.sku,
                delta=row.on_hand,
                reason=OPENING,
                document=f"{OPENING}:{row.key}",
                quality=row.quality,
                actor=actor,
            )
            for row in new
        ],
    )
    levels_touched.touch(db, {(row.merchant, row.sku) for row in new})
    return new


def booked(db: Connection, merchants: Iterable[str]) -> list[Opening]:
    """The opening balances that were booked."""
    return [
        Opening(row.merchant_id, row.warehouse, row.sku, row.quality, row.on_hand)
        for row in db.execute(_OPENINGS, {"merchants": sorted(set(merchants))})
    ]


_OPENINGS = sa.text(
    """SELECT effect.merchant_id, split_part(effect.key, ':', 1) AS warehouse,
      split_part(effect.key, ':', 2) AS quality,
      regexp_replace(effect.key, '^[^:]*:[^:]*:', '') AS sku, coalesce(booked.delta, 0) AS on_hand
    FROM effect
    LEFT JOIN LATERAL (
      SELECT delta FROM ledger
      WHERE ledger.warehouse = split_part(effect.key, ':', 1)
        AND ledger.quality = split_part(effect.key, ':', 2)
        AND ledger.sku = regexp_replace(effect.key, '^[^:]*:[^:]*:', '')
        AND ledger.merchant_id = effect.merchant_id AND ledger.reason = 'opening'
      ORDER BY ledger.id LIMIT 1
    ) AS booked ON true
    WHERE effect.kind = 'opening' AND effect.merchant_id = ANY (:merchants)
    ORDER BY effect.merchant_id, effect.key"""
)
