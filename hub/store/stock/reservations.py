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

from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.stock.levels_touched import GROWN, LEVEL, Level


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
        values = (
            (
                *(row.order_id, row.line_no, row.fulfilment_order_id, row.merchant),
                *(row.warehouse, row.sku, row.quality, row.quantity),
            )
            for row in rows
        )
        write(db, _RECORD, _RESERVATIONS.of(values))


def claim(db: Connection, rows: Sequence[Reservation]) -> bool:
    """Take the pieces of all rows, or of none: false where one level has too few. Last statement
    of its transaction.
    """
    wanted: dict[Level, Decimal] = {}
    for row in rows:
        level = (row.warehouse, row.sku, row.quality, row.merchant)
        wanted[level] = wanted.get(level, Decimal(0)) + row.quantity
    if not wanted:
        return True
    claimed = _WANTED.of((*level, quantity) for level, quantity in sorted(wanted.items()))
    return db.execute(_CLAIM, claimed).rowcount == len(wanted)


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
    ordered = sorted(uses, key=lambda use: (use[0], use[1]))
    return list(db.execute(_USE, _USES.of(ordered)))


_RESERVATIONS = Rows(
    order_id="uuid",
    line_no="int",
    fo="uuid",
    merchant="text",
    warehouse="text",
    sku="text",
    quality="text",
    quantity="numeric",
)
_WANTED = Rows(**LEVEL, quantity="numeric")
_USES = Rows(fo="uuid", line_no="int", quantity="numeric")
_RECORD = sa.text(
    f"""INSERT INTO reservation (order_id, line_no, fulfilment_order_id, merchant_id, warehouse,
      sku, quality, quantity, open)
    SELECT order_id, line_no, fo, merchant, warehouse, sku, quality, quantity, quantity
    FROM {_RESERVATIONS.named("r")}
    ON CONFLICT DO NOTHING"""  # noqa: S608  # ours
)
_CLAIM = sa.text(
    f"""WITH w AS (
      SELECT * FROM {_WANTED.named("w")}
    ), locked AS (
      SELECT level.warehouse, level.sku, level.quality, level.merchant_id, w.quantity
      FROM stock_level AS level JOIN w ON level.warehouse = w.warehouse AND level.sku = w.sku
        AND level.quality = w.quality AND level.merchant_id = w.merchant_id
      ORDER BY level.warehouse, level.sku, level.quality, level.merchant_id FOR UPDATE OF level
    )
    UPDATE stock_level AS level SET reserved = reserved + locked.quantity FROM locked
    WHERE level.warehouse = locked.warehouse AND level.sku = locked.sku
      AND level.quality = locked.quality AND level.merchant_id = locked.merchant_id
      AND level.on_hand - level.reserved - level.safety - level.expiring >= locked.quantity"""  # noqa: S608  # ours
)
_RELEASE = sa.text(
    f"""WITH held AS (
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
    ), grown AS (
      UPDATE stock_level AS level SET reserved = reserved - locked.quantity FROM locked
      WHERE level.warehouse = locked.warehouse AND level.sku = locked.sku
        AND level.quality = locked.quality AND level.merchant_id = locked.merchant_id
      RETURNING level.merchant_id, level.sku, level.quality,
        level.on_hand - level.reserved - level.safety - level.expiring AS free
    ), told AS (
      {GROWN}
    )
    SELECT merchant_id, sku FROM grown"""  # noqa: S608  # constants
)
_USE = sa.text(
    f"""WITH u AS (
      SELECT * FROM {_USES.named("u")}
    ), held AS (
      SELECT r.fulfilment_order_id, r.line_no, r.order_id, least(r.open, u.quantity) AS used
      FROM reservation AS r JOIN u ON r.fulfilment_order_id = u.fo AND r.line_no = u.line_no
      ORDER BY r.fulfilment_order_id, r.line_no FOR UPDATE OF r
    )
    UPDATE reservation AS r SET open = r.open - held.used FROM held
    WHERE r.fulfilment_order_id = held.fulfilment_order_id AND r.line_no = held.line_no
      AND r.order_id = held.order_id
    RETURNING r.fulfilment_order_id, r.line_no, held.used"""  # noqa: S608  # ours
)
