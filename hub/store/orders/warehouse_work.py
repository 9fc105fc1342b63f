"""What warehouses have in hand: how much stands in which state, and since when."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.states.fulfilment_order import FULFILMENT_ORDER, State

UNDER_WAY = tuple(str(state) for state in State if state not in FULFILMENT_ORDER.final)
"""States of goods that have not left, in the order of their way."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What stands in one state at one warehouse. `oldest`: since when the first of it does."""

    warehouse: str
    status: str
    count: int
    oldest: datetime


def going_out(db: Connection, warehouse: str | None = None) -> list[Queue]:
    """Fulfilment orders that have not left yet, by warehouse and state, first states first."""
    rows = db.execute(_GOING_OUT, {"warehouse": warehouse, "states": list(UNDER_WAY)})
    return [Queue(row.warehouse, row.status, row.total, row.oldest) for row in rows]


_GOING_OUT = sa.text(
    """WITH held AS (
      SELECT DISTINCT fulfilment_order_id AS id, merchant_id FROM reservation
      WHERE open > 0 AND (CAST(:warehouse AS text) IS NULL OR warehouse = :warehouse)
    )
    SELECT f.warehouse, f.status, count(*) AS total, min(f.updated_at) AS oldest
    FROM held JOIN fulfilment_order AS f USING (id, merchant_id)
    WHERE f.status = ANY (:states)
    GROUP BY f.warehouse, f.status
    ORDER BY f.warehouse, array_position(CAST(:states AS text[]), f.status)"""
)
"""What has not left holds stock; so history is never looked at."""
