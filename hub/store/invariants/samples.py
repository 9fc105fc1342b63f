"""Orders whose sealed documents are worth opening: the newest that went their way, those that
more was paid back of than they say they are worth, and those whose lines went out in parts.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection


def released(db: Connection, most: int) -> list[Any]:
    """The newest orders that a warehouse was told of: id, currency, grand_total, and whether a
    person `waived` that they do not add up.
    """
    return list(db.execute(_RELEASED, {"most": most}))


def paid_back(db: Connection, most: int) -> list[Any]:
    """Orders with refunds above their total: id and the amount."""
    return list(db.execute(_PAID_BACK, {"most": most}))


def sent(db: Connection, most: int) -> list[Any]:
    """Lines of which several fulfilment orders shipped or still will, the newest first: order_id,
    line_no and the pieces that left or are on their way. What a warehouse refused or let go of
    does not count; orders about whose goods a person was asked are left out.
    """
    return list(db.execute(_SENT, {"most": most}))


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
    """SELECT o.order_id, line.line_no, sum(line.shipped + CASE
        WHEN o.status IN ('shipped', 'delivered', 'short', 'rejected', 'cancelled') THEN 0
        ELSE greatest(line.ordered - line.shipped - line.short, 0) END) AS pieces
    FROM fulfilment_order AS o
    JOIN fulfilment_line AS line ON line.fulfilment_order_id = o.id
    WHERE NOT EXISTS (
      SELECT FROM incident WHERE incident.order_id = o.order_id
        AND kind IN ('shipment_differs', 'contradiction', 'return_proposed'))
    GROUP BY 1, 2 HAVING count(*) > 1 ORDER BY 1 DESC LIMIT :most"""
)
