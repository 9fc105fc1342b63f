"""How it flows: messages that came and went, how they ended, where they stand and why, whom
orders wait for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import floor_id
from hub.store.tables import work

SLOTS, SLOT = 24, timedelta(minutes=5)
"""The last two hours by five minutes."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Messages received and told of one stretch of time."""

    begins: datetime
    received: int
    told: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Why messages stand still, counted. `code`: what is wrong, or the fact they wait for."""

    connection: str
    direction: str
    topic: str
    status: str
    code: str
    count: int
    oldest: datetime


def flows(db: Connection, at: datetime) -> list[Flow]:
    """How many messages came and went, oldest first; each is counted when it was made."""
    step = int(SLOT.total_seconds())
    end = datetime.fromtimestamp((int(at.timestamp()) // step + 1) * step, at.tzinfo)
    begin = end - SLOT * SLOTS
    rows = db.execute(_FLOWS, {"since": floor_id(begin), "begin": begin, "step": step})
    counts = {(row.slot, row.direction): row.total for row in rows}
    return [
        Flow(begin + SLOT * n, counts.get((n, "in"), 0), counts.get((n, "out"), 0))
        for n in range(SLOTS)
    ]


def finished(db: Connection, at: datetime) -> dict[str, int]:
    """How the messages of the last 24 hours ended."""
    since = floor_id(at - timedelta(hours=24))
    return {row.status: row.total for row in db.execute(_FINISHED, {"since": since})}


def standing(db: Connection) -> dict[str, int]:
    """How many unfinished messages stand where."""
    query = sa.select(work.c.status, sa.func.count()).group_by(work.c.status)
    return {row[0]: row[1] for row in db.execute(query)}


def orders_behind(db: Connection) -> dict[str, int]:
    """Connection -> how many orders wait until it is told or heard."""
    return {row.connection: row.orders for row in db.execute(_BEHIND)}


def causes(db: Connection, statuses: Sequence[str] = ("parked", "waiting")) -> list[Cause]:
    """What stands still, grouped by its cause, most first."""
    return [Cause(*row) for row in db.execute(_CAUSES, {"statuses": list(statuses)})]


_FLOWS = sa.text(
    """SELECT CAST(floor(extract(epoch FROM received_at - :begin) / :step) AS int) AS slot,
      direction, count(*) AS total
    FROM message WHERE id >= :since GROUP BY 1, 2"""
)
_FINISHED = sa.text(
    """SELECT status, count(*) AS total FROM message
    WHERE id >= :since AND status IS NOT NULL GROUP BY 1"""
)
_BEHIND = sa.text(
    """SELECT work.connection, count(DISTINCT message.order_id) AS orders
    FROM work JOIN message ON message.id = work.id AND message.merchant_id = work.merchant_id
    WHERE work.status <> 'parked' AND message.order_id IS NOT NULL
      AND work.connection IN (SELECT code FROM connection AS c
        LEFT JOIN partner_state AS p ON p.connection = c.code
        WHERE c.status = 'paused' OR p.breaker ->> 'mode' IN ('open', 'half_open')
          OR EXISTS (SELECT FROM hindrance AS h WHERE h.connection = c.code))
    GROUP BY 1"""
)
_CAUSES = sa.text(
    """SELECT work.connection, work.direction, work.topic, work.status,
      coalesce(CASE work.status WHEN 'waiting' THEN work.waits_for END, message.error ->> 'code',
        '') AS code, count(*),
      min(message.received_at)
    FROM work JOIN message ON message.id = work.id AND message.merchant_id = work.merchant_id
    WHERE work.status = ANY (:statuses)
    GROUP BY 1, 2, 3, 4, 5 ORDER BY count(*) DESC, 1, 2, 3, 4, 5 LIMIT 200"""
)
