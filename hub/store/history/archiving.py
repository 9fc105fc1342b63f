"""Move the payloads and exchanges of finished messages into archive files, and find them there.

A file is on the disk before one transaction lets the rows point into it: whoever dies in between
leaves a file that nobody points to, and no row without its bytes.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.archive_files import Record, Shelf, ShelfError, Written, fetch, stem
from hub.store.base.database import Database
from hub.store.base.ids import floor_id, moment_of, new_id, span
from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault

ROWS, BYTES = 5_000, 32 * 1024 * 1024
"""One file takes as many messages at most, and about as many bytes of payloads."""
PAYLOAD, EXCHANGE = "message.payload", "attempt.exchange"
_ORPHAN_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Archived:
    """One file: how many messages and exchanges now lie in it."""

    name: str
    messages: int
    exchanges: int
    size: int


def archive(database: Database, shelf: Shelf, before: datetime) -> Iterator[Archived]:
    """Archive what finished before a moment, a file at a time, until nothing is left.

    Payloads never change, so nothing is locked while a file is written; a message that a person
    queued again meanwhile keeps its bytes where they are.
    """
    after = UUID(int=0)
    while True:
        with database.begin() as db:
            messages = _finished(db, before, after)
            exchanges = _exchanges(db, messages)
        if not messages:
            return
        after = messages[-1].id
        written = _write(shelf, messages, exchanges)

        def point(
            db: Connection,
            written: Written = written,
            messages: Sequence[Any] = messages,
            exchanges: Sequence[Any] = exchanges,
        ) -> int:
            return _point(db, written, messages, exchanges)

        moved = database.unit(point)
        yield Archived(written.name, moved, len(exchanges), written.size)


def bring_back(db: Connection, vault: Vault, message_id: UUID) -> None:
    """Put an archived payload back into its row: it is to be worked again. Its edits are rows."""
    row = db.execute(_ARCHIVED, {"id": message_id}).one_or_none()
    if row is not None:
        at = {"id": row.id, "merchant": row.merchant_id}
        db.execute(_BRING_BACK, {**at, "payload": fetch(db, vault.shelf, row)})


def is_held(db: Connection, shelf: Shelf | None, row: Any) -> bool:
    """Whether the payload of a message can be had: it is a row, or whole in its archive file."""
    if row.archive_id is None or row.version > 1:
        return True
    try:
        return bool(fetch(db, shelf, row))
    except ShelfError:
        return False


def forget_month(db: Connection, month: str) -> list[str]:
    """Forget a month's files. Returns their names: they may be removed after the commit."""
    return list(db.scalars(_FORGET, {"month": month}))


def tidy(database: Database, shelf: Shelf) -> list[str]:
    """Remove files that no row of `archive_file` names: left by a kill, or of a dropped month.
    Young ones stay, since their transaction may not have ended yet; not so one of which a newer
    edition is known: somebody was taken out of it.
    """
    with database.begin() as db:
        known = set(db.scalars(sa.text("SELECT name FROM archive_file")))
    now = time.time()
    gone = [name for name in shelf.names() if name not in known]
    newest = {stem(name): name for name in known}
    gone = [
        name
        for name in gone
        if shelf.age_s(name, now) > _ORPHAN_S or _is_older(name, newest.get(stem(name)))
    ]
    for name in gone:
        shelf.remove(name)
    return gone


def _is_older(name: str, known: str | None) -> bool:
    """Whether an edition comes before the known one; a younger one may be on its way."""
    return known is not None and (len(name), name) < (len(known), known)


def damaged(db: Connection, shelf: Shelf) -> Iterator[tuple[str, bool]]:
    """Every file by name, and whether it is damaged or missing."""
    for row in db.execute(sa.text("SELECT name, digest FROM archive_file ORDER BY id")):
        yield row.name, not shelf.sound(row.name, bytes(row.digest))


def _finished(db: Connection, before: datetime, after: UUID) -> list[Any]:
    """The next messages to archive, oldest first, all of one month."""
    found = db.execute(
        _FINISHED,
        {"after": after, "high": floor_id(before), "before": before, "rows": ROWS, "bytes": BYTES},
    ).all()
    return [row for row in found if _month(row.id) == _month(found[0].id)]


