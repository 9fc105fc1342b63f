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

Place = tuple[str, str, str]
"""Warehouse, SKU, quality: slices are cut between these, never within one."""
FIRST: Place = ("", "", "")


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
    kept = db.scalar(_TAKE)
    if kept is None:
        return None
    warehouse, sku, quality = kept.get("after", FIRST)
    until = kept.get("rest_until")
    return Standing((warehouse, sku, quality), datetime.fromisoformat(until) if until else None)


def keep(db: Connection, standing: Standing) -> None:
    """Keep where the watch stands from now on."""
    until = standing.rest_until.isoformat() if standing.rest_until else None
    value = json.dumps({"after": standing.after, "rest_until": until})
    db.execute(_KEEP, {"value": value})


def edge(db: Connection, after: Place, most: int) -> Place | None:
    """Where a slice of so many places ends. None where all that is left is in it."""
    at = {"warehouse": after[0], "sku": after[1], "quality": after[2], "beyond": most - 1}
    row = db.execute(_EDGE, at).one_or_none()
    return None if row is None else (row.warehouse, row.sku, row.quality)


def compare(db: Connection, after: Place, upto: Place | None) -> Sequence[Compared]:
    """All levels of a slice, and all that the ledger knows there, as of one moment."""
    low = {"warehouse": after[0], "sku": after[1], "quality": after[2]}
    if upto is None:
        rows = db.execute(_COMPARE_REST, low)
    else:
        high = {"warehouse_to": upto[0], "sku_to": upto[1], "quality_to": upto[2]}
        rows = db.execute(_COMPARE, {**low, **high})
    return [Compared(*row) for row in rows]


_NAME = "'ledger_watch'"
_BEGIN = sa.text(
    f"""INSERT INTO setting (name) SELECT {_NAME}
    WHERE NOT EXISTS (SELECT FROM setting WHERE name = {_NAME}) ON CONFLICT DO NOTHING"""  # noqa: S608
)
"""A row that another scheduler holds is not waited for."""
_TAKE = sa.text(f"SELECT value FROM setting WHERE name = {_NAME} FOR UPDATE SKIP LOCKED")  # noqa: S608
_KEEP = sa.text(f"UPDATE setting SET value = CAST(:value AS jsonb) WHERE name = {_NAME}")  # noqa: S608
_BEYOND = """(warehouse, sku, quality)
      > (CAST(:warehouse AS text), CAST(:sku AS text), CAST(:quality AS text))"""
_UPTO = """(warehouse, sku, quality)
      <= (CAST(:warehouse_to AS text), CAST(:sku_to AS text), CAST(:quality_to AS text))"""
_EDGE = sa.text(
    f"""SELECT DISTINCT warehouse, sku, quality FROM stock_level WHERE {_BEYOND}
    ORDER BY 1, 2, 3 LIMIT 1 OFFSET :beyond"""  # noqa: S608  # ours
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
