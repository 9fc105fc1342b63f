"""Keep what arrived: stored once, before it is acknowledged and before anything else happens to
it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Arrival:
    """One authentic delivery, as bytes. Without a key it stands alone in its lane. `bulk` lets
    others before.
    """

    id: UUID
    merchant: str
    connection: str
    shards: int
    topic: str
    delivery_id: str
    key: str | None
    payload: bytes
    correlation_id: UUID
    bulk: bool = False

    @property
    def queue(self) -> str:
        return self.key or f"alone:{self.id}"


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a delivery is kept. `repeat` counts how often it came again; 0 is the first time."""

    id: UUID
    repeat: int
    shard: int


def shard_of(key: str, shards: int) -> int:
    """The stretch of a connection's messages that a key belongs to."""
    return crc32(key.encode()) % shards


def digest_of(topic: str, delivery_id: str) -> bytes:
    """What recognises a repeat."""
    return sha256(f"{topic}\x00{delivery_id}".encode()).digest()[:16]


def keep(db: Connection, vault: Vault, arrivals: Sequence[Arrival]) -> list[Kept]:
    """Store deliveries and queue them, each once for ever. Answers in the order given.

    One statement: `seen` decides what is new, the key's counter is locked and raised, then message
    and work follow.
    """
    same: dict[tuple[str, bytes], list[Arrival]] = {}
    for one in arrivals:
        at = (one.connection, digest_of(one.topic, one.delivery_id))
        same.setdefault(at, []).append(one)
    kept = {row.wanted: row for row in db.execute(_KEEP, _columns(vault, same))}
    answers = {}
    for several in same.values():
        row = kept[several[0].id]
        for one in several:
            repeat = 0 if row.kept == one.id else max(row.repeats, 1)
            answers[one.id] = Kept(row.kept, repeat, shard_of(one.queue, one.shards))
    return [answers[one.id] for one in arrivals]


def _columns(vault: Vault, same: dict[tuple[str, bytes], list[Arrival]]) -> dict[str, Any]:
    """One row a delivery; `again` counts its repeats within the batch."""
    rows = sorted(same.items(), key=lambda item: (item[0][0], item[1][0].queue))
    arrivals = [several[0] for _, several in rows]
    return {
        "again": [len(several) - 1 for _, several in rows],
        "ids": [one.id for one in arrivals],
        "merchants": [one.merchant for one in arrivals],
        "connections": [one.connection for one in arrivals],
        "shards": [shard_of(one.queue, one.shards) for one in arrivals],
        "topics": [one.topic for one in arrivals],
        "digests": [digest for (_, digest), _ in rows],
        "keys": [one.queue for one in arrivals],
        "sizes": [len(one.payload) for one in arrivals],
        "urgencies": [int(one.bulk) for one in arrivals],
        "correlations": [one.correlation_id for one in arrivals],
        "payloads": [
            vault.seal(one.payload, "message.payload", one.merchant, one.id) for one in arrivals
        ],
    }


_KEEP = sa.text(
    """WITH a AS (
      SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:merchants AS text[]),
        CAST(:connections AS text[]), CAST(:shards AS smallint[]), CAST(:topics AS text[]),
        CAST(:digests AS bytea[]), CAST(:keys AS text[]), CAST(:sizes AS int[]),
        CAST(:correlations AS uuid[]), CAST(:payloads AS bytea[]), CAST(:again AS int[]),
        CAST(:urgencies AS smallint[]))
      WITH ORDINALITY AS a (id, merchant, connection, shard, topic, digest, key, size,
        correlation, payload, again, urgency, position)
    ), s AS (
      INSERT INTO seen AS known (merchant_id, connection, digest, message_id, repeats)
      SELECT merchant, connection, digest, id, again FROM a ORDER BY connection, digest
      ON CONFLICT (digest, connection, merchant_id)
      DO UPDATE SET repeats = known.repeats + excluded.repeats + 1
      RETURNING connection, digest, message_id, repeats
    ), fresh AS (
      SELECT a.*, row_number() OVER (PARTITION BY a.connection, a.key ORDER BY a.position) AS place
      FROM a JOIN s ON s.message_id = a.id
    ), k AS (
      INSERT INTO message_key AS counter (merchant_id, connection, direction, key, open)
      SELECT merchant, connection, 'in', key, count(*) FROM fresh GROUP BY 1, 2, 3, 4 ORDER BY 2, 4
      ON CONFLICT (connection, direction, key,
        merchant_id) DO UPDATE SET open = counter.open + excluded.open
      RETURNING connection, key, open
    ), m AS (
      INSERT INTO message (id, merchant_id, connection, direction, topic, key, correlation_id,
        payload, size)
      SELECT id, merchant, connection, 'in', topic, key, correlation, payload, size FROM fresh
    ), w AS (
      INSERT INTO work (id, merchant_id, connection, direction, shard, key, topic, seq, status,
        urgency)
      SELECT fresh.id, merchant, fresh.connection, 'in', shard, fresh.key, topic,
        nextval('work_seq'),
        CASE WHEN k.open = (SELECT count(*) FROM fresh AS f WHERE f.connection = fresh.connection
          AND f.key = fresh.key)
          AND fresh.place = 1 THEN 'received' ELSE 'behind' END, urgency
      FROM fresh JOIN k ON k.connection = fresh.connection AND k.key = fresh.key ORDER BY
        fresh.position
    )
    SELECT a.id AS wanted, s.message_id AS kept, s.repeats FROM a
    JOIN s ON s.connection = a.connection AND s.digest = a.digest"""
)
