"""Messages leave their queues, and let the next of their key go."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.base.statuses import HEAD
from hub.store.messages import counters


def lock_keys(db: Connection, direction: str, connection: str, keys: Sequence[str]) -> None:
    """Lock the counters of these keys, in one order everywhere."""
    db.execute(
        _LOCK_KEYS, {"direction": direction, "connection": connection, "keys": sorted(set(keys))}
    )


def finish(
    db: Connection, direction: str, connection: str, rows: Sequence[tuple[UUID, str]]
) -> None:
    """Take messages out of their queues and let the next of each key go.

    Only what stands in a queue shortens it: finished twice counts once. The keys are locked.
    """
    gone = Counter(db.scalars(_DELETE_WORK, {"ids": [id_ for id_, _ in rows]}))
    if not gone:
        return
    at = {"direction": direction, "connection": connection}
    keys = sorted(gone)
    ended = set(db.scalars(_DROP_KEYS, {**at, **_COUNTS.of((key, gone[key]) for key in keys)}))
    left = [key for key in keys if key not in ended]
    if left:  # few: most keys have one message at a time
        write(db, _SHRINK_KEYS, {**at, **_COUNTS.of((key, gone[key]) for key in left)})
        write(db, _LET_GO, {**at, "keys": left, "status": HEAD[direction]})


_LOCK_KEYS = sa.text(
    """SELECT 1 FROM (SELECT key FROM unnest(CAST(:keys AS text[])) AS k (key) ORDER BY key) AS k
    CROSS JOIN LATERAL (
      SELECT 1 FROM message_key WHERE direction = :direction AND connection = :connection
        AND message_key.key = k.key FOR UPDATE
    ) AS locked"""
)
"""Key by key: asked for all in their order, PostgreSQL would read every key of the connection."""
_DELETE_WORK = sa.text("DELETE FROM work WHERE id = ANY (:ids) RETURNING key")
_COUNTS = Rows(key="text", count="int")
_ENDED = counters.of(_COUNTS.named("k"), counters.OF_LANE, "held.open <= k.count")
_DROP_KEYS = sa.text(f"DELETE FROM message_key WHERE {_ENDED} RETURNING key")  # noqa: S608  # ours
_SHRINK_KEYS = sa.text(counters.lowered(_COUNTS.named("k"), counters.OF_LANE))
_LET_GO = sa.text(
    """UPDATE work SET status = :status, due = now() WHERE id = ANY (ARRAY(
      SELECT head.id FROM unnest(CAST(:keys AS text[])) AS k (key)
      CROSS JOIN LATERAL (
        SELECT id FROM work WHERE direction = :direction AND connection = :connection
          AND work.key = k.key ORDER BY seq LIMIT 1
      ) AS head
    )) AND status = 'behind'"""
)
