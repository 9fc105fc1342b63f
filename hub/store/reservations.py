"""Reservations: pieces of a level promised to the lines of fulfilment orders.

Nothing here reads first and writes later: taking pieces is one conditional UPDATE. Levels are
locked in the order that `stock.py` names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.pipelining import write
from hub.store.stock import level_columns


@dataclass(slots=True)
class Reservation:
    """Pieces promised to an order line, to be shipped by a fulfilment order."""

    merchant: str
    order_id: UUID
    line_no: int
    fulfilment_order_id: UUID
    warehouse: str
    sku: str
    quantity: Decimal
    quality: str = "good"


def record(db: Connection, rows: Sequence[Reservation]) -> None:
    """Write the reservations; `claim` then takes the pieces. One that exists already changes
    nothing.
    """
    if rows:
        write(db, _RECORD, _columns(rows))


def claim(db: Connection, rows: Sequence[Reservation]) -> bool:
    """Take the pieces of all rows, or of none: false where one level has too few. Last statement
    of its transaction.
    """
    wanted: dict[tuple[str, str, str, str], Decimal] = {}
    for row in rows:
        at = (row.warehouse, row.sku, row.quality, row.merchant)
        wanted[at] = wanted.get(at, Decimal(0)) + row.quantity
    if not wanted:
        return True
    keys = sorted(wanted)
    done = db.execute(_CLAIM, {**level_columns(keys), "quantities": [wanted[key] for key in keys]})
    return done.rowcount == len(keys)


def release(db: Connection, fulfilment_orders: Sequence[UUID]) -> list[Any]:
    """Give back what these fulfilment orders still hold. Twice gives back once. Returns the SKUs
    that grew.
    """
    return list(db.execute(_RELEASE, {"ids": list(fulfilment_orders)}))


def use(db: Connection, uses: Sequence[tuple[UUID, int, Decimal]]) -> list[Any]:
    """Take shipped pieces off reservations (fulfilment order, line, pieces), never below zero.

    Returns what each really held: rows of fulfilment_order_id, line_no, used.
    """
    if not uses:
        return []
    uses = sorted(uses, key=lambda use: (use[0], use[1]))
    return list(
        db.execute(
            _USE,
            {
                "ids": [fo for fo, _, _ in uses],
                "lines": [line for _, line, _ in uses],
                "quantities": [quantity for _, _, quantity in uses],
            },
        )
    )


def _columns(rows: Sequence[Reservation]) -> dict[str, Any]:
    return {
        "orders": [row.order_id for row in rows],
        "lines": [row.line_no for row in rows],
        "ids": [row.fulfilment_order_id for row in rows],
        "merchants": [row.merchant for row in rows],
        "warehouses": [row.warehouse for row in rows],
        "skus": [row.sku for row in rows],
        "qualities": [row.quality for row in rows],
        "quantities": [row.quantity for row in rows],
    }


_RECORD = sa.text(
    """INSERT INTO reservation (order_id, line_no, fulfilment_order_id, merchant_id, warehouse, sku,
      quality, quantity, open)
    SELECT order_id, line_no, fo, merchant, warehouse, sku, quality, quantity, quantity
    FROM unnest(CAST(:orders AS uuid[]), CAST(:lines AS int[]), CAST(:ids AS uuid[]),
      CAST(:merchants AS text[]), CAST(:warehouses AS text[]), CAST(:skus AS text[]),
      CAST(:qualities AS text[]), CAST(:quantities AS numeric[]))
      AS r (order_id, line_no, fo, merchant, warehouse, sku, quality, quantity)
    ON CONFLICT DO NOTHING"""
)
_CLAIM = sa.text(
    """WITH w AS (
      SELECT * FROM unnest(CAST(:warehouses AS text[]), CAST(:skus AS text[]),
        CAST(:qualities AS text[]), CAST(:merchants AS text[]), CAST(:quantities AS numeric[]))
        AS w (warehouse, sku, quality, merchant, quantity)
    ), locked AS (
      SELECT level.warehouse, level.sku, level.quality, level.merchant_id, w.quantity
      FROM stock_level AS level JOIN w ON level.warehouse = w.warehouse AND level.sku = w.sku
        AND level.quality = w.quality AND level.merchant_id = w.merchant
      ORDER BY level.warehouse, level.sku, level.quality, level.merchant_id FOR UPDATE OF level
    )
    UPDATE stock_level AS level SET reserved = reserved + locked.quantity FROM locked
    WHERE level.warehouse = locked.warehouse AND level.sku = locked.sku
      AND level.quality = locked.quality AND level.merchant_id = locked.merchant_id
      AND level.on_hand - level.reserved - level.safety >= locked.quantity"""
)
_RELEASE = sa.text(
    """WITH held AS (
      SELECT fulfilment_order_id, line_no, order_id, merchant_id, warehouse, sku, quality, open
      FROM reservation WHERE fulfilment_order_id = ANY (:ids) AND open > 0
      ORDER BY fulfilment_order_id, line_no FOR UPDATE
    ), emptied AS (
      UPDATE reservation AS r SET open = 0 FROM held
      WHERE r.fulfilment_order_id = held.fulfilment_order_id AND r.line_no = held.line_no
        AND r.order_id = held.order_id
    ), sums AS (
      SELECT warehouse, sku, quality, merchant_id, sum(open) AS quantity
      FROM held GROUP BY 1, 2, 3, 4
    ), locked AS (
      SELECT level.warehouse, level.sku, level.quality, level.merchant_id, sums.quantity
      FROM stock_level AS level JOIN sums USING (warehouse, sku, quality, merchant_id)
      ORDER BY level.warehouse, level.sku, level.quality, level.merchant_id FOR UPDATE OF level
    )
    UPDATE stock_level AS level SET reserved = reserved - locked.quantity FROM locked
    WHERE level.warehouse = locked.warehouse AND level.sku = locked.sku
      AND level.quality = locked.quality AND level.merchant_id = locked.merchant_id
    RETURNING level.merchant_id, level.sku"""
)
_USE = sa.text(
    """WITH u AS (
      SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:lines AS int[]),
        CAST(:quantities AS numeric[])) AS u (fo, line_no, quantity)
    ), held AS (
      SELECT r.fulfilment_order_id, r.line_no, r.order_id, least(r.open, u.quantity) AS used
      FROM reservation AS r JOIN u ON r.fulfilment_order_id = u.fo AND r.line_no = u.line_no
      ORDER BY r.fulfilment_order_id, r.line_no FOR UPDATE OF r
    )
    UPDATE reservation AS r SET open = r.open - held.used FROM held
    WHERE r.fulfilment_order_id = held.fulfilment_order_id AND r.line_no = held.line_no
      AND r.order_id = held.order_id
    RETURNING r.fulfilment_order_id, r.line_no, held.used"""
)
