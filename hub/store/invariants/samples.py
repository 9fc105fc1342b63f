"""Orders whose sealed documents are worth opening: the newest that went their way, those that
more was paid back of than they say they are worth, and those whose lines went out in parts.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.product import Kit, Served


def released(db: Connection, most: int) -> list[Any]:
    """The newest orders that a warehouse was told of: id, currency, grand_total, and whether a
    person `waived` that they do not add up.
    """
    return list(db.execute(_RELEASED, {"most": most}))


def paid_back(db: Connection, most: int) -> list[Any]:
    """Orders with refunds above their total: id and the amount."""
    return list(db.execute(_PAID_BACK, {"most": most}))


def sent(db: Connection, most: int) -> Mapping[UUID, list[Served]]:
    """Of orders of which lines went out in parts, the newest first: the pieces for each such line
    that left or are on their way. What a warehouse refused or let go of does not count; orders
    about whose goods a person was asked are left out.
    """
    parts: dict[UUID, list[Served]] = {}
    for row in db.execute(_SENT, {"most": most}):
        its = Served(row.line_no, row.sku, row.pieces, Kit.read(row.kit))
        parts.setdefault(row.order_id, []).append(its)
    return parts


_RELEASED = sa.text(
    """SELECT o.id, o.currency, o.grand_total,
      o.overrides && ARRAY['totals_mismatch', 'unknown_currency'] AS waived
    FROM sales_order AS o WHERE EXISTS (
      SELECT FROM fulfilment_order WHERE fulfilment_order.order_id = o.id
    ) ORDER BY o.id DESC LIMIT :most"""
)
_PAID_BACK = sa.text(
    """SELECT o.id, back.amount FROM sales_order AS o JOIN (
      SELECT order_id, currency, sum(amount) AS amount FROM refund GROUP BY 1, 2
    ) AS back ON back.order_id = o.id AND back.currency = o.currency
    WHERE back.amount > o.grand_total ORDER BY o.id LIMIT :most"""
)
_SENT = sa.text(
    """WITH parts AS (
      SELECT o.order_id, coalesce(line.order_line, line.line_no) AS line_no, line.sku, line.kit,
        line.shipped + CASE
          WHEN o.status IN ('shipped', 'delivered', 'short', 'rejected', 'cancelled') THEN 0
          ELSE greatest(line.ordered - line.shipped - line.short, 0) END AS pieces
      FROM fulfilment_order AS o
      JOIN fulfilment_line AS line ON line.fulfilment_order_id = o.id
      WHERE NOT EXISTS (
        SELECT FROM incident WHERE incident.order_id = o.order_id
          AND kind IN ('shipment_differs', 'contradiction', 'return_proposed'))
    ), several AS (
      SELECT order_id, line_no FROM parts
      GROUP BY 1, 2 HAVING count(*) > 1 ORDER BY 1 DESC LIMIT :most
    )
    SELECT order_id, line_no, sku, kit, sum(pieces) AS pieces
    FROM parts JOIN several USING (order_id, line_no)
    GROUP BY 1, 2, 3, 4 ORDER BY 1 DESC, 2, 3"""
)
