"""What stands behind the stock of an article: when each level was last confirmed and moved, which
orders hold pieces of it, and what a channel was told of it. `hub/flows/stock/explaining.py` makes
an explanation of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

MOST = 50
"""So many promises are named for each warehouse, the newest."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A level of a warehouse: when it counted it, and when the ledger last moved it."""

    warehouse: str
    counted_at: datetime | None
    moved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Promise:
    """Pieces in a warehouse that an order holds."""

    warehouse: str
    order_id: UUID
    order_number: str
    fulfilment_order_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class LastTold:
    """What a channel was told last of an article, and how that message stands."""

    available: Decimal
    at: datetime | None
    message_id: UUID | None
    status: str | None


def confirmed(db: Connection, merchant: str, sku: str) -> dict[str, Confirmed]:
    """By warehouse, of good quality."""
    rows = db.execute(_CONFIRMED, {"merchant": merchant, "sku": sku})
    return {row.warehouse: Confirmed(row.warehouse, row.counted_at, row.moved_at) for row in rows}


def promises(db: Connection, merchant: str, sku: str) -> Sequence[Promise]:
    """The newest open reservations of each warehouse."""
    rows = db.execute(_PROMISES, {"merchant": merchant, "sku": sku, "most": MOST})
    return [
        Promise(
            row.warehouse,
            row.order_id,
            row.order_number or "",
            row.fulfilment_order_id,
            row.open,
        )
        for row in rows
    ]


def last_told(db: Connection, channel: str, merchant: str, sku: str) -> LastTold | None:
    """None where the channel does not know the article yet, or is to be told anew."""
    wanted = {"channel": channel, "merchant": merchant, "sku": sku}
    row = db.execute(_TOLD, wanted).one_or_none()
    return None if row is None else LastTold(row.available, row.at, row.message_id, row.status)


_CONFIRMED = sa.text(
    """SELECT level.warehouse, level.counted_at, moved.at AS moved_at FROM stock_level AS level
    LEFT JOIN LATERAL (
      SELECT at FROM ledger WHERE ledger.warehouse = level.warehouse AND ledger.sku = level.sku
        AND ledger.quality = level.quality AND ledger.merchant_id = level.merchant_id
      ORDER BY id DESC LIMIT 1
    ) AS moved ON true
    WHERE level.merchant_id = :merchant AND level.sku = :sku AND level.quality = 'good'"""
)
_PROMISES = sa.text(
    """SELECT * FROM (
      SELECT held.warehouse, held.order_id, held.fulfilment_order_id, held.open, sold.order_number,
        row_number() OVER (PARTITION BY held.warehouse
          ORDER BY held.fulfilment_order_id DESC, held.line_no) AS place
      FROM reservation AS held
      LEFT JOIN sales_order AS sold ON sold.id = held.order_id
      WHERE held.merchant_id = :merchant AND held.sku = :sku AND held.quality = 'good'
        AND held.open > 0 AND held.warehouse IN (
          SELECT warehouse FROM stock_level WHERE merchant_id = :merchant AND sku = :sku
        )
    ) AS found WHERE place <= :most ORDER BY warehouse, place"""
)
_TOLD = sa.text(
    """SELECT told.available, told.at, told.message_id, coalesce(work.status, message.status)
      AS status
    FROM level_told AS told
    LEFT JOIN message ON message.id = told.message_id AND message.merchant_id = told.merchant_id
    LEFT JOIN work ON work.id = told.message_id AND work.merchant_id = told.merchant_id
    WHERE told.connection = :channel AND told.merchant_id = :merchant AND told.sku = :sku"""
)
