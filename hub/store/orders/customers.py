"""What a customer ordered before: whether anything, and which orders of a time. Customers are known
by a keyed digest (`sales_order.customer`), which tells nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.rows import Rows
from hub.store.orders.orders import OrderRow


def known(db: Connection, rows: Sequence[OrderRow]) -> set[UUID]:
    """Those of these orders whose customer has an older one, of the same merchant."""
    asked = [(row.id, row.merchant, row.customer) for row in rows if row.customer]
    return set(db.scalars(_KNOWN, _ASKED.of(asked))) if asked else set()


def earlier(db: Connection, rows: Sequence[OrderRow], since: datetime) -> Sequence[Any]:
    """Older orders, not cancelled, that customers of these placed from then on: rows of `of` (the
    order that was asked about) and `id`; the newest 50 of each.
    """
    asked = [(row.id, row.merchant, row.customer) for row in rows if row.customer]
    return db.execute(_EARLIER, {**_ASKED.of(asked), "since": since}).all() if asked else ()


def list_prices(db: Connection, pairs: set[tuple[str, str]]) -> Sequence[Any]:
    """Prices of products of (merchant, SKU): rows of merchant_id, sku, price, currency."""
    return db.execute(_PRICES, _GOODS.of(sorted(pairs))).all() if pairs else ()


_ASKED = Rows(id="uuid", merchant="text", customer="bytea")
_GOODS = Rows(merchant="text", sku="text")
_KNOWN = sa.text(
    f"""SELECT a.id FROM {_ASKED.named("a")}
    WHERE EXISTS (
      SELECT FROM sales_order AS o WHERE o.customer = a.customer AND o.merchant_id = a.merchant
        AND o.id < a.id
    )"""  # noqa: S608  # ours
)
_EARLIER = sa.text(
    f"""SELECT a.id AS of, o.id FROM {_ASKED.named("a")}
    CROSS JOIN LATERAL (
      SELECT id FROM sales_order
      WHERE customer = a.customer AND merchant_id = a.merchant AND id < a.id
        AND status <> 'cancelled' AND placed_at >= :since
      ORDER BY id DESC LIMIT 50
    ) AS o"""  # noqa: S608  # ours
)
_PRICES = sa.text(
    f"""SELECT merchant_id, sku, CAST(document ->> 'price' AS numeric) AS price,
      document ->> 'currency' AS currency
    FROM product WHERE (merchant_id, sku) IN (SELECT * FROM {_GOODS.arrays})
      AND document ->> 'price' IS NOT NULL"""  # noqa: S608  # ours
)
