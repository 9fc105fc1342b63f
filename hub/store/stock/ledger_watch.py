"""Levels beside the sums of their ledgers, a slice at a time; where the watch stands is kept, so
that each scheduler goes on where the last one stopped.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

Place = tuple[str, str]
"""Warehouse and SKU: slices are cut between these, never within one, and are of one warehouse."""
FIRST: Place = ("", "")


@dataclass(frozen=True, slots=True)
class Standing:
    """`after`: the last place that was looked at. `rest_until`: the round is done till then."""

    after: Place = FIRST
    rest_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """A level in pieces, and what its ledger adds up to; 0 where there is no such."""

    merchant: str
    warehouse: str
    sku: str
    quality: str
    level: Decimal
    booked: Decimal


def take(db: Connection) -> Standing | None:
    """Where the watch stands, locked. None where another scheduler is at it."""
    db.execute(_BEGIN)
    db.execute(_IN_ORDER)
    kept = db.scalar(_TAKE)
    if kept is None:
        return None
    warehouse, sku = kept.get("after", FIRST)[:2]
    until = kept.get("rest_until")
    return Standing((warehouse, sku), datetime.fromisoformat(until) if until else None)


def keep(db: Connection, standing: Standing) -> None:
    """Keep where the watch stands from now on."""
    until = standing.rest_until.isoformat() if standing.rest_until else None
    value = json.dumps({"after": standing.after, "rest_until": until})
    db.execute(_KEEP, {"value": value})


def edge(db: Connection, after: Place, most: int) -> Place | None:
    """Where a slice of about so many levels ends. None where all that is left of the warehouse is
    in it.
    """
    at = {"warehouse": after[0], "sku": after[1], "beyond": most - 1}
    sku = db.scalar(_EDGE, at)
    return None if sku is None else (after[0], sku)


def next_warehouse(db: Connection, after: str) -> str | None:
    """The next warehouse that has a level or a ledger. None behind the last."""
    found: str | None = db.scalar(_NEXT, {"warehouse": after})
    return found


def compare(db: Connection, after: Place, upto: Place | None) -> Sequence[Compared]:
    """All levels of a slice, and all that the ledger knows there, as of one moment."""
    low = {"warehouse": after[0], "sku": after[1]}
    rows = (
        db.execute(_COMPARE_REST, low)
        if upto is None
        else (db.execute(_COMPARE, {**low, "sku_to": upto[1]}))
    )
    return [Compared(*row) for row in rows]


_NAME = "'ledger_watch'"
_BEGIN = sa.text(
    f"""INSERT INTO setting (name) SELECT {_NAME}
    WHERE NOT EXISTS (SELECT FROM setting WHERE name = {_NAME}) ON CONFLICT DO NOTHING"""  # noqa: S608
)
"""A row that another scheduler holds is not waited for."""
_IN_ORDER = sa.text("SELECT set_config('enable_sort', 'off', true)")
"""For this transaction: where a warehouse is taken for small, all that is left of it is read and
sorted to find the end of one slice.
"""
_TAKE = sa.text(f"SELECT value FROM setting WHERE name = {_NAME} FOR UPDATE SKIP LOCKED")  # noqa: S608
_KEEP = sa.text(f"UPDATE setting SET value = CAST(:value AS jsonb) WHERE name = {_NAME}")  # noqa: S608
_BEYOND = "warehouse = :warehouse AND sku > :sku"
"""One column at a time: by rows, `(warehouse, sku) <= (…)`, the index is read to the end of the
warehouse for each slice.
"""
_UPTO = "sku <= :sku_to"
_EDGE = sa.text(
    f"SELECT sku FROM stock_level WHERE {_BEYOND} ORDER BY sku LIMIT 1 OFFSET :beyond"  # noqa: S608
)
_NEXT = sa.text(
    """SELECT least(
      (SELECT min(warehouse) FROM stock_level WHERE warehouse > :warehouse),
      (SELECT min(warehouse) FROM ledger WHERE warehouse > :warehouse)
    )"""
)


def _comparing(within: str) -> sa.TextClause:
    return sa.text(
        f"""SELECT merchant_id, warehouse, sku, quality, coalesce(on_hand, 0), coalesce(booked, 0)
        FROM (
          SELECT merchant_id, warehouse, sku, quality, on_hand FROM stock_level WHERE {within}
        ) AS level FULL JOIN (
          SELECT merchant_id, warehouse, sku, quality, sum(delta) AS booked FROM ledger
          WHERE {within} GROUP BY 1, 2, 3, 4
        ) AS sums USING (merchant_id, warehouse, sku, quality)
        ORDER BY 2, 3, 4, 1"""  # noqa: S608  # ours
    )


_COMPARE, _COMPARE_REST = _comparing(f"{_BEYOND} AND {_UPTO}"), _comparing(_BEYOND)
