"""What a warehouse handled for a merchant on a day, from the stock ledger: pieces that came in,
that came back, and that lay there as the day ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import floor_id


@dataclass(frozen=True, slots=True)
class Handled:
    """Pieces of an article at a warehouse; `kind` is what charges them, in the words of terms."""

    merchant: str
    kind: str
    warehouse: str
    sku: str
    pieces: Decimal


def between(
    db: Connection, merchants: Sequence[str], since: datetime, until: datetime
) -> list[Handled]:
    """What came in and back in that time, and what lay there at its end. In transit is nowhere."""
    low, high = floor_id(since), floor_id(until)
    rows = db.execute(_HANDLED, {"merchants": list(merchants), "low": low, "high": high})
    return [Handled(*row) for row in rows]


_HANDLED = sa.text(
    """SELECT merchant_id, CASE reason WHEN 'return' THEN 'return' ELSE 'receipt' END AS kind,
      warehouse, sku, sum(delta) AS pieces
    FROM ledger
    WHERE id >= :low AND id < :high AND merchant_id = ANY (:merchants)
      AND reason IN ('goods_receipt', 'return') AND quality <> 'in_transit'
    GROUP BY 1, 2, 3, 4 HAVING sum(delta) > 0
    UNION ALL
    SELECT merchant_id, 'storage', warehouse, sku, sum(pieces)
    FROM (
      SELECT merchant_id, warehouse, sku, on_hand AS pieces FROM stock_level
      WHERE merchant_id = ANY (:merchants) AND quality <> 'in_transit'
      UNION ALL
      SELECT merchant_id, warehouse, sku, -delta FROM ledger
      WHERE id >= :high AND merchant_id = ANY (:merchants) AND quality <> 'in_transit'
    ) AS lying
    GROUP BY merchant_id, warehouse, sku HAVING sum(pieces) > 0
    ORDER BY 1, 2, 3, 4"""
)
"""What lay there is what lies there now less what moved since: the ledger's past is not read."""
