"""What only the console asks: how it flows, who works, what stands behind, accounts, the audit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.ids import floor_id
from hub.store.tables import audit, message, work
from hub.store.views.messages import MessageRow
from hub.store.views.page import Page, Position, page

SLOTS, SLOT = 24, timedelta(minutes=5)
"""The chart of the overview: the last two hours by five minutes."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Messages received and told of one stretch of time."""

    begins: datetime
    received: int
    told: int


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that drains lanes. `silent_s`: since when its heart was not heard."""

    number: int
    kind: str
    host: str
    pid: int
    started_at: datetime
    silent_s: float
    idle_s: float


@dataclass(frozen=True, slots=True)
class Behind:
    """A message that waits for the one before it of the same key."""

    id: UUID
    topic: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the audit."""

    chain: str
    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


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


def workers(db: Connection) -> list[Worker]:
    """The processes that work, or were heard of a moment ago."""
    return [
        Worker(
            row.number,
            row.kind,
            row.host,
            row.pid,
            row.started_at,
            float(row.silent_s),
            float(row.idle_s),
        )
        for row in db.execute(_WORKERS)
    ]


def behind(db: Connection, row: MessageRow, limit: int = 20) -> list[Behind]:
    """What stands behind a message in its key, in its order."""
    query = sa.select(work.c.id, work.c.topic).where(
        work.c.connection == row.connection,
        work.c.direction == row.direction,
        work.c.key == row.key,
        work.c.merchant_id == row.merchant,
        work.c.status == "behind",
    )
    return [
        Behind(one.id, one.topic) for one in db.execute(query.order_by(work.c.seq).limit(limit))
    ]


def children(db: Connection, message_id: UUID, limit: int = 50) -> list[Any]:
    """What was told because of a message."""
    columns = (message.c.id, message.c.connection, message.c.topic)
    query = sa.select(*columns, sa.func.coalesce(work.c.status, message.c.status).label("status"))
    same = sa.and_(work.c.id == message.c.id, work.c.merchant_id == message.c.merchant_id)
    found = query.select_from(message.outerjoin(work, same)).where(
        message.c.cause_id == message_id, message.c.id > message_id
    )
    return list(db.execute(found.order_by(message.c.id).limit(limit)))


def sure(db: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Those of which nobody wonders whether they arrived, in the order given."""
    code = message.c.error["code"].astext
    found = sa.select(message.c.id).where(message.c.id.in_(ids), code == "unknown_outcome")
    unsure = set(db.scalars(found)) if ids else set()
    return [one for one in ids if one not in unsure]


def close_incident(db: Connection, incident_id: UUID, at: datetime) -> Any:
    """Close an open incident. None where there is none such in reach."""
    return db.execute(_CLOSE, {"id": incident_id, "at": at}).one_or_none()


def set_account_status(db: Connection, account_id: UUID, status: str) -> str | None:
    """Disable or enable an account. Its login; None where nothing changed."""
    found: str | None = db.scalar(_STATUS, {"id": account_id, "status": status})
    return found


def merchants(db: Connection) -> list[str]:
    """The codes of all merchants."""
    return list(db.scalars(sa.text("SELECT code FROM merchant ORDER BY code")))


def entries(
    db: Connection, chain: str, *, after: Position | None = None, limit: int = 50
) -> Page[Entry]:
    """A chain of the audit, newest first."""
    table = audit.c
    query = sa.select(audit).where(table.chain == chain)
    if after is not None:
        query = query.where(table.number < int(after[0]))
    rows: Sequence[Any] = db.execute(query.order_by(table.number.desc()).limit(limit + 1)).all()
    return page(rows, limit, _entry, lambda row: (str(row.number),))


def _entry(row: Any) -> Entry:
    return Entry(row.chain, row.number, row.at, row.actor, row.action, row.subject, row.detail)


_FLOWS = sa.text(
    """SELECT CAST(floor(extract(epoch FROM received_at - :begin) / :step) AS int) AS slot,
      direction, count(*) AS total
    FROM message WHERE id >= :since GROUP BY 1, 2"""
)
_FINISHED = sa.text(
    """SELECT status, count(*) AS total FROM message
    WHERE id >= :since AND status IS NOT NULL GROUP BY 1"""
)
_WORKERS = sa.text(
    """SELECT number, kind, host, pid, started_at,
      greatest(0, extract(epoch FROM now() - beat_at)) AS silent_s,
      greatest(0, extract(epoch FROM beat_at - progress_at)) AS idle_s
    FROM worker WHERE ended_at IS NULL AND beat_at > now() - interval '10 minutes'
    ORDER BY number LIMIT 100"""
)
_CLOSE = sa.text(
    """UPDATE incident SET status = 'closed', closed_at = :at
    WHERE id = :id AND status = 'open' RETURNING merchant_id, kind, subject"""
)
_STATUS = sa.text(
    """UPDATE account SET status = :status WHERE id = :id AND status <> :status
    RETURNING login"""
)
