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

from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault
from hub.store.messages import counters

LONGEST = 200
"""Characters of a topic or key."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One authentic delivery, as bytes. Without a key it stands alone in its lane. `bulk` lets
    others before. `content`: what it is recognised by, where its topic and id prove nothing.
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
    content: str | None = None

    @property
    def digest(self) -> bytes:
        """What recognises it when it comes again."""
        if self.content is not None:
            return digest_of("", self.content)
        return digest_of(self.topic, self.delivery_id)

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


def short(key: str | None) -> str | None:
    """A key that an index can hold: one that is too long is named by its digest."""
    if key is None or len(key) <= LONGEST:
        return key
    return f"long:{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"


def known(db: Connection, arrivals: Sequence[Arrival]) -> set[bytes]:
    """The digests of those that were kept before; nothing is counted."""
    if not arrivals:
        return set()
    whose = {"connection": arrivals[0].connection, "merchant": arrivals[0].merchant}
    rows = db.scalars(_KNOWN, {**whose, "digests": [one.digest for one in arrivals]})
    return {bytes(digest) for digest in rows}


def keep(db: Connection, vault: Vault, arrivals: Sequence[Arrival]) -> list[Kept]:
    """Store deliveries and queue them, each once for ever. Answers in the order given.

    One statement: `seen` decides what is new, the key's counter is locked and raised, then message
    and work follow.
    """
    same: dict[tuple[str, bytes], list[Arrival]] = {}
    for arrival in arrivals:
        same.setdefault((arrival.connection, arrival.digest), []).append(arrival)
    kept = {row.wanted: row for row in db.execute(_KEEP, _columns(vault, same))}
    answers = {}
    for several in same.values():
        row = kept[several[0].id]
        for arrival in several:
            repeat = 0 if row.kept == arrival.id else max(row.repeats, 1)
            answers[arrival.id] = Kept(row.kept, repeat, shard_of(arrival.queue, arrival.shards))
    return [answers[arrival.id] for arrival in arrivals]


def _columns(vault: Vault, same: dict[tuple[str, bytes], list[Arrival]]) -> dict[str, Any]:
    """One row a delivery; `again` counts its repeats within the batch."""
    rows = sorted(same.items(), key=lambda item: (item[0][0], item[1][0].queue))
    return _ARRIVALS.of(_row(vault, several, digest) for (_, digest), several in rows)


def _row(vault: Vault, several: Sequence[Arrival], digest: bytes) -> tuple[Any, ...]:
    one = several[0]
    sealed = vault.seal(one.payload, "message.payload", one.merchant, one.id)
    whose = (one.id, one.merchant, one.connection, shard_of(one.queue, one.shards))
    what = (one.topic, digest, one.queue, len(one.payload), one.correlation_id, sealed)
    return (*whose, *what, len(several) - 1, int(one.bulk))


_KNOWN = sa.text(
    """SELECT digest FROM seen WHERE connection = :connection AND merchant_id = :merchant
      AND digest = ANY (:digests)"""
)
_RAISED = counters.raised(
    "SELECT merchant, connection, 'in', key, count(*) FROM fresh GROUP BY 1, 2, 3, 4 ORDER BY 2, 4"
)
_ARRIVALS = Rows(
    id="uuid",
    merchant="text",
    connection="text",
    shard="smallint",
    topic="text",
    digest="bytea",
    key="text",
    size="int",
    correlation="uuid",
    payload="bytea",
    again="int",
    urgency="smallint",
)
_KEEP = sa.text(
    f"""WITH a AS (
      SELECT * FROM {_ARRIVALS.arrays}
      WITH ORDINALITY AS a ({_ARRIVALS.names}, position)
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
      {_RAISED}
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
    JOIN s ON s.connection = a.connection AND s.digest = a.digest"""  # noqa: S608  # ours
)
