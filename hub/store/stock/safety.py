"""What is kept back of stock and never promised: by merchant, warehouse and SKU. Each level carries
the pieces that its most particular rule says (SKU and warehouse, SKU, warehouse, merchant), so that
promising stays one conditional UPDATE; a level that is new takes them over (`stock_levels.py`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.rows import Rows
from hub.store.stock.levels_touched import GROWN, noted


@dataclass(frozen=True, slots=True)
class Kept:
    """So many pieces kept back. An empty warehouse or SKU: of each."""

    merchant: str
    warehouse: str
    sku: str
    pieces: Decimal


def rules(db: Connection, merchants: Iterable[str]) -> list[Kept]:
    """What these merchants keep back."""
    rows = db.execute(_RULES, {"merchants": sorted(set(merchants))})
    return [Kept(row.merchant_id, row.warehouse, row.sku, row.pieces) for row in rows]


def save(db: Connection, kept: Sequence[Kept]) -> None:
    """Keep these pieces back from now on: levels, channels and orders that wait learn of it."""
    if not kept:
        return
    ordered = sorted((row.merchant, row.sku, row.warehouse, row.pieces) for row in kept)
    db.execute(_SAVE, _KEPT.of(ordered))
    for merchant in sorted({row.merchant for row in kept}):
        skus = sorted({row.sku for row in kept if row.merchant == merchant})
        if "" in skus:
            db.execute(_FOLLOW, {"merchant": merchant})
        else:
            db.execute(_FOLLOW_OF, {"merchant": merchant, "skus": skus})


_KEPT = Rows(merchant="text", sku="text", warehouse="text", pieces="numeric")
_RULES = sa.text(
    """SELECT merchant_id, warehouse, sku, pieces FROM safety_stock
    WHERE merchant_id = ANY (:merchants) ORDER BY merchant_id, sku, warehouse"""
)
_SAVE = sa.text(
    f"""INSERT INTO safety_stock (merchant_id, sku, warehouse, pieces)
    SELECT * FROM {_KEPT.arrays}
    ON CONFLICT (merchant_id, sku, warehouse) DO UPDATE SET pieces = excluded.pieces"""  # noqa: S608  # ours
)


def _follow(which: str) -> sa.TextClause:
    """Set the levels of a merchant to its rules, in the order in which levels are locked."""
    return sa.text(
        f"""WITH wanted AS (
      SELECT level.warehouse, level.sku, level.quality, level.merchant_id, level.safety AS was,
        coalesce(kept.pieces, 0) AS pieces
      FROM stock_level AS level LEFT JOIN LATERAL (
        SELECT pieces FROM safety_stock AS s WHERE s.merchant_id = level.merchant_id
          AND s.sku IN (level.sku, '') AND s.warehouse IN (level.warehouse, '')
        ORDER BY s.sku DESC, s.warehouse DESC LIMIT 1
      ) AS kept ON true
      WHERE level.merchant_id = :merchant AND level.quality = 'good' {which}
        AND level.safety <> coalesce(kept.pieces, 0)
      ORDER BY level.warehouse, level.sku, level.quality, level.merchant_id FOR UPDATE OF level
    ), changed AS (
      UPDATE stock_level AS level SET safety = wanted.pieces FROM wanted
      WHERE level.warehouse = wanted.warehouse AND level.sku = wanted.sku
        AND level.quality = wanted.quality AND level.merchant_id = wanted.merchant_id
      RETURNING level.merchant_id, level.sku, level.quality, wanted.was > level.safety AS more,
        level.on_hand - level.reserved - level.safety - level.expiring AS free
    ), grown AS (
      SELECT merchant_id, sku, quality, free FROM changed WHERE more
    ), told AS (
      {GROWN}
    )
    {noted("changed")}"""  # noqa: S608  # ours
    )


_FOLLOW = _follow("")
_FOLLOW_OF = _follow("AND level.sku = ANY (:skus)")