def _exchanges(db: Connection, messages: Sequence[Any]) -> list[Any]:
    if not messages:
        return []
    ids = [row.id for row in messages]
    return list(db.execute(_EXCHANGES, {"ids": ids, "low": min(ids)}))


def _write(shelf: Shelf, messages: Sequence[Any], exchanges: Sequence[Any]) -> Written:
    records = [Record(PAYLOAD, it.merchant_id, it.id, bytes(it.payload)) for it in messages]
    records += [Record(EXCHANGE, it.merchant_id, it.id, bytes(it.exchange)) for it in exchanges]
    return shelf.write(f"{_month(messages[0].id)}/{new_id().hex}.archive", records)


def _point(
    db: Connection, written: Written, messages: Sequence[Any], exchanges: Sequence[Any]
) -> int:
    file = db.scalar(
        _ADD_FILE,
        {
            "name": written.name,
            "month": written.name.partition("/")[0],
            "size": written.size,
            "records": len(written.places),
            "digest": written.digest,
        },
    )
    moved = db.execute(
        _POINT_MESSAGES, _columns(file, messages, written.places[: len(messages)])
    ).rowcount
    if exchanges:
        db.execute(_POINT_ATTEMPTS, _columns(file, exchanges, written.places[len(messages) :]))
    return moved


def _columns(
    file: int | None, rows: Sequence[Any], places: Sequence[tuple[int, int]]
) -> dict[str, Any]:
    kept = _PLACES.of(
        (row.id, row.merchant_id, offset, length)
        for row, (offset, length) in zip(rows, places, strict=True)
    )
    return {"file": file, **kept, **span(kept["id"])}


def _month(id_: UUID) -> str:
    return f"{moment_of(id_):%Y%m}"


_FINISHED = sa.text(
    """SELECT id, merchant_id, payload FROM (
      SELECT id, merchant_id, payload,
        sum(octet_length(payload)) OVER (ORDER BY id) - octet_length(payload) AS before
      FROM (
        SELECT id, merchant_id, payload FROM message
        WHERE archive_id IS NULL AND id > :after AND id < :high
          AND status IS NOT NULL AND finished_at < :before
        ORDER BY id LIMIT :rows
      ) AS first
    ) AS summed WHERE before < :bytes ORDER BY id"""
)
_EXCHANGES = sa.text(
    """SELECT id, merchant_id, exchange FROM attempt
    WHERE message_id = ANY (:ids) AND id >= :low AND exchange IS NOT NULL ORDER BY id"""
)
_ADD_FILE = sa.text(
    """INSERT INTO archive_file (name, month, size, records, digest)
    VALUES (:name, :month, :size, :records, :digest) RETURNING id"""
)
_PLACES = Rows(id="uuid", merchant="text", at="bigint", length="int")
_POINT_MESSAGES = sa.text(
    f"""UPDATE message SET payload = NULL, archive_id = :file, archive_offset = a.at,
      archive_length = a.length
    FROM {_PLACES.named("a")}
    WHERE message.id = a.id AND message.merchant_id = a.merchant
      AND message.id BETWEEN :low AND :high AND archive_id IS NULL
      AND status IS NOT NULL"""  # noqa: S608  # a constant of this module
)
_POINT_ATTEMPTS = sa.text(
    f"""UPDATE attempt SET exchange = NULL, archive_id = :file, archive_offset = a.at,
      archive_length = a.length
    FROM {_PLACES.named("a")}
    WHERE attempt.id = a.id AND attempt.merchant_id = a.merchant
      AND attempt.id BETWEEN :low AND :high"""  # noqa: S608
)
_ARCHIVED = sa.text(
    """SELECT id, merchant_id, archive_id, archive_offset, archive_length FROM message
    WHERE id = :id AND archive_id IS NOT NULL AND version = 1"""
)
_BRING_BACK = sa.text(
    """UPDATE message SET payload = :payload, archive_id = NULL, archive_offset = NULL,
      archive_length = NULL WHERE id = :id AND merchant_id = :merchant"""
)
_FORGET = sa.text("DELETE FROM archive_file WHERE month = :month RETURNING name")
