"""Messages as people look at them: lists, one with its attempts, what is parked and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.states.message import UNFINISHED
from hub.store import archiving
from hub.store.ids import floor_id, moment_of
from hub.store.tables import attempt, message, message_version, sales_order, work
from hub.store.vault import Vault
from hub.store.views.page import Page, Position, by_id, id_of, page

_CLOCKS_DIFFER = timedelta(days=2)
"""An attempt may look older than its message, where two machines' clocks disagree."""
STANDING = frozenset({*UNFINISHED, "parked"})
"""Statuses of messages that have a row of work."""


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message without its payload. `error` is {code, message, path} or None."""

    id: UUID
    merchant: str
    direction: str
    connection: str
    topic: str
    key: str
    status: str
    attempts: int
    next_attempt_at: datetime | None
    waits_for: str | None
    error: dict[str, str] | None
    received_at: datetime
    finished_at: datetime | None
    correlation_id: UUID
    cause_id: UUID | None
    order_id: UUID | None
    outward_key: str | None
    reference: str | None
    size: int
    version: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages. `q`: an id, correlation id, key, reference or order number."""

    direction: str | None = None
    connection: str | None = None
    status: str | None = None
    topic: str | None = None
    code: str | None = None
    correlation_id: UUID | None = None
    order_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One attempt. `exchange` is the masked request and response, where one was made."""

    id: UUID
    number: int
    worker: str
    started_at: datetime
    finished_at: datetime | None
    deadline: datetime | None
    fate: str | None
    detail: str | None
    exchange: bytes | None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a payload: 1 is as received, later ones are people's edits."""

    version: int
    author: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """Why messages stand still, counted."""

    connection: str
    direction: str
    topic: str
    status: str
    code: str
    count: int
    oldest: datetime


def messages(
    db: Connection, wanted: Wanted, *, after: Position | None = None, limit: int = 50
) -> Page[MessageRow]:
    """Messages, newest first."""
    query = _select(standing=wanted.status in STANDING).where(*_conditions(db, wanted))
    if after is not None:
        query = query.where(message.c.id < id_of(after))
    rows = db.execute(query.order_by(message.c.id.desc()).limit(limit + 1)).all()
    return page(rows, limit, _row, by_id)


def selected(db: Connection, wanted: Wanted, limit: int) -> list[UUID]:
    """The ids of the messages wanted, oldest first: the order in which they are worked again."""
    query = _from(sa.select(message.c.id), standing=wanted.status in STANDING)
    query = query.where(*_conditions(db, wanted)).order_by(message.c.id).limit(limit)
    return list(db.scalars(query))


def one(db: Connection, message_id: UUID) -> MessageRow | None:
    """One message."""
    row = db.execute(_select(standing=False).where(message.c.id == message_id)).one_or_none()
    return None if row is None else _row(row)


def of_order(
    db: Connection, order_id: UUID, correlation_ids: Sequence[UUID] = ()
) -> list[MessageRow]:
    """All messages about an order, oldest first: what came in and what was told."""
    about = sa.or_(
        message.c.order_id == order_id, message.c.correlation_id.in_(list(correlation_ids))
    )
    rows = db.execute(_select(standing=False).where(about).order_by(message.c.id).limit(1000))
    return [_row(row) for row in rows]


def payload(db: Connection, vault: Vault, row: MessageRow, version: int | None = None) -> bytes:
    """The bytes of a message: the newest version, or the one asked for (1 is the original)."""
    wanted = version or row.version
    sealed = db.scalar(_VERSION_PAYLOAD, {"id": row.id, "version": wanted}) if wanted > 1 else None
    if sealed is None:
        kept = db.execute(_PAYLOAD, {"id": row.id}).one()
        sealed = kept.payload if kept.archive_id is None else archiving.fetch(db, vault.shelf, kept)
    return vault.open(sealed or b"", "message.payload", row.merchant, row.id)


def versions(db: Connection, message_id: UUID) -> list[Version]:
    """The edits of a message, oldest first."""
    table = message_version.c
    query = sa.select(table.version, table.author, table.reason, table.at)
    rows = db.execute(query.where(table.message_id == message_id).order_by(table.version))
    return [Version(row.version, row.author, row.reason, row.at) for row in rows]


def attempts(db: Connection, vault: Vault, message_id: UUID) -> list[AttemptRow]:
    """The attempts of a message, oldest first."""
    since = floor_id(moment_of(message_id) - _CLOCKS_DIFFER)
    query = sa.select(attempt).where(attempt.c.message_id == message_id, attempt.c.id >= since)
    rows = db.execute(query.order_by(attempt.c.id).limit(500)).all()
    return [_attempt(db, vault, row) for row in rows]


def behind(db: Connection, row: MessageRow) -> int:
    """How many messages of the same key stand behind this one."""
    return int(
        db.scalar(
            sa.select(sa.func.count())
            .select_from(work)
            .where(
                work.c.connection == row.connection,
                work.c.direction == row.direction,
                work.c.key == row.key,
                work.c.merchant_id == row.merchant,
                work.c.status == "behind",
            )
        )
        or 0
    )


