"""What people ask for on messages: replay, edit and replay, discard,
  or say how an unknown outcome ended.

The original never changes: an edit is a new version of it. A replay runs again however often it
  ran before, and what it
tells partners still carries the first key, so that they recognise it.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hub.flows.unit import Unit
from hub.model.errors import BadData, IllegalTransition, NotFound
from hub.store import audit, work
from hub.store.inbox import shard_of
from hub.store.work import HEAD

_REPLAYABLE = {
    "in": {"parked", "waiting", "done", "ignored"},
    "out": {"parked", "waiting", "delivered"},
}
_DISCARDABLE = {
    "in": {"parked", "waiting", "received", "retry"},
    "out": {"parked", "waiting", "pending", "retry"},
}


def replay(unit: Unit, message_ids: Sequence[UUID], actor: str, reason: str) -> int:
    """Work messages again. NotFound or IllegalTransition names the first that cannot be; then none
    is.
    """
    rows = _load(unit, message_ids)
    for row in rows:
        _replay(unit, row, actor, reason)
    return len(rows)


def edit(unit: Unit, message_id: UUID, payload: bytes, actor: str, reason: str) -> int:
    """Keep a new version of a message and work that. Returns its number."""
    row = _load(unit, [message_id])[0]
    if not payload:
        raise BadData("the new version is empty", path="payload", code="empty_body")
    _allow(row, _REPLAYABLE, "edit")
    version = row.version + 1
    unit.db.execute(
        _NEW_VERSION,
        {
            "id": row.id,
            "merchant": row.merchant_id,
            "version": version,
            "payload": unit.vault.seal(payload, "message.payload", row.merchant_id, row.id),
            "author": actor,
            "reason": reason,
        },
    )
    unit.db.execute(_USE_VERSION, {"id": row.id, "version": version})
    _replay(unit, row, actor, reason, action="message.edit")
    return version


def discard(unit: Unit, message_ids: Sequence[UUID], actor: str, reason: str) -> int:
    """Give messages up, with the reason; what stood behind them goes on."""
    rows = _load(unit, message_ids)
    for row in rows:
        _allow(row, _DISCARDABLE, "discard")
        _finish(unit, row, "discarded")
        _audit(unit, row, actor, "message.discard", reason)
    return len(rows)


def settle_unknown(unit: Unit, message_id: UUID, actor: str, *, arrived: bool) -> str:
    """A person looked: it arrived, so it is delivered; or it did not, so it is sent. Returns the
    new status.
    """
    row = _load(unit, [message_id])[0]
    if row.status not in {"parked", "unknown"} or row.direction != "out":
        raise IllegalTransition("message", row.status, "settle")
    if arrived:
        _finish(unit, row, "delivered")
    else:
        _queue(unit, row)
    _audit(unit, row, actor, "message.settle", "it arrived" if arrived else "it did not arrive")
    return "delivered" if arrived else "pending"


def _replay(unit: Unit, row: Any, actor: str, reason: str, action: str = "message.replay") -> None:
    _allow(row, _REPLAYABLE, "replay")
    _queue(unit, row)
    _audit(unit, row, actor, action, reason)


def _queue(unit: Unit, row: Any) -> None:
    """Make it claimable: at once where it stands in its queue already, else behind what is
    unfinished of its key.
    """
    head = HEAD[row.direction]
    if row.unfinished:
        unit.db.execute(_REQUEUE, {"id": row.id, "status": head})
        shard = row.shard
    else:
        partner = unit.directory.partners.get(row.connection)
        shard = shard_of(row.key, partner.shards if partner else 1)
        at = {
            "merchant": row.merchant_id,
            "connection": row.connection,
            "direction": row.direction,
            "key": row.key,
        }
        open_ = unit.db.scalar(_RAISE, at)
        status = head if open_ == 1 else "behind"
        unit.db.execute(
            _ENQUEUE, {**at, "id": row.id, "shard": shard, "topic": row.topic, "status": status}
        )
        unit.db.execute(_REOPEN, {"id": row.id})
    unit.rings.add((row.direction, row.connection, shard))


def _finish(unit: Unit, row: Any, status: str) -> None:
    unit.db.execute(_END, {"id": row.id, "status": status})
    work.lock_keys(unit.db, row.direction, row.connection, [row.key])
    work.finish(unit.db, row.direction, row.connection, [(row.id, row.key)])
    unit.rings.add((row.direction, row.connection, row.shard))


def _allow(row: Any, allowed: dict[str, set[str]], what: str) -> None:
    if row.status not in allowed[row.direction]:
        raise IllegalTransition("message", row.status, what)


def _load(unit: Unit, ids: Sequence[UUID]) -> list[Any]:
    rows = {row.id: row for row in unit.db.execute(_FIND, {"ids": list(ids)})}
    for id_ in ids:
        if id_ not in rows:
            raise NotFound(f"no message {id_}")
    return [rows[id_] for id_ in dict.fromkeys(ids)]


def _audit(unit: Unit, row: Any, actor: str, action: str, reason: str) -> None:
    audit.record(
        unit.db, row.merchant_id, actor, action, f"message:{row.id}", {"reason": reason}, unit.at
    )


_FIND = sa.text(
    """SELECT message.id, message.merchant_id, message.connection, message.direction,
      message.topic, message.key,
      message.version, coalesce(work.status, message.status) AS status,
        work.id IS NOT NULL AS unfinished,
      work.shard FROM message
    LEFT JOIN work ON work.id = message.id AND work.merchant_id = message.merchant_id
    WHERE message.id = ANY (:ids) ORDER BY message.id FOR UPDATE OF message"""
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
    """INSERT INTO message_key AS counter (merchant_id, connection, direction, key, open)
    VALUES (:merchant, :connection, :direction, :key, 1)
    ON CONFLICT (connection, direction, key,
      merchant_id) DO UPDATE SET open = counter.open + 1 RETURNING open"""
)
_ENQUEUE = sa.text(
    """INSERT INTO work (id, merchant_id, connection, direction, shard, key, topic, seq, status)
    VALUES (:id, :merchant, :connection, :direction, :shard, :key, :topic, nextval('work_seq'),
      :status)"""
)
_REOPEN = sa.text(
    "UPDATE message SET status = NULL, error = NULL, finished_at = NULL WHERE id = :id"
)
_END = sa.text("UPDATE message SET status = :status, finished_at = now() WHERE id = :id")
