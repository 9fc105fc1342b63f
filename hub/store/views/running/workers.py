"""Processes that work (worker, scheduler, `up`): by name with what each has in hand, and how long
ago their hearts were heard.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.statuses import IN_HAND


@dataclass(frozen=True, slots=True)
class WorkerItem:
    """One that was not ended. `lanes`: what it holds; `in_hand`: id, connection, topic and key of
    each message that it works on now.
    """

    name: str
    kind: str
    started_at: datetime
    beat_s: float
    progress_s: float
    lanes: Sequence[str]
    in_hand: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Heard:
    """A process that drains lanes. `silent_s`: since when its heart was not heard."""

    number: int
    kind: str
    host: str
    pid: int
    started_at: datetime
    silent_s: float
    idle_s: float


def workers(db: Connection) -> list[WorkerItem]:
    """All of them, the oldest first."""
    return [WorkerItem(*row) for row in db.execute(_WORKERS)]


def heard(db: Connection) -> list[Heard]:
    """The processes that work, or were heard of a moment ago."""
    return [
        Heard(
            row.number,
            row.kind,
            row.host,
            row.pid,
            row.started_at,
            float(row.silent_s),
            float(row.idle_s),
        )
        for row in db.execute(_HEARD)
    ]


_WORKERS = sa.text(
    f"""SELECT worker.host || ':' || worker.pid AS name, worker.kind, worker.started_at,
      CAST(greatest(extract(epoch FROM now() - worker.beat_at), 0) AS float) AS beat_s,
      CAST(greatest(extract(epoch FROM now() - worker.progress_at), 0) AS float) AS progress_s,
      coalesce(array_agg(DISTINCT lane.connection || ' ' || lane.direction || ' ' || lane.shard)
        FILTER (WHERE lane.id IS NOT NULL), '{{}}') AS lanes,
      coalesce(jsonb_agg(jsonb_build_object('id', work.id, 'connection', work.connection,
          'topic', work.topic, 'key', work.key) ORDER BY work.id)
        FILTER (WHERE work.id IS NOT NULL), '[]') AS in_hand
    FROM worker
    LEFT JOIN lane ON lane.holder = worker.number AND lane.leased_until > now()
    LEFT JOIN work ON work.lane_id = lane.id AND work.status IN {IN_HAND}
    WHERE worker.ended_at IS NULL
    GROUP BY worker.number ORDER BY worker.number"""  # noqa: S608  # ours
)
_HEARD = sa.text(
    """SELECT number, kind, host, pid, started_at,
      greatest(0, extract(epoch FROM now() - beat_at)) AS silent_s,
      greatest(0, extract(epoch FROM beat_at - progress_at)) AS idle_s
    FROM worker WHERE ended_at IS NULL AND beat_at > now() - interval '10 minutes'
    ORDER BY number LIMIT 100"""
)