def causes(db: Connection, statuses: Sequence[str] = ("parked", "waiting")) -> list[Cause]:
    """What stands still, grouped by its cause, most first."""
    return [Cause(*row) for row in db.execute(_CAUSES, {"statuses": list(statuses)})]


def _select(*, standing: bool) -> sa.Select[Any]:
    columns = sa.select(
        message.c.id,
        message.c.merchant_id,
        message.c.direction,
        message.c.connection,
        message.c.topic,
        message.c.key,
        sa.func.coalesce(work.c.status, message.c.status).label("status"),
        sa.func.coalesce(work.c.attempts, message.c.attempts).label("attempts"),
        work.c.due,
        work.c.waits_for,
        message.c.error,
        message.c.received_at,
        message.c.finished_at,
        message.c.correlation_id,
        message.c.cause_id,
        message.c.order_id,
        message.c.outward_key,
        message.c.reference,
        message.c.size,
        message.c.version,
    )
    return _from(columns, standing=standing)


def _from(columns: sa.Select[Any], *, standing: bool) -> sa.Select[Any]:
    """From the small table of what is unfinished where only that is asked for."""
    same = sa.and_(work.c.id == message.c.id, work.c.merchant_id == message.c.merchant_id)
    return columns.select_from(message.join(work, same, isouter=not standing))


def _conditions(db: Connection, wanted: Wanted) -> list[Any]:
    status = work.c.status if wanted.status in STANDING else message.c.status
    pairs = (
        (message.c.direction, wanted.direction),
        (message.c.connection, wanted.connection),
        (message.c.topic, wanted.topic),
        (message.c.correlation_id, wanted.correlation_id),
        (message.c.order_id, wanted.order_id),
        (message.c.error["code"].astext, wanted.code),
        (status, wanted.status),
    )
    found: list[Any] = [column == value for column, value in pairs if value is not None]
    if wanted.since:
        found.append(message.c.received_at >= wanted.since)
    if wanted.until:
        found.append(message.c.received_at < wanted.until)
    if wanted.q:
        found.append(_search(db, wanted.q.strip()))
    return found


def _search(db: Connection, text: str) -> Any:
    try:
        found = UUID(text)
    except ValueError:
        orders = sa.select(sales_order.c.id).where(
            sa.or_(sales_order.c.order_number == text, sales_order.c.channel_order_id == text)
        )
        ids = list(db.scalars(orders.limit(100)))
        return sa.or_(
            message.c.key == text, message.c.reference == text, message.c.order_id.in_(ids)
        )
    columns = (message.c.id, message.c.correlation_id, message.c.order_id)
    return sa.or_(*(column == found for column in columns))


def _row(row: Any) -> MessageRow:
    due = row.due if row.status in ("retry", "unknown", "received", "pending") else None
    return MessageRow(
        id=row.id,
        merchant=row.merchant_id,
        direction=row.direction,
        connection=row.connection,
        topic=row.topic,
        key=row.key,
        status=row.status or "received",
        attempts=row.attempts,
        next_attempt_at=due,
        waits_for=row.waits_for,
        error=row.error,
        received_at=row.received_at,
        finished_at=row.finished_at,
        correlation_id=row.correlation_id,
        cause_id=row.cause_id,
        order_id=row.order_id,
        outward_key=row.outward_key,
        reference=row.reference,
        size=row.size,
        version=row.version,
    )


def _attempt(db: Connection, vault: Vault, row: Any) -> AttemptRow:
    sealed = row.exchange
    if row.archive_id is not None:
        sealed = archiving.fetch(db, vault.shelf, row)
    return AttemptRow(
        id=row.id,
        number=row.number,
        worker=row.worker,
        started_at=row.started_at,
        finished_at=row.finished_at,
        deadline=row.deadline,
        fate=row.fate,
        detail=row.detail,
        exchange=sealed and vault.open(sealed, "attempt.exchange", row.merchant_id, row.id),
    )


_PAYLOAD = sa.text(
    "SELECT id, payload, archive_id, archive_offset, archive_length FROM message WHERE id = :id"
)
_VERSION_PAYLOAD = sa.text(
    "SELECT payload FROM message_version WHERE message_id = :id AND version = :version"
)
_CAUSES = sa.text(
    """SELECT work.connection, work.direction, work.topic, work.status,
      coalesce(message.error ->> 'code', work.waits_for, '') AS code, count(*),
      min(message.received_at)
    FROM work JOIN message ON message.id = work.id AND message.merchant_id = work.merchant_id
    WHERE work.status = ANY (:statuses)
    GROUP BY 1, 2, 3, 4, 5 ORDER BY count(*) DESC, 1, 2, 3, 4, 5 LIMIT 200"""
)
