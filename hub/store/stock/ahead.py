"""What is sold ahead of its coming: the articles that may be, what is announced of them and has not
come, and which orders wait for them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.stock.levels_touched import ARTICLES

Article = tuple[str, str]
"""Merchant and SKU."""


@dataclass(frozen=True, slots=True)
class Coming:
    """Pieces of an article that a notice with a date still expects, of good quality."""

    article: Article
    warehouse: str
    pieces: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Waits:
    """Pieces of an article that an order waits for, as it was planned last."""

    article: Article
    order_id: UUID
    pieces: Decimal


def allowed(db: Connection, articles: Iterable[Article]) -> dict[Article, Decimal | None]:
    """Of these articles those that may be sold ahead, each with its limit, where it has one."""
    rows = db.execute(_ALLOWED, ARTICLES.of(sorted(articles)))
    return {(row.merchant_id, row.sku): row.most for row in rows}


def end(db: Connection) -> None:
    """Have channels told of articles that were sold ahead until yesterday."""
    db.execute(_ENDED)


def coming(db: Connection, articles: Iterable[Article]) -> list[Coming]:
    """What is announced of these articles and has not come, the earliest first."""
    rows = db.execute(_COMING, ARTICLES.of(sorted(articles)))
    return [
        Coming((row.merchant_id, row.sku), row.warehouse, row.open, row.expected_at) for row in rows
    ]


def waiting(db: Connection, articles: Iterable[Article]) -> list[Waits]:
    """What orders wait for of these articles, the oldest first: they are served in that order."""
    rows: Iterable[Any] = db.execute(_WAITING, ARTICLES.of(sorted(articles)))
    return [Waits((row.merchant, row.sku), row.order_id, row.pieces) for row in rows]


def waited_for(db: Connection, order_id: UUID) -> list[Article]:
    """The articles that an order waits for."""
    rows = db.execute(_WAITED_FOR, {"order_id": order_id})
    return [(row.merchant, row.sku) for row in rows]


_TODAY = "CAST(now() AT TIME ZONE 'UTC' AS date)"
_ALLOWED = sa.text(
    f"""SELECT merchant_id, sku, CAST(document #>> '{{preorder,limit}}' AS numeric) AS most
    FROM product WHERE (merchant_id, sku) IN (SELECT * FROM {ARTICLES.arrays})
      AND jsonb_typeof(document -> 'preorder') = 'object'
      AND coalesce(CAST(document #>> '{{preorder,until}}' AS date), 'infinity') >= {_TODAY}"""  # noqa: S608  # ours
)
_ENDED = sa.text(
    f"""INSERT INTO stock_dirty (merchant_id, sku)
    SELECT merchant_id, sku FROM product
    WHERE CAST(document #>> '{{preorder,until}}' AS date) = {_TODAY} - 1
    ORDER BY 1, 2 ON CONFLICT DO NOTHING"""  # noqa: S608  # ours
)
"""All through the day after: whoever was down at midnight still has channels told. A level that a
channel was told is not told again.
"""
_COMING = sa.text(
    f"""SELECT line.merchant_id, line.sku, line.warehouse, line.open, notice.expected_at
    FROM {ARTICLES.named("a")}
    JOIN stock_level AS level ON level.merchant_id = a.merchant AND level.sku = a.sku
      AND level.quality = 'good'
    JOIN inbound_line AS line ON line.warehouse = level.warehouse AND line.sku = level.sku
      AND line.quality = 'good' AND line.merchant_id = level.merchant_id AND line.open > 0
    JOIN inbound_notice AS notice ON notice.id = line.notice_id
      AND notice.merchant_id = line.merchant_id AND notice.expected_at IS NOT NULL
    ORDER BY notice.expected_at, line.notice_id, line.line_no"""  # noqa: S608  # ours
)
"""Every open line has a level, be it of no pieces."""
_WAITING = sa.text(
    f"""SELECT a.merchant, a.sku, held.order_id, sum(missing.pieces) AS pieces
    FROM {ARTICLES.named("a")}
    JOIN order_wait AS held ON held.fact = 'stock:' || a.merchant || ':' || a.sku
    JOIN LATERAL (
      SELECT reasoning -> -1 AS word, facts FROM routing_decision
      WHERE order_id = held.order_id ORDER BY id DESC LIMIT 1
    ) AS last ON true
    CROSS JOIN LATERAL (
      SELECT CAST(need ->> 2 AS numeric) AS pieces
      FROM jsonb_array_elements(last.facts -> 'demand') AS need
      WHERE last.word ->> 'fallback' = 'hold' AND need ->> 1 = a.sku AND need ->> 3 = a.merchant
      UNION ALL
      SELECT CAST(need ->> 'quantity' AS numeric)
      FROM jsonb_array_elements(last.word -> 'unfilled') AS need
      WHERE last.word ->> 'fallback' = 'backorder' AND need ->> 'sku' = a.sku
    ) AS missing
    GROUP BY 1, 2, 3 ORDER BY held.order_id"""  # noqa: S608  # ours
)
"""An order that is held takes nothing until it can have all of each line."""
_WAITED_FOR = sa.text(
    """SELECT split_part(fact, ':', 2) AS merchant,
      substr(fact, length(split_part(fact, ':', 2)) + 8) AS sku
    FROM order_wait WHERE order_id = :order_id AND fact LIKE 'stock:%' ORDER BY fact"""
)
