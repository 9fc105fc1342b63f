"""Connections with their health, and how much work stands in which lane."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.statuses import CLAIMABLE
from hub.store.views import connection_health
from hub.store.views.connection_health import Deliveries, Hindered, Polled


@dataclass(frozen=True, slots=True)
class ConnectionItem:
    """A connection without its secrets. `oldest_due_at`: since when something due is not worked."""

    code: str
    merchant: str
    kind: str
    adapter: str
    status: str
    paused_because: str | None
    gives: list[str]
    takes: list[str]
    limits: Mapping[str, Any]
    options: Mapping[str, Any]
    breaker: Mapping[str, Any]
    waiting_in: int
    waiting_out: int
    parked: int
    oldest_due_at: datetime | None
    updated_at: datetime
    secrets: Mapping[str, str]
    """Where each is kept; of a sealed one only that."""
    hindered: Sequence[Hindered]
    deliveries: Deliveries
    polls: Sequence[Polled]


@dataclass(frozen=True, slots=True)
class Backlog:
    """Unfinished messages of one lane in one status."""

    direction: str
    connection: str
    shard: int
    status: str
    count: int
    oldest_s: float


def connections(db: Connection, code: str | None = None) -> list[ConnectionItem]:
    """All connections in scope by code, or the one asked for."""
    hindered = connection_health.hindered(db, code)
    arriving = connection_health.deliveries(db, code)
    polled = connection_health.polls(db, code)
    return [
        _item(
            row,
            hindered.get(row.code, ()),
            arriving.get(row.code, _NOTHING),
            polled.get(row.code, ()),
        )
        for row in db.execute(_CONNECTIONS, {"code": code})
    ]


def paused(db: Connection, messages: Sequence[UUID]) -> list[str]:
    """The paused connections that these messages are of."""
    return list(db.scalars(_PAUSED, {"ids": list(messages)}))


def backlog(db: Connection) -> list[Backlog]:
    """Unfinished messages by lane and status. `oldest_s`: for how long the oldest is overdue."""
    return [
        Backlog(
            row.direction, row.connection, row.shard, row.status, row.total, float(row.oldest_s)
        )
        for row in db.execute(_BACKLOG)
    ]


def _item(
    row: Any, hindered: Sequence[Hindered], arriving: Deliveries, polled: Sequence[Polled]
) -> ConnectionItem:
    return ConnectionItem(
        code=row.code,
        merchant=row.merchant_id,
        kind=row.kind,
        adapter=row.adapter,
        status=row.status,
        paused_because=row.paused_because,
        gives=list(row.gives),
        takes=list(row.takes),
        limits=row.limits,
        options=row.options,
        breaker=row.breaker or {},
        waiting_in=row.waiting_in,
        waiting_out=row.waiting_out,
        parked=row.parked,
        oldest_due_at=row.oldest_due_at,
        updated_at=row.updated_at,
        secrets={name: _place(str(kept)) for name, kept in row.secrets.items()},
        hindered=hindered,
        deliveries=arriving,
        polls=polled,
    )


def _place(reference: str) -> str:
    return "enc:" if reference.startswith("enc:") else reference


_NOTHING = Deliveries()
_CONNECTIONS = sa.text(
    f"""WITH w AS (
      SELECT connection,
        count(*) FILTER (WHERE direction = 'in' AND status <> 'parked') AS waiting_in,
        count(*) FILTER (WHERE direction = 'out' AND status <> 'parked') AS waiting_out,
        count(*) FILTER (WHERE status = 'parked') AS parked,
        min(due) FILTER (WHERE due <= now()
          AND status IN {CLAIMABLE}) AS oldest_due_at
      FROM work GROUP BY connection
    )
    SELECT c.code, c.merchant_id, c.kind, c.adapter, c.status, c.paused_because,
      c.gives, c.takes, c.limits, c.options, c.secrets, c.updated_at,
      partner_state.breaker, w.oldest_due_at,
      coalesce(w.waiting_in, 0) AS waiting_in, coalesce(w.waiting_out, 0) AS waiting_out,
      coalesce(w.parked, 0) AS parked
    FROM connection AS c
    LEFT JOIN w ON w.connection = c.code
    LEFT JOIN partner_state ON partner_state.connection = c.code
    WHERE c.code = CAST(:code AS text) OR CAST(:code AS text) IS NULL ORDER BY c.code"""  # noqa: S608  # ours
)
_PAUSED = sa.text(
    """SELECT code FROM connection WHERE status = 'paused' AND code IN (
      SELECT connection FROM message WHERE id = ANY (:ids)) ORDER BY code"""
)
_BACKLOG = sa.text(
    """SELECT direction, connection, shard, status, count(*) AS total,
      greatest(0, extract(epoch FROM now() - min(due))) AS oldest_s
    FROM work GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"""
)
