"""How busy warehouses are, and since when they have what lies there: asked only where a routing
rule wants to know.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.states.fulfilment_order import State
from hub.store.base import ids
from hub.store.base.rows import Rows


def lock(db: Connection, whose: Iterable[tuple[str, str]]) -> None:
    """Until the transaction ends, nobody else plans for these (merchant, warehouse) whose days are
    counted: what is planned beside us would be counted by neither.
    """
    keys = [f"capacity:{merchant}:{warehouse}" for merchant, warehouse in sorted(set(whose))]
    if keys:
        db.execute(_LOCK, {"keys": keys})


def planned(
    db: Connection, since: Sequence[tuple[str, datetime]], merchant: str | None
) -> list[Any]:
    """Fulfilment orders planned for each (warehouse, since) and their pieces, those left out that
    came to nothing: rows of warehouse, since, orders, pieces. `merchant` None: everybody's.
    """
    if not since:
        return []
    rows = _SINCE.of((warehouse, at, ids.floor_id(at)) for warehouse, at in since)
    return list(db.execute(_PLANNED, {**rows, "merchant": merchant, "vain": _VAIN}))


def open_orders(db: Connection, warehouses: Collection[str]) -> dict[str, int]:
    """Fulfilment orders that a warehouse still has to ship, of all merchants."""
    known = {"warehouses": sorted(warehouses), "gone": _GONE}
    return dict.fromkeys(warehouses, 0) | {
        row.warehouse: row.orders for row in db.execute(_OPEN, known)
    }


def oldest(db: Connection, merchants: Collection[str], skus: Collection[str]) -> list[Any]:
    """When the oldest pieces came in that lie there, if those that came first leave first: rows of
    warehouse, merchant_id, sku, at. Looks at the latest 500 receipts of an article.
    """
    known = {"merchants": sorted(merchants), "skus": sorted(skus)}
    return list(db.execute(_OLDEST, known))


_VAIN = [State.REJECTED, State.CANCELLED]
_GONE = [*_VAIN, State.SHIPPED, State.DELIVERED, State.SHORT]
_SINCE = Rows(warehouse="text", since="timestamptz", low="uuid")
_LOCK = sa.text(
    """SELECT pg_advisory_xact_lock(hashtextextended(key, 0))
    FROM unnest(CAST(:keys AS text[])) AS key"""
)
_PLANNED = sa.text(
    f"""SELECT s.warehouse, s.since, count(*) AS orders,
      sum((SELECT sum(line.ordered) FROM fulfilment_line AS line
        WHERE line.fulfilment_order_id = fo.id AND line.merchant_id = fo.merchant_id)) AS pieces
    FROM {_SINCE.named("s")} JOIN fulfilment_order AS fo ON fo.warehouse = s.warehouse
      AND fo.id >= s.low AND fo.status <> ALL (:vain)
      AND (CAST(:merchant AS text) IS NULL OR fo.merchant_id = :merchant)
    GROUP BY s.warehouse, s.since"""  # noqa: S608  # constants of this module
)
_OPEN = sa.text(
    """SELECT warehouse, count(*) AS orders FROM fulfilment_order
    WHERE warehouse = ANY (:warehouses) AND status <> ALL (:gone) GROUP BY warehouse"""
)
_OLDEST = sa.text(
    """SELECT level.warehouse, level.merchant_id, level.sku, min(came.at) AS at
    FROM stock_level AS level, LATERAL (
      SELECT at, delta, sum(delta) OVER (ORDER BY id DESC) AS running FROM (
        SELECT id, at, delta FROM ledger
        WHERE warehouse = level.warehouse AND sku = level.sku AND quality = level.quality
          AND merchant_id = level.merchant_id AND delta > 0 ORDER BY id DESC LIMIT 500
      ) AS latest
    ) AS came
    WHERE level.merchant_id = ANY (:merchants) AND level.sku = ANY (:skus)
      AND level.quality = 'good' AND came.running - came.delta < level.on_hand
    GROUP BY level.warehouse, level.merchant_id, level.sku"""
)
