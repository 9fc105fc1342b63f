"""Parked messages that a newer telling of the same thing may pass: found with what stands behind
them, and closed once one of those can be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.sealing import Vault, VaultError
from hub.store.messages import finish
from hub.store.messages.lanes import PASSABLE, Lane

_MOST = 20
_NEWEST = 100
"""So many of what came behind a parked message are tried, the newest first, each once."""


@dataclass(frozen=True, slots=True)
class Head:
    """A parked message; up to which `seq` what stands behind it was looked at, and the newest."""

    id: UUID
    merchant: str
    key: str
    topic: str
    looked_at: int
    newest: int


@dataclass(frozen=True, slots=True)
class Follower:
    """A message that stands behind a parked one. `raw` None: it does not open."""

    id: UUID
    topic: str
    raw: bytes | None


def heads(db: Connection, lane: Lane) -> list[Head]:
    """Parked messages of a lane behind which something came that was not looked at yet."""
    at = {"connection": lane.connection, "shard": lane.shard, "most": _MOST}
    return [Head(*row) for row in db.execute(_HEADS, at)]


def followers(
    db: Connection, vault: Vault, lane: Lane, head: Head, topics: Sequence[str]
) -> list[Follower]:
    """The newest of these topics that came behind a parked message since it was looked at."""
    of_key = {"connection": lane.connection, "key": head.key, "merchant": head.merchant}
    at = {**of_key, "topics": list(topics), "since": head.looked_at, "most": _NEWEST}
    rows = db.execute(_FOLLOWERS, at)
    return [Follower(row.id, row.topic, _opened(vault, head.merchant, row)) for row in rows]


def supersede(db: Connection, lane: Lane, head: Head, by: UUID) -> bool:
    """Close a parked message, with why it was parked and what took its place; what stood behind it
    goes on. False where it is not parked any more.
    """
    finish.lock_keys(db, lane.direction, lane.connection, [head.key])
    closed = db.execute(_CLOSE, {"id": head.id, "successor": f"message:{by}"}).rowcount
    if closed:
        finish.finish(db, lane.direction, lane.connection, [(head.id, head.key)])
    return bool(closed)


def looked_at(db: Connection, head: Head) -> None:
    """Nothing behind a parked message takes its place: what comes next is looked at again."""
    db.execute(_LOOKED_AT, {"id": head.id, "newest": head.newest})


def _opened(vault: Vault, merchant: str, row: Any) -> bytes | None:
    try:
        return vault.open(row.payload, "message.payload", merchant, row.id)
    except VaultError:
        return None


_HEADS = sa.text(
    f"""SELECT id, merchant_id, key, topic, coalesce(looked_at, 0), (
        SELECT max(seq) FROM work AS behind
        WHERE behind.connection = head.connection AND behind.direction = 'in'
          AND behind.key = head.key
      ) AS newest
    FROM work AS head
    WHERE head.connection = :connection AND head.shard = :shard AND {PASSABLE}
    ORDER BY seq LIMIT :most"""  # noqa: S608  # ours
)
_FOLLOWERS = sa.text(
    """SELECT work.id, work.topic, coalesce(newest.payload, message.payload) AS payload
    FROM work
    JOIN message ON message.id = work.id AND message.merchant_id = work.merchant_id
    LEFT JOIN message_version AS newest
      ON newest.message_id = message.id AND newest.merchant_id = message.merchant_id
      AND newest.version = message.version
    WHERE work.connection = :connection AND work.direction = 'in' AND work.key = :key
      AND work.merchant_id = :merchant AND work.status = 'behind' AND work.topic = ANY (:topics)
      AND work.seq > :since
    ORDER BY work.seq DESC LIMIT :most"""
)
_CLOSE = sa.text(
    """UPDATE message SET status = 'superseded', finished_at = now(), successor = :successor,
      error = coalesce(error, '{}') || jsonb_build_object('code', 'overtaken', 'message',
        'a newer telling of it took its place; it stood parked: '
        || coalesce(error ->> 'code', ''))
    WHERE id = (SELECT id FROM work WHERE id = :id AND status = 'parked' FOR UPDATE)"""
)
_LOOKED_AT = sa.text("UPDATE work SET looked_at = :newest WHERE id = :id AND status = 'parked'")
