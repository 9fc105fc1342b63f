"""How attempts end: what is final leaves its queue and lets the next of its key go, what is not
stands there until its time or its fact.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.document import NOT_TEXT
from hub.store.lanes import Lane
from hub.store.pipelining import write
from hub.store.vault import Vault, pack
from hub.store.work import FINAL, HEAD, Ended


def lock_keys(db: Connection, direction: str, connection: str, keys: Sequence[str]) -> None:
    """Lock the counters of these keys, in one order everywhere."""
    db.execute(
        _LOCK_KEYS, {"direction": direction, "connection": connection, "keys": sorted(set(keys))}
    )


def end(db: Connection, vault: Vault, lane: Lane, ended: Sequence[Ended]) -> None:
    """Write how the attempts ended: finish what is final, let stand what is not, let the next of
    each key go.
    """
    if not ended:
        return
    _end_attempts(db, vault, ended)
    final = [one for one in ended if one.status in FINAL]
    standing = [one for one in ended if one.status not in FINAL]
    if standing:
        write(db, _STAND, _standing(standing))
    if final:
        write(db, _FINISH_MESSAGES, _final(final))
        finish(
            db,
            lane.direction,
            lane.connection,
            [(one.message.id, one.message.key) for one in final],
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
    counts = [gone[key] for key in keys]
    ended = set(db.scalars(_DROP_KEYS, {**at, "keys": keys, "counts": counts}))
    left = [key for key in keys if key not in ended]
    if left:  # few: most keys have one message at a time
        write(db, _SHRINK_KEYS, {**at, "keys": left, "counts": [gone[key] for key in left]})
        write(db, _LET_GO, {**at, "keys": left, "status": HEAD[direction]})


def _end_attempts(db: Connection, vault: Vault, ended: Sequence[Ended]) -> None:
    ids = [one.message.attempt_id for one in ended]
    shared = {id(one.exchange): one.exchange for one in ended}  # by all of one call
    packed = {at: pack(exchange) for at, exchange in shared.items() if exchange is not None}
    write(
        db,
        _END_ATTEMPTS,
        {
            "ids": ids,
            "low": min(ids),
            "high": max(ids),
            "fates": [one.fate for one in ended],
            "details": [one.error and storable(one.error["message"])[:2000] for one in ended],
            "exchanges": [
                None
                if one.exchange is None
                else vault.seal_packed(
                    packed[id(one.exchange)],
                    "attempt.exchange",
                    one.message.merchant,
                    one.message.attempt_id,
                )
                for one in ended
            ],
        },
    )


def _standing(rows: Sequence[Ended]) -> dict[str, Any]:
    return {
        "ids": [one.message.id for one in rows],
        "statuses": [one.status for one in rows],
        "waits": [float(one.wait_s) for one in rows],
        "facts": [one.waits_for for one in rows],
        "uncounted": [0 if one.counted else 1 for one in rows],
        "asked": [1 if one.asked else 0 for one in rows],
        "denied": [one.denied for one in rows],
        "errors": [_json(one.error) for one in rows],
        "low": min(one.message.id for one in rows),
        "high": max(one.message.id for one in rows),
    }


def _final(rows: Sequence[Ended]) -> dict[str, Any]:
    ids = [one.message.id for one in rows]
    return {
        "ids": ids,
        "low": min(ids),
        "high": max(ids),
        "statuses": [one.status for one in rows],
        "errors": [_json(one.error) for one in rows],
        "attempts": [one.message.attempts - (0 if one.counted else 1) for one in rows],
        "references": [one.reference for one in rows],
        "orders": [one.order_id for one in rows],
    }


def _json(error: dict[str, str] | None) -> str | None:
    if error is None:
        return None
    return json.dumps({name: storable(text) for name, text in error.items()})


def storable(text: str) -> str:
    """Foreign words as the database can keep them: it takes no NUL and no lone surrogate."""
    return NOT_TEXT.sub("\N{REPLACEMENT CHARACTER}", text)


_LOCK_KEYS = sa.text(
    """SELECT 1 FROM (SELECT key FROM unnest(CAST(:keys AS text[])) AS k (key) ORDER BY key) AS k
    CROSS JOIN LATERAL (
      SELECT 1 FROM message_key WHERE direction = :direction AND connection = :connection
        AND message_key.key = k.key FOR UPDATE
    ) AS locked"""
)
"""Key by key: asked for all in their order, PostgreSQL would read every key of the connection."""
_END_ATTEMPTS = sa.text(
    """UPDATE attempt SET finished_at = clock_timestamp(), fate = e.fate, detail = e.detail,
      exchange = e.exchange
    FROM unnest(CAST(:ids AS uuid[]), CAST(:fates AS text[]), CAST(:details AS text[]),
      CAST(:exchanges AS bytea[]))
      AS e (id, fate, detail, exchange)
    WHERE attempt.id = e.id AND attempt.id BETWEEN :low AND :high"""
)
_STAND = sa.text(
    """WITH s AS (
      SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:waits AS float[]),
        CAST(:facts AS text[]), CAST(:uncounted AS int[]), CAST(:asked AS int[]),
        CAST(:denied AS boolean[]), CAST(:errors AS text[]))
        AS s (id, status, wait_s, fact, uncounted, asked, denied, error)
    ), told AS (
      UPDATE message SET error = CAST(s.error AS jsonb) FROM s WHERE message.id = s.id
        AND message.id BETWEEN :low AND :high AND s.error IS NOT NULL
    )
    UPDATE work SET status = s.status, due = now() + s.wait_s * interval '1 s', waits_for = s.fact,
      attempts = work.attempts - s.uncounted, asked = work.asked + s.asked,
      denied_at = CASE WHEN s.denied THEN coalesce(work.denied_at, now()) ELSE work.denied_at END,
      crashes = work.crashes * s.asked, crashed_alone = work.crashed_alone * s.asked,
      lane_id = NULL, fence = NULL
    FROM s WHERE work.id = s.id"""
)
_FINISH_MESSAGES = sa.text(
    """UPDATE message SET status = f.status, error = CAST(f.error AS jsonb), attempts = f.attempts,
      reference = coalesce(f.reference, message.reference),
      order_id = coalesce(f.order_id, message.order_id), finished_at = now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:errors AS text[]),
      CAST(:attempts AS int[]), CAST(:references AS text[]), CAST(:orders AS uuid[]))
      AS f (id, status, error, attempts, reference, order_id)
    WHERE message.id = f.id AND message.id BETWEEN :low AND :high"""
)
_DELETE_WORK = sa.text("DELETE FROM work WHERE id = ANY (:ids) RETURNING key")
_OF_KEYS = """message_key.ctid = ANY (ARRAY(
      SELECT held.place FROM unnest(CAST(:keys AS text[]), CAST(:counts AS int[])) AS k (key, count)
      CROSS JOIN LATERAL (
        SELECT ctid AS place, open FROM message_key WHERE direction = :direction
          AND connection = :connection AND message_key.key = k.key OFFSET 0
      ) AS held WHERE {which}))"""
"""The rows of keys, looked up one by one, whatever PostgreSQL believes of the table: what it knows
of a table that was just filled makes it read all of it. The rows are locked, so none moves.
"""
_DROP_KEYS = sa.text(
    f"DELETE FROM message_key WHERE {_OF_KEYS.format(which='held.open <= k.count')} RETURNING key"  # noqa: S608  # ours
)
_SHRINK_KEYS = sa.text(
    f"""UPDATE message_key SET open = open - k.count
    FROM unnest(CAST(:keys AS text[]), CAST(:counts AS int[])) AS k (key, count)
    WHERE {_OF_KEYS.format(which="true")} AND message_key.key = k.key"""  # noqa: S608  # ours
)
_LET_GO = sa.text(
    """UPDATE work SET status = :status, due = now() WHERE id = ANY (ARRAY(
      SELECT head.id FROM unnest(CAST(:keys AS text[])) AS k (key)
      CROSS JOIN LATERAL (
        SELECT id FROM work WHERE direction = :direction AND connection = :connection
          AND work.key = k.key ORDER BY seq LIMIT 1
      ) AS head
    )) AND status = 'behind'"""
)
