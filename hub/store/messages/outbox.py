"""Hold what must be told: written where it was decided, sent by a worker afterwards."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.document import Document
from hub.store.base.ids import new_ids
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault
from hub.store.base.statuses import REPLACEABLE, REVOCABLE
from hub.store.messages import counters, finish
from hub.store.messages.inbox import shard_of

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

    Where the newest wins, an older one of the same key that was not sent yet is superseded, also
    one that is parked.
    """
    if not tellings:
        return []
    ids = new_ids(len(tellings))
    write(db, _LOCK_AND_RAISE, _keys(tellings))
    newest = [telling for telling in tellings if telling.newest_wins]
    if newest:
        write(db, _SUPERSEDE, _newest(tellings, ids))
    write(db, _ADD, _columns(vault, tellings, ids))
    if newest:  # the one that stood first of its key may be gone
        write(db, _HEADS, _heads(newest))
    return ids


def supersede(db: Connection, connection: str, message_ids: Sequence[UUID]) -> list[UUID]:
    """Take back what no attempt was made to tell. Returns those that could be taken back.

    One that is told again counts its attempts anew: what counts is whether there ever was one that
    may have reached the partner.
    """
    wanted = {"ids": list(message_ids), "connection": connection}
    finish.lock_keys(db, "out", connection, list(db.scalars(_KEYS_OF, wanted)))
    rows = db.execute(_TAKE_BACK, wanted).all()
    if rows:
        counts = Counter((row.merchant_id, connection, row.key) for row in rows)
        db.execute(_LOWER, _KEYS.of((*key, count) for key, count in sorted(counts.items())))
        db.execute(_HEADS, _PLACES.of(sorted({(connection, row.key) for row in rows})))
    return [row.id for row in rows]


def untouched(db: Connection, message_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these that could be taken back now. Nothing is locked."""
    return set(db.scalars(_UNTOUCHED, {"ids": sorted(set(message_ids))}))


def _keys(tellings: Sequence[Telling]) -> dict[str, Any]:
    counts: dict[tuple[str, str, str], int] = {}
    for telling in tellings:
        at = (telling.connection, telling.key, telling.merchant)
        counts[at] = counts.get(at, 0) + 1
    return _KEYS.of(
        (merchant, connection, key, counts[connection, key, merchant])
        for connection, key, merchant in sorted(counts)
    )


def _newest(tellings: Sequence[Telling], ids: Sequence[UUID]) -> dict[str, Any]:
    return _NEWER.of(
        (one.connection, one.key, one.document.type, id_)
        for one, id_ in zip(tellings, ids, strict=True)
        if one.newest_wins
    )


def _heads(tellings: Sequence[Telling]) -> dict[str, Any]:
    return _PLACES.of(sorted({(one.connection, one.key) for one in tellings}))


def _columns(vault: Vault, tellings: Sequence[Telling], ids: Sequence[UUID]) -> dict[str, Any]:
    return _TELLINGS.of(_row(vault, one, id_) for one, id_ in zip(tellings, ids, strict=True))


def _row(vault: Vault, one: Telling, id_: UUID) -> tuple[Any, ...]:
    payload, outward = vault.packed(one.document), one.outward_key
    digest = sha256(f"out\x00{outward}".encode()).digest()[:16]
    sealed = vault.seal_packed(payload, "message.payload", one.merchant, id_)
    whose = (id_, one.merchant, one.connection, shard_of(one.key, one.shards))
    what = (one.document.type, one.key, outward, digest)
    whence = (one.correlation_id, one.cause_id, one.order_id)
    return (*whose, *what, *whence, one.urgency, payload.size, sealed)


_KEYS = Rows(merchant="text", connection="text", key="text", count="int")
_LOCK_AND_RAISE = sa.text(
    counters.raised(
        f"""SELECT merchant, connection, 'out', key, count
    FROM {_KEYS.named("k")}
    ORDER BY connection, key"""  # noqa: S608  # ours
    )
)
_LOWER = sa.text(counters.lowered(_KEYS.named("k"), counters.OF_TOLD))
_LOWER_GONE = counters.lowered(
    """(SELECT connection, key, merchant_id AS merchant, count(*) AS count FROM gone
      GROUP BY 1, 2, 3) AS k""",
    counters.OF_TOLD,
)
_NEWER = Rows(connection="text", key="text", topic="text", newer="uuid")
_SUPERSEDE = sa.text(
    f"""WITH n AS (
      SELECT older.id, n.newer FROM {_NEWER.named("n")} CROSS JOIN LATERAL (
        SELECT id FROM work WHERE work.direction = 'out' AND work.connection = n.connection
          AND work.key = n.key AND work.topic = n.topic
        OFFSET 0
      ) AS older
    ), gone AS (
      DELETE FROM work USING n WHERE work.id = n.id AND work.status IN {REPLACEABLE}
      RETURNING work.id, work.connection, work.key, work.merchant_id, n.newer
    ), told AS (
      UPDATE message SET status = 'superseded', successor = 'message:' || gone.newer,
        finished_at = now() FROM gone WHERE message.id = gone.id
    )
    {_LOWER_GONE}"""  # noqa: S608  # ours
)
"""Each key is looked up by itself (OFFSET 0 keeps it so): joined, all that waits is compared with
each key while nobody has counted yet how much that is.
"""
_TELLINGS = Rows(
    id="uuid",
    merchant="text",
    connection="text",
    shard="smallint",
    topic="text",
    key="text",
    outward="text",
    digest="bytea",
    correlation="uuid",
    cause="uuid",
    order_id="uuid",
    urgency="smallint",
    size="int",
    payload="bytea",
)
_ADD = sa.text(
    f"""WITH t AS (
      SELECT * FROM {_TELLINGS.arrays}
      WITH ORDINALITY AS t ({_TELLINGS.names}, position)
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
      {counters.lowered("again AS k", counters.OF_TOLD)}
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
    FROM fresh ORDER BY position"""  # noqa: S608  # ours
)
_PLACES = Rows(connection="text", key="text")
_HEADS = sa.text(
    f"""UPDATE work SET status = 'pending', due = now() WHERE status = 'behind' AND id IN (
      SELECT first.id FROM {_PLACES.named("k")}
      CROSS JOIN LATERAL (
        SELECT id FROM work WHERE work.direction = 'out' AND work.connection = k.connection
          AND work.key = k.key
        ORDER BY seq LIMIT 1
      ) AS first
    )"""  # noqa: S608  # ours
)
_KEYS_OF = sa.text("SELECT key FROM work WHERE id = ANY (:ids) AND connection = :connection")
"""Counters are locked first, work second, as whoever ends an attempt does."""
_REVOCABLE = f"""id = ANY (:ids) AND status IN {REVOCABLE} AND attempts = 0
        AND NOT EXISTS (
          SELECT FROM attempt WHERE attempt.message_id = work.id
            AND coalesce(fate, '') NOT IN ('not_authorised', 'unknown_code'))"""
_UNTOUCHED = sa.text(f"SELECT id FROM work WHERE direction = 'out' AND {_REVOCABLE}")  # noqa: S608
_TAKE_BACK = sa.text(
    f"""WITH gone AS (
      DELETE FROM work WHERE connection = :connection AND {_REVOCABLE}
      RETURNING id, key, merchant_id
    ), told AS (
      UPDATE message SET status = 'superseded',
        finished_at = now() FROM gone WHERE message.id = gone.id
    )
    SELECT id, key, merchant_id FROM gone"""  # noqa: S608  # ours
)
