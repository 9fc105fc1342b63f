"""Unfinished messages: claim them in batches, finish them, let them stand, wake them,
  recover them after a crash.

Only the first unfinished message of a key has a claimable status; the rest are `behind` and are
let go one by one as the one before them finishes. A key's counter row (`message_key`) is locked
whenever its queue grows or shrinks.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.document import NOT_TEXT
from hub.model.errors import NeedsPerson
from hub.store.directory import OPERATOR
from hub.store.ids import new_id
from hub.store.lanes import IN, Lane
from hub.store.pipelining import write
from hub.store.vault import Vault, VaultError, pack

BATCH = {"in": 200, "out": 50}
CRASHES_ALONE = 3
BULK_PART = 5
"""Where bulk waits, one in so many messages of a batch is bulk."""
_CLAIMED = {"in": "processing", "out": "sending"}
HEAD = {"in": "received", "out": "pending"}


@dataclass(slots=True)
class Claimed:
    """One message in the hands of a worker."""

    id: UUID
    merchant: str
    connection: str
    key: str
    seq: int
    topic: str
    was: str
    attempts: int
    asked: int
    crashes: int
    deadline: datetime | None
    denied_at: datetime | None
    urgency: int
    attempt_id: UUID
    payload: bytes | None
    outward_key: str | None
    reference: str | None
    correlation_id: UUID
    order_id: UUID | None
    cause_id: UUID | None

    def read(self) -> bytes:
        """The payload. NeedsPerson where it does not open."""
        if self.payload is None:
            message = "it does not open: its data key is not among ORDERHUB_KEYS, or it was altered"
            raise NeedsPerson(message, code="sealed")
        return self.payload


@dataclass(frozen=True, slots=True)
class Ended:
    """How one attempt ended. `status` is final (done, ignored, delivered, superseded,
      discarded) or standing (retry,
    waiting, parked,
      unknown). `wait_s` is the time until it is due again; `counted` false gives the attempt
      back."""

    message: Claimed
    status: str
    fate: str
    error: dict[str, str] | None = None
    wait_s: float = 0.0
    waits_for: str | None = None
    counted: bool = True
    reference: str | None = None
    order_id: UUID | None = None
    asked: bool = False
    denied: bool = False
    exchange: bytes | None = None


FINAL = frozenset({"done", "ignored", "delivered", "superseded", "discarded"})


def claim(
    db: Connection,
    lane: Lane,
    limit: int,
    worker: str,
    deadline_s: float | None = None,
    bulk: int | None = None,
    *,
    beside: bool = False,
) -> list[Any]:
    """Take up to `limit` due messages of the lane, attempts counted and begun, urgent ones first.
    Commit before working on them.

    `bulk`: how many of them are bulk; None leaves a fifth to bulk where any waits.

    Asking about an unknown outcome goes on from the send it is about: that one's deadline, and the
    answers so far, hold until the next send.
    After a crash the messages that were in hand come back in halves,
      until the culprit stands alone; `beside` others that are in hand none of them is taken.
    """
    first = db.execute(_FIRST, _lane(lane)).one_or_none()
    if first is None or (beside and first.crashes):
        return []
    if bulk is None:
        bulk = limit // BULK_PART if first.bulk_waits else 0
    if first.crashes:
        limit, bulk = max(1, limit >> first.crashes), 0
    at = {
        **_lane(lane),
        "crashes": first.crashes,
        "status": _CLAIMED[lane.direction],
        "lane_id": lane.id,
        "fence": lane.fence,
        "deadline_s": deadline_s,
    }
    rows: list[Any] = []
    for least, most in ((0, limit - bulk), (1, bulk)):
        if most:
            rows += db.execute(_CLAIM, {**at, "least": least, "limit": most}).all()
    rows = sorted(rows, key=lambda row: row.seq)
    attempts = [new_id() for _ in rows]
    if rows:
        write(
            db,
            _BEGIN_ATTEMPTS,
            {
                "ids": attempts,
                "merchants": [row.merchant_id for row in rows],
                "messages": [row.id for row in rows],
                "numbers": [row.attempts for row in rows],
                "worker": worker,
                "deadline_s": deadline_s,
            },
        )
    return list(zip(rows, attempts, strict=True))


def waiting(db: Connection, lane: Lane, most: int) -> dict[tuple[bool, int], int]:
    """How much is due in the lane's connection, counted up to `most`, by whether it is due in this
    lane and by urgency.
    """
    rows = db.execute(_WAITING, {**_lane(lane), "most": most})
    return {(row.mine, row.urgency): row.total for row in rows}


def load(db: Connection, vault: Vault, claimed: Sequence[Any]) -> list[Claimed]:
    """The claimed messages with their payloads, the newest version of each."""
    if not claimed:
        return []
    ids = [row.id for row, _ in claimed]
    found = {
        row.id: row for row in db.execute(_LOAD, {"ids": ids, "low": min(ids), "high": max(ids)})
    }
    return [_claimed(vault, row, attempt_id, found[row.id]) for row, attempt_id in claimed]


def _claimed(vault: Vault, row: Any, attempt_id: UUID, message: Any) -> Claimed:
    return Claimed(
        id=row.id,
        merchant=row.merchant_id,
        connection=row.connection,
        key=row.key,
        seq=row.seq,
        topic=row.topic,
        was=row.was,
        attempts=row.attempts,
        asked=row.asked,
        crashes=row.crashes,
        deadline=row.deadline,
        denied_at=row.denied_at,
        urgency=row.urgency,
        attempt_id=attempt_id,
        payload=_opened(vault, message.payload, row),
        outward_key=message.outward_key,
        reference=message.reference,
        correlation_id=message.correlation_id,
        order_id=message.order_id,
        cause_id=message.cause_id,
    )


def _opened(vault: Vault, sealed: bytes, row: Any) -> bytes | None:
    """None where it does not open: that is this message's fate, not its lane's."""
    try:
        return vault.open(sealed, "message.payload", row.merchant_id, row.id)
    except VaultError:
        return None


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


def recover(db: Connection, lane: Lane, *, repeats_are_safe: bool) -> list[UUID]:
    """After taking a lane: what an earlier holder had in hand goes back to its queue, one crash
    more; what crashed three times alone is parked as `crashes_worker`.

    Inbound: `received`. Outbound: `unknown`, or `retry` where the partner honours our keys.
    Returns the messages parked.
    """
    at = {"lane_id": lane.id, "fence": lane.fence, "alone": CRASHES_ALONE}
    status = "received" if lane.direction == IN else "retry" if repeats_are_safe else "unknown"
    db.execute(_CLOSE_ATTEMPTS, at)
    return list(db.scalars(_RECOVER, {**at, "status": status}))


def wake(db: Connection, facts: Sequence[str]) -> list[Any]:
    """Let go what waited for these facts. Returns the (direction, connection, shard) to ring."""
    return list(db.execute(_WAKE, {"facts": list(facts)}).all())


def wake_ready(db: Connection) -> list[Any]:
    """Let go what waits for a fact that is there: it appeared while the message was put to wait.
    Returns the (direction, connection, shard) to ring.
    """
    return list(db.execute(_WAKE_READY, {"operator": OPERATOR}).all())


def release(db: Connection, lane: Lane, messages: Sequence[Claimed]) -> None:
    """Give claimed messages back untouched (a stop, no time left): the attempt is not counted. What
    became of one meanwhile stays.
    """
    mine = {
        "ids": [one.id for one in messages],
        "status": [one.was for one in messages],
        "lane_id": lane.id,
        "fence": lane.fence,
    }
    back = set(db.scalars(_RELEASE, mine))
    db.execute(_DROP_ATTEMPTS, {"ids": [one.attempt_id for one in messages if one.id in back]})


def wait_all(db: Connection, lane: Lane, fact: str) -> None:
    """Let everything due in a lane wait for a fact, no attempt counted."""
    db.execute(_WAIT_ALL, {**_lane(lane), "fact": fact})


def _lane(lane: Lane) -> dict[str, Any]:
    return {"connection": lane.connection, "direction": lane.direction, "shard": lane.shard}


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


_FIRST = sa.text(
    """SELECT crashes, EXISTS (
        SELECT FROM work AS b
        WHERE b.connection = :connection AND b.direction = :direction AND b.shard = :shard
          AND b.status IN ('received', 'pending', 'retry', 'unknown') AND b.due <= now()
          AND b.urgency = 1) AS bulk_waits
    FROM work
    WHERE connection = :connection AND direction = :direction AND shard = :shard
      AND status IN ('received', 'pending', 'retry', 'unknown') AND due <= now()
    ORDER BY urgency, due, id LIMIT 1"""
)
_CLAIM = sa.text(
    """WITH picked AS (
      SELECT id, merchant_id, status FROM work
      WHERE connection = :connection AND direction = :direction AND shard = :shard
        AND status IN ('received', 'pending', 'retry',
          'unknown') AND due <= now() AND crashes = :crashes AND urgency >= :least
      ORDER BY urgency, due, id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    UPDATE work SET status = :status, attempts = work.attempts + 1, lane_id = :lane_id,
      fence = :fence,
      deadline = CASE picked.status WHEN 'unknown' THEN work.deadline
        ELSE now() + CAST(:deadline_s AS float) * interval '1 s' END,
      denied_at = CASE picked.status WHEN 'unknown' THEN work.denied_at END,
      asked = CASE picked.status WHEN 'unknown' THEN work.asked ELSE 0 END
    FROM picked WHERE work.id = picked.id AND work.merchant_id = picked.merchant_id
    RETURNING work.id, work.merchant_id, work.connection, work.key, work.seq, work.topic,
      picked.status AS was,
      work.attempts, work.asked, work.crashes, work.urgency, work.deadline, work.denied_at"""
)
_WAITING = sa.text(
    """SELECT lane.shard = :shard AS mine, class.urgency, count(*) AS total
    FROM lane CROSS JOIN (VALUES (CAST(0 AS smallint)), (CAST(1 AS smallint))) AS class (urgency)
    CROSS JOIN LATERAL (
      SELECT FROM work
      WHERE work.connection = lane.connection AND work.direction = lane.direction
        AND work.shard = lane.shard AND work.urgency = class.urgency
        AND work.status IN ('received', 'pending', 'retry', 'unknown') AND work.due <= now()
      LIMIT CASE WHEN lane.shard = :shard THEN :most ELSE 1 END
    ) AS due
    WHERE lane.connection = :connection AND lane.direction = :direction GROUP BY 1, 2"""
)
_BEGIN_ATTEMPTS = sa.text(
    """INSERT INTO attempt (id, merchant_id, message_id, number, worker, deadline)
    SELECT id, merchant, message, number, :worker,
      now() + CAST(:deadline_s AS float) * interval '1 s'
    FROM unnest(CAST(:ids AS uuid[]), CAST(:merchants AS text[]), CAST(:messages AS uuid[]),
      CAST(:numbers AS int[]))
      AS a (id, merchant, message, number)"""
)
_LOAD = sa.text(
    """SELECT message.id, coalesce(newest.payload, message.payload) AS payload, outward_key,
      reference,
      correlation_id, order_id, cause_id
    FROM message
    LEFT JOIN message_version AS newest
      ON newest.message_id = message.id AND newest.merchant_id = message.merchant_id AND
        newest.version = message.version
    WHERE message.id = ANY (:ids) AND message.id BETWEEN :low AND :high"""
)
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
          CAST(:denied AS boolean[]),
        CAST(:errors AS text[])) AS s (id, status, wait_s, fact, uncounted, asked, denied, error)
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
      reference = coalesce(f.reference, message.reference), order_id = coalesce(f.order_id,
        message.order_id),
      finished_at = now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:errors AS text[]),
      CAST(:attempts AS int[]),
      CAST(:references AS text[]), CAST(:orders AS uuid[])) AS f (id, status, error, attempts,
        reference, order_id)
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
_CLOSE_ATTEMPTS = sa.text(
    """UPDATE attempt SET finished_at = now(), fate = 'worker_lost'
    WHERE finished_at IS NULL AND message_id IN (
      SELECT id FROM work WHERE lane_id = :lane_id AND fence < :fence AND status IN ('processing',
        'sending'))"""
)
_RECOVER = sa.text(
    """WITH lost AS (
      SELECT id, count(*) OVER (PARTITION BY fence) = 1 AS alone FROM work
      WHERE lane_id = :lane_id AND fence < :fence AND status IN ('processing', 'sending')
    ), back AS (
      UPDATE work SET crashes = crashes + 1,
        crashed_alone = crashed_alone + CASE WHEN lost.alone THEN 1 ELSE 0 END,
        status = CASE WHEN lost.alone AND crashed_alone + 1 >= :alone THEN 'parked' ELSE
          :status END,
        due = CASE WHEN :status = 'unknown' THEN now() + interval '10 s' ELSE due END,
        lane_id = NULL, fence = NULL
      FROM lost WHERE work.id = lost.id RETURNING work.id, work.status
    )
    UPDATE message SET error = jsonb_build_object('code', 'crashes_worker', 'path', '', 'message',
      'working on this message ended the worker three times')
    FROM back WHERE message.id = back.id AND back.status = 'parked' RETURNING message.id"""
)
_WAKE = sa.text(
    """UPDATE work SET status = CASE direction WHEN 'in' THEN 'received' ELSE 'pending' END,
      due = now(),
      waits_for = NULL
    WHERE status = 'waiting' AND waits_for = ANY (:facts) RETURNING direction, connection, shard"""
)
_WAKE_READY = sa.text(
    """WITH w AS (
      SELECT DISTINCT waits_for AS fact, connection, merchant_id FROM work WHERE status = 'waiting'
    ), ready AS (
      SELECT DISTINCT fact, connection FROM w WHERE CASE split_part(fact, ':', 1)
        WHEN 'connection' THEN EXISTS (
          SELECT FROM connection AS c WHERE c.code = substr(fact, 12) AND c.status = 'active')
        WHEN 'code' THEN EXISTS (
          SELECT FROM code_override AS c WHERE c.connection = w.connection
            AND fact IN ('code:' || codes || ':' || theirs || ':' || w.connection,
              'code:' || codes || ':' || ours || ':' || w.connection))
        WHEN 'sku' THEN EXISTS (
          SELECT FROM sku_reference AS r WHERE r.connection = w.connection
            AND r.code = substr(fact, 5)
        ) OR (
          SELECT count(*) FROM product WHERE sku = substr(fact, 5)
            AND (product.merchant_id = w.merchant_id OR w.merchant_id = :operator)
        ) = 1
      END
    )
    UPDATE work SET status = CASE direction WHEN 'in' THEN 'received' ELSE 'pending' END,
      due = now(), waits_for = NULL
    FROM ready WHERE work.status = 'waiting' AND work.waits_for = ready.fact
      AND work.connection = ready.connection
    RETURNING work.direction, work.connection, work.shard"""
)
_WAIT_ALL = sa.text(
    """UPDATE work SET status = 'waiting', waits_for = :fact
    WHERE connection = :connection AND direction = :direction AND shard = :shard
      AND status IN ('received', 'pending', 'retry') AND due <= now()"""
)
_RELEASE = sa.text(
    """UPDATE work SET status = r.status, attempts = attempts - 1, lane_id = NULL, fence = NULL
    FROM unnest(CAST(:ids AS uuid[]), CAST(:status AS text[])) AS r (id, status)
    WHERE work.id = r.id AND work.lane_id = :lane_id AND work.fence = :fence
      AND work.status IN ('processing', 'sending')
    RETURNING work.id"""
)
_DROP_ATTEMPTS = sa.text("DELETE FROM attempt WHERE id = ANY (:ids)")
