"""What is asked of an order before its return is judged."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.product import Kit, Served
from hub.store.base.rows import Rows


def earlier(db: Connection, orders: Iterable[UUID]) -> dict[UUID, int]:
    """Order -> how many returns its customer had, of this and other orders of the merchant."""
    rows = db.execute(_EARLIER, {"ids": sorted(set(orders))})
    return {row.id: row.n for row in rows}


def sent_from(db: Connection, orders: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Order -> the warehouses that shipped of it, the latest first."""
    found: dict[UUID, list[str]] = {}
    for row in db.execute(_SENT_FROM, {"ids": sorted(set(orders))}):
        found.setdefault(row.order_id, []).append(row.warehouse)
    return found


def left(db: Connection, orders: Iterable[UUID]) -> dict[UUID, list[Served]]:
    """Order -> the pieces that left for its lines."""
    found: dict[UUID, list[Served]] = {}
    for row in db.execute(_LEFT, {"ids": sorted(set(orders))}):
        served = Served(row.order_line, row.sku, row.shipped, Kit.read(row.kit))
        found.setdefault(row.order_id, []).append(served)
    return found


def order_numbers(db: Connection, orders: Iterable[UUID | None]) -> dict[UUID, str]:
    """Order -> what its customer calls it."""
    ids = sorted({id_ for id_ in orders if id_ is not None})
    return {row.id: row.order_number for row in db.execute(_NUMBERS, {"ids": ids})} if ids else {}


def categories(db: Connection, articles: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    """(merchant, SKU) -> its product's categories, price and currency."""
    rows = db.execute(_CATEGORIES, _GOODS.of(sorted(set(articles))))
    return {(row.merchant_id, row.sku): row for row in rows}


_GOODS = Rows(merchant="text", sku="text")
_EARLIER = sa.text(
    """SELECT o.id, count(r.id) AS n FROM sales_order AS o
    LEFT JOIN sales_order AS other ON other.merchant_id = o.merchant_id
      AND (other.id = o.id OR other.customer = o.customer)
    LEFT JOIN customer_return AS r ON r.order_id = other.id AND r.status <> 'cancelled'
    WHERE o.id = ANY (:ids) GROUP BY o.id"""
)
_SENT_FROM = sa.text(
    """SELECT order_id, warehouse, max(coalesce(merged_into, id)::text) AS last
    FROM fulfilment_order
    WHERE order_id = ANY (:ids) AND status IN ('shipped', 'delivered', 'short')
    GROUP BY 1, 2 ORDER BY 1, 3 DESC"""
)
_LEFT = sa.text(
    """SELECT f.order_id, coalesce(line.order_line, line.line_no) AS order_line, line.sku,
      line.shipped, line.kit
    FROM fulfilment_order AS f JOIN fulfilment_line AS line ON line.fulfilment_order_id = f.id
    WHERE f.order_id = ANY (:ids) AND line.shipped > 0 ORDER BY f.id, line.line_no"""
)
_CATEGORIES = sa.text(
    f"""SELECT merchant_id, sku, coalesce(document -> 'categories', '[]'::jsonb) AS categories,
      CAST(document ->> 'price' AS numeric) AS price, document ->> 'currency' AS currency
    FROM product WHERE (merchant_id, sku) IN (SELECT * FROM {_GOODS.arrays})"""  # noqa: S608  # ours
)
_NUMBERS = sa.text("SELECT id, order_number FROM sales_order WHERE id = ANY (:ids)")
