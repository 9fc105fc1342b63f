"""One message with what hangs on it: its payload in each version, its attempts, those behind it in
its key, and those told because of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base import sealed_words
from hub.store.base.archive_files import fetch
from hub.store.base.ids import floor_id, moment_of
from hub.store.base.sealing import Vault, VaultError
from hub.store.tables import attempt, message, message_version, work
from hub.store.views.messages import MessageRow

_CLOCKS_DIFFER = timedelta(days=2)
"""An attempt may look older than its message, where two machines' clocks disagree."""


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
class Behind:
    """A message that waits for the one before it of the same key."""

    id: UUID
    topic: str


def payload(db: Connection, vault: Vault, row: MessageRow, version: int | None = None) -> bytes:
    """The bytes of a message: the newest version, or the one asked for (1 is the original)."""
    wanted = version or row.version
    sealed = db.scalar(_VERSION_PAYLOAD, {"id": row.id, "version": wanted}) if wanted > 1 else None
    if sealed is None:
        kept = db.execute(_PAYLOAD, {"id": row.id}).one()
        sealed = kept.payload if kept.archive_id is None else fetch(db, vault.shelf, kept)
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


def behind(db: Connection, row: MessageRow, limit: int = 20) -> list[Behind]:
    """What stands behind a message in its key, in its order."""
    query = sa.select(work.c.id, work.c.topic).where(*_behind(row))
    rows = db.execute(query.order_by(work.c.seq).limit(limit))
    return [Behind(later.id, later.topic) for later in rows]


def count_behind(db: Connection, row: MessageRow) -> int:
    """How many messages of the same key stand behind this one."""
    return db.execute(
        sa.select(sa.func.count()).select_from(work).where(*_behind(row))
    ).scalar_one()


def children(db: Connection, message_id: UUID, limit: int = 50) -> list[Any]:
    """What was told because of a message."""
    columns = (message.c.id, message.c.connection, message.c.topic)
    query = sa.select(*columns, sa.func.coalesce(work.c.status, message.c.status).label("status"))
    same = sa.and_(work.c.id == message.c.id, work.c.merchant_id == message.c.merchant_id)
    caused = query.select_from(message.outerjoin(work, same)).where(
        message.c.cause_id == message_id, message.c.id > message_id
    )
    return list(db.execute(caused.order_by(message.c.id).limit(limit)))


def _behind(row: MessageRow) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        work.c.connection == row.connection,
        work.c.direction == row.direction,
        work.c.key == row.key,
        work.c.merchant_id == row.merchant,
        work.c.status == "behind",
    )


def _attempt(db: Connection, vault: Vault, row: Any) -> AttemptRow:
    exchange, detail = None, row.detail
    try:
        exchange = _exchange(db, vault, row)
    except VaultError:
        detail = detail or "its exchange does not open"
    return AttemptRow(
        id=row.id,
        number=row.number,
        worker=row.worker,
        started_at=row.started_at,
        finished_at=row.finished_at,
        deadline=row.deadline,
        fate=row.fate,
        detail=sealed_words.shown(vault, detail, "attempt.detail", row.merchant_id, row.id),
        exchange=exchange,
    )


def _exchange(db: Connection, vault: Vault, row: Any) -> bytes | None:
    sealed = row.exchange
    if row.archive_id is not None:
        sealed = fetch(db, vault.shelf, row)
    return sealed and vault.open(sealed, "attempt.exchange", row.merchant_id, row.id)


_PAYLOAD = sa.text(
    "SELECT id, payload, archive_id, archive_offset, archive_length FROM message WHERE id = :id"
)
_VERSION_PAYLOAD = sa.text(
    "SELECT payload FROM message_version WHERE message_id = :id AND version = :version"
)
