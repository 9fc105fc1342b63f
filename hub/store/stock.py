"""Levels, the ledger they are the sum of, and reservations. Rows are locked by (warehouse, SKU,
  quality), always sorted.

Nothing here reads first and writes later: a reservation is one conditional UPDATE,
  and a movement's balance is what that
UPDATE returns.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.ids import new_id
from hub.store.pipelining import write


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


@dataclass(frozen=True, slots=True)
class Movement:
    """Pieces in (or, negative, out). `reserved` is what it takes off the reserved pieces at the
    same time.
    """

    merchant: str
    warehouse: str
    sku: str
    delta: Decimal
    reason: str
    document: str
    quality: str = "good"
    reserved: Decimal = Decimal(0)
    actor: str = "hub"


def available(db: Connection, merchants: Iterable[str], skus: Iterable[str]) -> list[Any]:
    """What may be promised now, by merchant, warehouse and SKU, good quality only."""
    return list(
        db.execute(_AVAILABLE, {"merchants": sorted(set(merchants)), "skus": sorted(set(skus))})
    )


def record_reservations(db: Connection, rows: Sequence[Reservation]) -> None:
    """Write the reservations; `claim` then takes the pieces. One that exists already changes
    nothing.
    """
    if rows:
        write(db, _RECORD, _reservation_columns(rows))


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
    done = db.execute(_CLAIM, {**_level_columns(keys), "quantities": [wanted[key] for key in keys]})
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


def move(db: Connection, movements: Sequence[Movement]) -> None:
    """Change levels and write the ledger, one line a movement with the balance after it."""
    if not movements:
        return
    movements = sorted(
        movements, key=lambda one: (one.warehouse, one.sku, one.quality, one.merchant)
    )
    sums: dict[tuple[str, str, str, str], list[Decimal]] = {}
    for one in movements:
        total = sums.setdefault(
            (one.warehouse, one.sku, one.quality, one.merchant), [Decimal(0), Decimal(0)]
        )
        total[0] += one.delta
        total[1] += one.reserved
    keys = sorted(sums)
    rows = db.execute(
        _MOVE,
        {
            **_level_columns(keys),
            "deltas": [sums[key][0] for key in keys],
            "reserveds": [sums[key][1] for key in keys],
        },
    )
    balance = {(row.warehouse, row.sku, row.quality, row.merchant_id): row.on_hand for row in rows}
    _write_ledger(db, movements, {key: balance[key] - sums[key][0] for key in keys})


def _write_ledger(
    db: Connection, movements: Sequence[Movement], before: dict[tuple[str, str, str, str], Decimal]
) -> None:
    after = []
    for one in movements:
        key = (one.warehouse, one.sku, one.quality, one.merchant)
        before[key] += one.delta
        after.append(before[key])
    booked = [(one, balance) for one, balance in zip(movements, after, strict=True) if one.delta]
    if booked:
        write(
            db,
            _LEDGER,
            {
                "ids": sorted(new_id() for _ in booked),
                "merchants": [one.merchant for one, _ in booked],
                "warehouses": [one.warehouse for one, _ in booked],
                "skus": [one.sku for one, _ in booked],
                "qualities": [one.quality for one, _ in booked],
                "deltas": [one.delta for one, _ in booked],
                "balances": [balance for _, balance in booked],
                "reasons": [one.reason for one, _ in booked],
                "documents": [one.document for one, _ in booked],
                "actors": [one.actor for one, _ in booked],
            },
        )


def lock(
    db: Connection, warehouse: str, merchant: str, skus: Sequence[str]
) -> dict[tuple[str, str], Any]:
    """Lock levels and read them, by (SKU, quality); for counts, where the new number depends on
    the old.
    """
    rows = db.execute(
        _LOCK, {"warehouse": warehouse, "merchant": merchant, "skus": sorted(set(skus))}
    )
    return {(row.sku, row.quality): row for row in rows}


def mark_counted(
    db: Connection, warehouse: str, levels: Sequence[tuple[str, str, str]], at: datetime
) -> None:
    """Note when a warehouse counted (merchant, SKU, quality)."""
    if levels:
        db.execute(
            _COUNTED,
            {
                "warehouse": warehouse,
                "merchants": [level[0] for level in levels],
                "skus": [level[1] for level in levels],
                "qualities": [level[2] for level in levels],
                "at": at,
            },
        )


def once(db: Connection, merchant: str, kind: str, keys: Sequence[str]) -> set[str]:
    """Claim effects that may happen once for ever. Returns the keys that are new."""
    return set(db.scalars(_ONCE, {"merchant": merchant, "kind": kind, "keys": sorted(set(keys))}))


def touch(db: Connection, skus: Iterable[tuple[str, str]]) -> None:
    """Note that what may be sold of (merchant, SKU) changed: channels will be told the newest
    level.
    """
    rows = sorted(set(skus))
    if rows:
        write(db, _TOUCH, {"merchants": [row[0] for row in rows], "skus": [row[1] for row in rows]})


def take_touched(db: Connection, most: int) -> Sequence[Any]:
    """Take up to `most` (merchant_id, sku) whose level changed, so that they are told once."""
    return db.execute(_TAKE, {"most": most}).all()


def levels(db: Connection, skus: Sequence[tuple[str, str]]) -> Sequence[Any]:
    """The good levels of (merchant, SKU), one row a warehouse."""
    columns = {"merchants": [row[0] for row in skus], "skus": [row[1] for row in skus]}
    return db.execute(_LEVELS, columns).all()


def next_version(db: Connection) -> int:
    """A number that rises with every publication of levels."""
    return int(db.scalar(sa.text("SELECT nextval('stock_version')")) or 0)


def _level_columns(keys: Sequence[tuple[str, str, str, str]]) -> dict[str, Any]:
    return {
        "warehouses": [key[0] for key in keys],
        "skus": [key[1] for key in keys],
        "qualities": [key[2] for key in keys],
        "merchants": [key[3] for key in keys],
    }


def _reservation_columns(rows: Sequence[Reservation]) -> dict[str, Any]:
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


_AVAILABLE = sa.text(
    """SELECT merchant_id, warehouse, sku, on_hand - reserved - safety AS available FROM stock_level
    WHERE merchant_id = ANY (:merchants) AND sku = ANY (:skus) AND quality = 'good'
      AND on_hand - reserved - safety > 0"""
)
_RECORD = sa.text(
    """INSERT INTO reservation (order_id, line_no, fulfilment_order_id, merchant_id, warehouse,
      sku, quality, quantity,
      open)
    SELECT order_id, line_no, fo, merchant, warehouse, sku, quality, quantity, quantity
    FROM unnest(CAST(:orders AS uuid[]), CAST(:lines AS int[]), CAST(:ids AS uuid[]),
      CAST(:merchants AS text[]),
      CAST(:warehouses AS text[]), CAST(:skus AS text[]), CAST(:qualities AS text[]),
        CAST(:quantities AS numeric[]))
      AS r (order_id, line_no, fo, merchant, warehouse, sku, quality, quantity)
    ON CONFLICT DO NOTHING"""
)
_CLAIM = sa.text(
    """WITH w AS (
      SELECT * FROM unnest(CAST(:warehouses AS text[]), CAST(:skus AS text[]),
        CAST(:qualities AS text[]),
        CAST(:merchants AS text[]), CAST(:quantities AS numeric[])) AS w (warehouse, sku,
          quality, merchant, quantity)
    ), locked AS (
      SELECT level.warehouse, level.sku, level.quality, level.merchant_id, w.quantity
      FROM stock_level AS level JOIN w ON level.warehouse = w.warehouse AND level.sku = w.sku
        AND level.quality = w.quality AND level.merchant_id = w.merchant
      ORDER BY level.warehouse, level.sku, level.quality, level.merchant_id FOR UPDATE OF level
    )
    UPDATE stock_level AS level SET reserved = reserved + locked.quantity FROM locked
    WHERE level.warehouse = locked.warehouse AND level.sku = locked.sku AND level.quality =
      locked.quality
      AND level.merchant_id = locked.merchant_id
      AND level.on_hand - level.reserved - level.safety >= locked.quantity"""
)
_RELEASE = sa.text(
    """WITH held AS (
      SELECT fulfilment_order_id, line_no, order_id, merchant_id, warehouse, sku, quality,
        open FROM reservation
      WHERE fulfilment_order_id = ANY (:ids) AND open > 0 ORDER BY fulfilment_order_id,
        line_no FOR UPDATE
    ), emptied AS (
      UPDATE reservation SET open = 0 FROM held
      WHERE reservation.fulfilment_order_id = held.fulfilment_order_id AND reservation.line_no =
        held.line_no
        AND reservation.order_id = held.order_id
    ), sums AS (
      SELECT warehouse, sku, quality, merchant_id, sum(open) AS quantity FROM held GROUP BY 1, 2,
        3, 4
    ), locked AS (
      SELECT level.warehouse, level.sku, level.quality, level.merchant_id, sums.quantity
      FROM stock_level AS level JOIN sums USING (warehouse, sku, quality, merchant_id)
      ORDER BY level.warehouse, level.sku, level.quality, level.merchant_id FOR UPDATE OF level
    )
    UPDATE stock_level AS level SET reserved = reserved - locked.quantity FROM locked
    WHERE level.warehouse = locked.warehouse AND level.sku = locked.sku AND level.quality =
      locked.quality
      AND level.merchant_id = locked.merchant_id
    RETURNING level.merchant_id, level.sku"""
)
_USE = sa.text(
    """WITH u AS (
      SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:lines AS int[]),
        CAST(:quantities AS numeric[]))
        AS u (fo, line_no, quantity)
    ), held AS (
      SELECT r.fulfilment_order_id, r.line_no, r.order_id, least(r.open, u.quantity) AS used
      FROM reservation AS r JOIN u ON r.fulfilment_order_id = u.fo AND r.line_no = u.line_no
      ORDER BY r.fulfilment_order_id, r.line_no FOR UPDATE OF r
    )
    UPDATE reservation AS r SET open = r.open - held.used FROM held
    WHERE r.fulfilment_order_id = held.fulfilment_order_id AND r.line_no = held.line_no AND
      r.order_id = held.order_id
    RETURNING r.fulfilment_order_id, r.line_no, held.used"""
)
_MOVE = sa.text(
    """INSERT INTO stock_level AS level (warehouse, sku, quality, merchant_id, on_hand)
    SELECT warehouse, sku, quality, merchant, delta
    FROM unnest(CAST(:warehouses AS text[]), CAST(:skus AS text[]), CAST(:qualities AS text[]),
      CAST(:merchants AS text[]), CAST(:deltas AS numeric[]), CAST(:reserveds AS numeric[]))
      AS m (warehouse, sku, quality, merchant, delta, reserved)
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (warehouse, sku, quality, merchant_id) DO UPDATE
    SET on_hand = level.on_hand + excluded.on_hand, reserved = level.reserved - coalesce((
      SELECT m.reserved FROM unnest(CAST(:warehouses AS text[]), CAST(:skus AS text[]),
        CAST(:qualities AS text[]),
        CAST(:merchants AS text[]), CAST(:reserveds AS numeric[])) AS m (warehouse, sku, quality,
          merchant, reserved)
      WHERE m.warehouse = level.warehouse AND m.sku = level.sku AND m.quality = level.quality
        AND m.merchant = level.merchant_id), 0)
    RETURNING level.warehouse, level.sku, level.quality, level.merchant_id, level.on_hand"""
)
_LEDGER = sa.text(
    """INSERT INTO ledger (id, merchant_id, warehouse, sku, quality, delta, balance_after,
      reason, document, actor)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:merchants AS text[]),
      CAST(:warehouses AS text[]),
      CAST(:skus AS text[]), CAST(:qualities AS text[]), CAST(:deltas AS numeric[]),
        CAST(:balances AS numeric[]),
      CAST(:reasons AS text[]), CAST(:documents AS text[]), CAST(:actors AS text[]))"""
)
_LOCK = sa.text(
    """SELECT sku, quality, on_hand, reserved, counted_at FROM stock_level
    WHERE warehouse = :warehouse AND merchant_id = :merchant AND sku = ANY (:skus)
    ORDER BY warehouse, sku, quality FOR UPDATE"""
)
_COUNTED = sa.text(
    """UPDATE stock_level SET counted_at = :at
    FROM unnest(CAST(:merchants AS text[]), CAST(:skus AS text[]), CAST(:qualities AS text[]))
      AS c (merchant, sku, quality)
    WHERE stock_level.warehouse = :warehouse AND stock_level.merchant_id = c.merchant AND
      stock_level.sku = c.sku
      AND stock_level.quality = c.quality"""
)
_ONCE = sa.text(
    """INSERT INTO effect (merchant_id, kind, key) SELECT :merchant, :kind, key
    FROM unnest(CAST(:keys AS text[])) AS key ON CONFLICT DO NOTHING RETURNING key"""
)
_TOUCH = sa.text(
    """INSERT INTO stock_dirty (merchant_id, sku)
    SELECT * FROM unnest(CAST(:merchants AS text[]),
      CAST(:skus AS text[])) ON CONFLICT DO NOTHING"""
)
_TAKE = sa.text(
    """DELETE FROM stock_dirty WHERE (merchant_id, sku) IN (
      SELECT merchant_id, sku FROM stock_dirty ORDER BY merchant_id,
        sku LIMIT :most FOR UPDATE SKIP LOCKED
    ) RETURNING merchant_id, sku"""
)
_LEVELS = sa.text(
    """SELECT merchant_id, sku, warehouse, on_hand, reserved, safety FROM stock_level
    WHERE (merchant_id, sku) IN (SELECT * FROM unnest(CAST(:merchants AS text[]),
      CAST(:skus AS text[])))
      AND quality = 'good' ORDER BY warehouse"""
)
