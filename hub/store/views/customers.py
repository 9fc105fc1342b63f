"""Customers as lists: who they are in the end, what they bought, and who may be whom."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.tables import customer
from hub.store.views.page import Page, Position, by_id, id_of, page

MOST_ORDERS = 100


def listed(
    db: Connection, merchant: str | None, *, after: Position | None = None, limit: int = 50
) -> Page[UUID]:
    """Customers, oldest first; who is one with another is not among them."""
    table = customer.c
    query = sa.select(table.id).where(table.merged_into.is_(None))
    if merchant is not None:
        query = query.where(table.merchant_id == merchant)
    if after is not None:
        query = query.where(table.id > id_of(after))
    rows = db.execute(query.order_by(table.id).limit(limit + 1)).all()
    return page(rows, limit, lambda row: row.id, by_id)


def bought(db: Connection, root: UUID) -> Sequence[Any]:
    """The newest orders of all who are one: id, customer_id, channel, order_number, status,
    placed_at, currency, grand_total.
    """
    return db.execute(_BOUGHT, {"root": root, "most": MOST_ORDERS}).all()


def doubtful(
    db: Connection, merchant: str | None = None, root: UUID | None = None
) -> Sequence[Any]:
    """Pairs that wait for a person, the oldest first: one and other (both as all who are one with
    them), reason.
    """
    return db.execute(_DOUBTFUL, {"merchant": merchant, "root": root}).all()


_BOUGHT = sa.text(
    """SELECT o.id, co.customer_id, o.channel, o.order_number, o.status, o.placed_at, o.currency,
      o.grand_total
    FROM customer AS c JOIN customer_order AS co ON co.customer_id = c.id
    JOIN sales_order AS o ON o.id = co.order_id
    WHERE c.root_id = :root ORDER BY o.placed_at DESC, o.id DESC LIMIT :most"""
)
_DOUBTFUL = sa.text(
    """SELECT a.root_id AS one, b.root_id AS other, min(p.reason) AS reason, min(p.at) AS at
    FROM customer_pair AS p
    JOIN customer AS a ON a.id = p.first JOIN customer AS b ON b.id = p.second
    WHERE p.status = 'open' AND a.root_id <> b.root_id
      AND (CAST(:merchant AS text) IS NULL OR p.merchant_id = :merchant)
      AND (CAST(:root AS uuid) IS NULL OR :root IN (a.root_id, b.root_id))
    GROUP BY 1, 2 ORDER BY 4, 1, 2 LIMIT 50"""
)
