"""Facts that orders wait for (`sku:…`, `ref:channel:…`, `stock:merchant:…`): which order waits for
which, and whose waiters are to be looked at.

What appears while an order is being put to wait for it sees nobody waiting; and a fact may have
more waiters than one transaction should look at. Both leave a row here, for the sweep.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.directory import OPERATOR
from hub.store.ids import new_id
from hub.store.pipelining import write

EVERYONE = UUID(int=0)
_AT_ONCE = 200
"""Facts taken up at a time."""


@dataclass(frozen=True, slots=True)
class Waited:
    """A fact of a merchant, and the first of its waiting orders that is to be looked at."""

    merchant: str
    fact: str
    first: UUID = EVERYONE


def wait_for(db: Connection, waits: Sequence[tuple[str, UUID, str]]) -> None:
    """Note which facts (merchant, order, fact) orders wait for."""
    if waits:
        write(
            db,
            _WAIT,
            {
                "merchants": [wait[0] for wait in waits],
                "orders": [wait[1] for wait in waits],
                "facts": [wait[2] for wait in waits],
            },
        )


def forget(db: Connection, orders: Sequence[UUID]) -> None:
    """These orders wait for nothing any more."""
    if orders:
        write(db, _FORGET, {"ids": list(orders)})


def waiting(db: Connection, facts: Sequence[Waited], most: int) -> list[UUID]:
    """Orders that wait for one of these facts, the oldest first; the operator's may wait for any
    merchant's.
    """
    if not facts:
        return []
    return list(db.scalars(_WAITING, {**_columns(facts), "operator": OPERATOR, "most": most}))


def look_at(db: Connection, facts: Sequence[Waited], in_s: float = 0.0) -> None:
    """Let the sweep look at those that wait for these facts."""
    if facts:
        write(db, _LOOK, {**_columns(facts), "ids": [new_id() for _ in facts], "in_s": float(in_s)})


def take_due(db: Connection) -> list[Waited]:
    """Take what is to be looked at by now. What is still missing altogether is left out."""
    rows = db.execute(_TAKE, {"most": _AT_ONCE}).all()
    if not rows:
        return []
    least: dict[tuple[str, str], UUID] = {}
    for row in rows:
        at = (row.merchant_id, row.fact)
        least[at] = min(row.first, least.get(at, row.first))
    due = [Waited(*at, first) for at, first in sorted(least.items())]
    rows = db.execute(_THERE, {**_columns(due), "operator": OPERATOR}).all()
    there = {(row.merchant, row.fact) for row in rows}
    return [one for one in due if (one.merchant, one.fact) in there]


def _columns(facts: Sequence[Waited]) -> dict[str, Any]:
    return {
        "merchants": [one.merchant for one in facts],
        "facts": [one.fact for one in facts],
        "firsts": [one.first for one in facts],
    }


_WAIT = sa.text(
    """INSERT INTO order_wait (merchant_id, order_id, fact)
    SELECT * FROM unnest(CAST(:merchants AS text[]), CAST(:orders AS uuid[]),
      CAST(:facts AS text[]))
    ON CONFLICT DO NOTHING"""
)
_FORGET = sa.text("DELETE FROM order_wait WHERE order_id = ANY (:ids)")
_WAITING = sa.text(
    """SELECT order_id FROM unnest(CAST(:merchants AS text[]), CAST(:facts AS text[]),
      CAST(:firsts AS uuid[])) AS f (merchant, fact, first)
    JOIN order_wait ON order_wait.fact = f.fact AND order_wait.order_id >= f.first
      AND order_wait.merchant_id IN (f.merchant, :operator)
    GROUP BY order_id ORDER BY order_id LIMIT :most"""
)
_LOOK = sa.text(
    """INSERT INTO fact_due (id, merchant_id, fact, first, due)
    SELECT id, merchant, fact, first, now() + :in_s * interval '1 s'
    FROM unnest(CAST(:ids AS uuid[]), CAST(:merchants AS text[]), CAST(:facts AS text[]),
      CAST(:firsts AS uuid[])) AS f (id, merchant, fact, first)"""
)
_TAKE = sa.text(
    """DELETE FROM fact_due WHERE id IN (
      SELECT id FROM fact_due WHERE due <= now() ORDER BY due LIMIT :most FOR UPDATE SKIP LOCKED
    ) RETURNING merchant_id, fact, first"""
)
_THERE = sa.text(
    """SELECT merchant, fact FROM unnest(CAST(:merchants AS text[]), CAST(:facts AS text[]),
      CAST(:firsts AS uuid[])) AS f (merchant, fact, first)
    WHERE CASE split_part(fact, ':', 1)
      WHEN 'sku' THEN EXISTS (
        SELECT FROM product WHERE sku = substr(fact, 5)
          AND merchant IN (product.merchant_id, :operator))
      WHEN 'ref' THEN EXISTS (
        SELECT FROM sku_reference WHERE connection = split_part(fact, ':', 2)
          AND code = substr(fact, length(split_part(fact, ':', 2)) + 6))
      WHEN 'stock' THEN EXISTS (
        SELECT FROM stock_level WHERE merchant_id = split_part(fact, ':', 2)
          AND sku = substr(fact, length(split_part(fact, ':', 2)) + 8)
          AND quality = 'good' AND on_hand - reserved - safety > 0)
      ELSE true END"""
)
