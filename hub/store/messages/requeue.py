"""Messages in the hands of people: found with where they stand, queued again, given another
version, ended.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.sealing import Vault
from hub.store.base.statuses import HEAD
from hub.store.messages import counters


def find(db: Connection, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Lock messages and read where they stand: `status`, `unfinished` (it is in a queue), `shard`.

    Locked first, read afterwards: whoever waited for another person or a worker sees what came of
    it. The counters come first, as they do for workers.
    """
    for lock in _LOCKS:
        db.execute(lock, {"ids": list(ids)})
    return look(db, ids)


def look(db: Connection, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Read where messages stand, and lock nothing: to say what would become of them."""
    return {row.id: row for row in db.execute(_FIND, {"ids": list(ids)})}


def add_version(
    db: Connection, vault: Vault, message: Any, payload: bytes, author: str, reason: str
) -> int:
    """Keep a new version of a message beside the ones before it. Returns its number."""
    version = int(message.version) + 1
    sealed = vault.seal(payload, "message.payload", message.merchant_id, message.id)
    db.execute(
        _NEW_VERSION,
        {
            "id": message.id,
            "merchant": message.merchant_id,
            "version": version,
            "payload": sealed,
            "author": author,
            "reason": reason,
        },
    )
    db.execute(_USE_VERSION, {"id": message.id, "version": version})
    return version


def requeue(db: Connection, message: Any, status: str) -> None:
    """An unfinished message stands in its queue: it may be claimed at once, counted anew."""
    db.execute(_REQUEUE, {"id": message.id, "status": status})
    db.execute(_FORGET_WARNINGS, {"id": message.id})


def enqueue(db: Connection, message: Any, shard: int) -> None:
    """A finished message goes behind what is unfinished of its key."""
    at = {
        "merchant": message.merchant_id,
        "connection": message.connection,
        "direction": message.direction,
        "key": message.key,
    }
    first = db.scalar(_RAISE, at) == 1
    status = HEAD[message.direction] if first else "behind"
    row = {**at, "id": message.id, "shard": shard, "topic": message.topic, "status": status}
    db.execute(_ENQUEUE, row)
    db.execute(_REOPEN, {"id": message.id})


def end(db: Connection, message: Any, status: str) -> None:
    """Write a final status; the queue is the caller's to shorten."""
    db.execute(_END, {"id": message.id, "status": status})


_LOCKS = (
    sa.text(
        """SELECT 1 FROM message_key WHERE (connection, direction, key) IN (
          SELECT connection, direction, key FROM message WHERE id = ANY (:ids)
        ) ORDER BY connection, direction, key FOR UPDATE"""
    ),
    sa.text("SELECT 1 FROM message WHERE id = ANY (:ids) ORDER BY id FOR UPDATE"),
    sa.text("SELECT 1 FROM work WHERE id = ANY (:ids) ORDER BY id FOR UPDATE"),
)
_FIND = sa.text(
    """SELECT message.id, message.merchant_id, message.connection, message.direction, message.topic,
      message.key, message.version, coalesce(work.status, message.status) AS status,
      work.id IS NOT NULL AS unfinished, work.shard, message.error ->> 'code' AS reason,
      message.error ->> 'message' AS said, message.successor,
      message.archive_id, message.archive_offset, message.archive_length FROM message
    LEFT JOIN work ON work.id = message.id AND work.merchant_id = message.merchant_id
    WHERE message.id = ANY (:ids)"""
)
_NEW_VERSION = sa.text(
    """INSERT INTO message_version (message_id, merchant_id, version, payload, author, reason)
    VALUES (:id, :merchant, :version, :payload, :author, :reason)"""
)
_USE_VERSION = sa.text("UPDATE message SET version = :version WHERE id = :id")
_REQUEUE = sa.text(
    """UPDATE work SET status = :status, due = now(), attempts = 0, asked = 0, crashes = 0,
      crashed_alone = 0,
      denied_at = NULL, waits_for = NULL WHERE id = :id"""
)
_RAISE = sa.text(
    f"{counters.raised('VALUES (:merchant, :connection, :direction, :key, 1)')} RETURNING open"
)
_ENQUEUE = sa.text(
    """INSERT INTO work (id, merchant_id, connection, direction, shard, key, topic, seq, status)
    VALUES (:id, :merchant, :connection, :direction, :shard, :key, :topic, nextval('work_seq'),
      :status)"""
)
_REOPEN = sa.text(
    """UPDATE message SET status = NULL, error = NULL, warnings = NULL, finished_at = NULL
    WHERE id = :id"""
)
_FORGET_WARNINGS = sa.text(
    "UPDATE message SET warnings = NULL WHERE id = :id AND warnings IS NOT NULL"
)
_END = sa.text("UPDATE message SET status = :status, finished_at = now() WHERE id = :id")
