"""Hold what must be told: written where it was decided, sent by a worker afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.document import Document
from hub.store.ids import new_id
from hub.store.inbox import shard_of
from hub.store.pipelining import write
from hub.store.vault import Vault

URGENT, BULK = 0, 1


@dataclass(slots=True)
class Telling:
    """One document for one connection. `key` is the unit of order there; `revision` which telling
    of it this is.
    """

    document: Document
    connection: str
    merchant: str
    shards: int
    key: str
    revision: str
    correlation_id: UUID
    cause_id: UUID | None = None
    order_id: UUID | None = None
    urgency: int = URGENT
    newest_wins: bool = False

    @property
    def outward_key(self) -> str:
        """The same for every attempt, replay and repeat of this telling.

        Two channels may number their orders alike, two warehouses their shipments: what comes from
        elsewhere is named with whence.
        """
        source, about = self.document.source.connection, self.document.business_id
        named = about if source == self.connection else f"{source}/{about}"
        return f"{self.connection}:{self.document.type}:{named}:{self.revision}"


def add(db: Connection, vault: Vault, tellings: Sequence[Telling]) -> list[UUID]:
    """Queue what must be told, each outward key once for ever. Returns the ids, in the order given.

    Where the newest wins, an older one of the same key that was not sent yet is superseded.
    """
    if not tellings:
        return []
    ids = [new_id() for _ in tellings]
    write(db, _LOCK_AND_RAISE, _keys(tellings))
    newest = [one for one in tellings if one.newest_wins]
    if newest:
        write(db, _SUPERSEDE, _newest(newest))
    write(db, _ADD, _columns(vault, tellings, ids))
    if newest:  # the one that stood first of its key may be gone
        write(db, _HEADS, _heads(newest))
    return ids


def supersede(db: Connection, connection: str, message_ids: Sequence[UUID]) -> list[UUID]:
    """Take back what no attempt was made to tell. Returns those that could be taken back."""
    rows = db.execute(_TAKE_BACK, {"ids": list(message_ids), "connection": connection}).all()
    for row in rows:
        at = {
            "connections": [connection],
            "merchants": [row.merchant_id],
            "keys": [row.key],
            "counts": [1],
        }
        db.execute(_LOWER, at)
        db.execute(_HEADS, {"connections": [connection], "keys": [row.key]})
    return [row.id for row in rows]


def _keys(tellings: Sequence[Telling]) -> dict[str, Any]:
    counts: dict[tuple[str, str, str], int] = {}
    for one in tellings:
        at = (one.connection, one.key, one.merchant)
        counts[at] = counts.get(at, 0) + 1
    rows = sorted(counts)
    return {
        "connections": [row[0] for row in rows],
        "keys": [row[1] for row in rows],
        "merchants": [row[2] for row in rows],
        "counts": [counts[row] for row in rows],
    }


def _newest(tellings: Sequence[Telling]) -> dict[str, Any]:
    return {
        "connections": [one.connection for one in tellings],
        "keys": [one.key for one in tellings],
        "topics": [one.document.type for one in tellings],
    }


def _heads(tellings: Sequence[Telling]) -> dict[str, Any]:
    rows = sorted({(one.connection, one.key) for one in tellings})
    return {"connections": [row[0] for row in rows], "keys": [row[1] for row in rows]}


def _columns(vault: Vault, tellings: Sequence[Telling], ids: Sequence[UUID]) -> dict[str, Any]:
    payloads = [vault.packed(one.document) for one in tellings]
    outward = [one.outward_key for one in tellings]
    return {
        "ids": list(ids),
        "merchants": [one.merchant for one in tellings],
        "connections": [one.connection for one in tellings],
        "shards": [shard_of(one.key, one.shards) for one in tellings],
        "topics": [one.document.type for one in tellings],
        "keys": [one.key for one in tellings],
        "outward": outward,
        "digests": [sha256(f"out\x00{key}".encode()).digest()[:16] for key in outward],
        "correlations": [one.correlation_id for one in tellings],
        "causes": [one.cause_id for one in tellings],
        "orders": [one.order_id for one in tellings],
        "urgencies": [one.urgency for one in tellings],
        "sizes": [payload.size for payload in payloads],
        "payloads": [
            vault.seal_packed(payload, "message.payload", one.merchant, id_)
            for one, payload, id_ in zip(tellings, payloads, ids, strict=True)
        ],
    }


_LOCK_AND_RAISE = sa.text(
    """INSERT INTO message_key AS counter (merchant_id, connection, direction, key, open)
    SELECT merchant, connection, 'out', key, count
    FROM unnest(CAST(:merchants AS text[]), CAST(:connections AS text[]), CAST(:keys AS text[]),
      CAST(:counts AS int[]))
      AS k (merchant, connection, key, count)
    ORDER BY connection, key
    ON CONFLICT (connection, direction, key,
      merchant_id) DO UPDATE SET open = counter.open + excluded.open"""
)
_LOWER = sa.text(
    """UPDATE message_key SET open = open - k.count
    FROM unnest(CAST(:merchants AS text[]), CAST(:connections AS text[]), CAST(:keys AS text[]),
      CAST(:counts AS int[]))
      AS k (merchant, connection, key, count)
    WHERE message_key.direction = 'out' AND message_key.connection = k.connection
      AND message_key.key = k.key
      AND message_key.merchant_id = k.merchant"""
)
_SUPERSEDE = sa.text(
    """WITH n AS (
      SELECT * FROM unnest(CAST(:connections AS text[]), CAST(:keys AS text[]),
        CAST(:topics AS text[]))
        AS n (connection, key, topic)
    ), gone AS (
      DELETE FROM work USING n
      WHERE work.direction = 'out' AND work.connection = n.connection AND work.key = n.key
        AND work.topic = n.topic
        AND work.status IN ('pending', 'behind', 'retry', 'waiting')
      RETURNING work.id, work.connection, work.key, work.merchant_id
    ), told AS (
      UPDATE message SET status = 'superseded',
        finished_at = now() FROM gone WHERE message.id = gone.id
    )
    UPDATE message_key SET open = open - g.count
    FROM (SELECT connection, key, merchant_id, count(*) AS count FROM gone GROUP BY 1, 2, 3) AS g
    WHERE message_key.direction = 'out' AND message_key.connection = g.connection
      AND message_key.key = g.key
      AND message_key.merchant_id = g.merchant_id"""
)
_ADD = sa.text(
    """WITH t AS (
      SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:merchants AS text[]),
        CAST(:connections AS text[]), CAST(:shards AS smallint[]), CAST(:topics AS text[]),
        CAST(:keys AS text[]), CAST(:outward AS text[]), CAST(:digests AS bytea[]),
        CAST(:correlations AS uuid[]), CAST(:causes AS uuid[]), CAST(:orders AS uuid[]),
        CAST(:urgencies AS smallint[]), CAST(:sizes AS int[]), CAST(:payloads AS bytea[]))
      WITH ORDINALITY AS t (id, merchant, connection, shard, topic, key, outward, digest,
        correlation, cause, order_id,
        urgency, size, payload, position)
    ), s AS (
      INSERT INTO seen (merchant_id, connection, digest, message_id) SELECT merchant, connection,
        digest, id FROM t
      ON CONFLICT DO NOTHING RETURNING message_id
    ), fresh AS (
      SELECT t.*, row_number() OVER (PARTITION BY connection, key ORDER BY position) = 1 AS first
      FROM t JOIN s ON s.message_id = t.id
    ), again AS (
      SELECT connection, key, merchant, count(*) AS count FROM t
      WHERE id NOT IN (SELECT message_id FROM s) GROUP BY 1, 2, 3
    ), lowered AS (
      UPDATE message_key SET open = open - (
        SELECT count FROM again WHERE again.connection = message_key.connection
          AND again.key = message_key.key AND again.merchant = message_key.merchant_id
      ) WHERE ctid = ANY (ARRAY(
        SELECT held.place FROM again CROSS JOIN LATERAL (
          SELECT ctid AS place FROM message_key WHERE direction = 'out'
            AND message_key.connection = again.connection AND message_key.key = again.key
            AND merchant_id = again.merchant OFFSET 0
        ) AS held
      ))
    ), m AS (
      INSERT INTO message (id, merchant_id, connection, direction, topic, key, outward_key,
        correlation_id, cause_id, order_id, payload, size)
      SELECT id, merchant, connection, 'out', topic, key, outward, correlation, cause, order_id,
        payload, size FROM fresh
    )
    INSERT INTO work (id, merchant_id, connection, direction, shard, key, topic, seq, status,
      urgency)
    SELECT id, merchant, connection, 'out', shard, key, topic, nextval('work_seq'),
      CASE WHEN first AND NOT EXISTS (
        SELECT FROM work WHERE work.direction = 'out' AND work.connection = fresh.connection
          AND work.key = fresh.key
      ) THEN 'pending' ELSE 'behind' END,
      urgency
    FROM fresh ORDER BY position"""
)
_HEADS = sa.text(
    """UPDATE work SET status = 'pending', due = now() WHERE status = 'behind' AND id IN (
      SELECT first.id FROM unnest(CAST(:connections AS text[]),
        CAST(:keys AS text[])) AS k (connection, key)
      CROSS JOIN LATERAL (
        SELECT id FROM work WHERE work.direction = 'out' AND work.connection = k.connection
          AND work.key = k.key
        ORDER BY seq LIMIT 1
      ) AS first
    )"""
)
_TAKE_BACK = sa.text(
    """WITH gone AS (
      DELETE FROM work WHERE id = ANY (:ids) AND connection = :connection
        AND status IN ('pending', 'behind', 'retry', 'waiting') AND attempts = 0
      RETURNING id, key, merchant_id
    ), told AS (
      UPDATE message SET status = 'superseded',
        finished_at = now() FROM gone WHERE message.id = gone.id
    )
    SELECT id, key, merchant_id FROM gone"""
)
