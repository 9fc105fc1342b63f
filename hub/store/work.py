"""Unfinished messages: claim them in batches, load them, give them back, recover them.

Only the first unfinished message of a key has a claimable status; the rest are `behind` and are
let go one by one as the one before them finishes (`ending`). A key's counter row (`message_key`) is
locked whenever its queue grows or shrinks. What waits for a fact is woken by `waking`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.errors import NeedsPerson
from hub.store.ids import new_id
from hub.store.lanes import IN, Lane
from hub.store.pipelining import write
from hub.store.vault import Vault, VaultError

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
    """How one attempt ended. `status` is final (done, ignored, delivered, superseded, discarded) or
    standing (retry, waiting, parked, unknown). `wait_s` is the time until it is due again;
    `counted` false gives the attempt back.
    """

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
    answers so far, hold until the next send. After a crash the messages that were in hand come back
    in halves, until the culprit stands alone; `beside` others that are in hand none of them is
    taken.
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


def recover(db: Connection, lane: Lane, *, repeats_are_safe: bool) -> list[UUID]:
    """After taking a lane: what an earlier holder had in hand goes back to its queue, one crash
    more unless the holder lived and let go; what crashed three times alone is parked as
    `crashes_worker`.

    Inbound: `received`. Outbound: `unknown`, or `retry` where the partner honours our keys.
    Returns the messages parked.
    """
    at = {"lane_id": lane.id, "fence": lane.fence, "alone": CRASHES_ALONE}
    status = "received" if lane.direction == IN else "retry" if repeats_are_safe else "unknown"
    db.execute(_CLOSE_ATTEMPTS, at)
    return list(db.scalars(_RECOVER, {**at, "status": status}))


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


def _lane(lane: Lane) -> dict[str, Any]:
    return {"connection": lane.connection, "direction": lane.direction, "shard": lane.shard}


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
        AND status IN ('received', 'pending', 'retry', 'unknown') AND due <= now()
        AND crashes = :crashes AND urgency >= :least
      ORDER BY urgency, due, id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    UPDATE work SET status = :status, attempts = work.attempts + 1,
      lane_id = :lane_id, fence = :fence,
      deadline = CASE picked.status WHEN 'unknown' THEN work.deadline
        ELSE now() + CAST(:deadline_s AS float) * interval '1 s' END,
      denied_at = CASE picked.status WHEN 'unknown' THEN work.denied_at END,
      asked = CASE picked.status WHEN 'unknown' THEN work.asked ELSE 0 END
    FROM picked WHERE work.id = picked.id AND work.merchant_id = picked.merchant_id
    RETURNING work.id, work.merchant_id, work.connection, work.key, work.seq, work.topic,
      picked.status AS was, work.attempts, work.asked, work.crashes, work.urgency, work.deadline,
      work.denied_at"""
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
      reference, correlation_id, order_id, cause_id
    FROM message
    LEFT JOIN message_version AS newest
      ON newest.message_id = message.id AND newest.merchant_id = message.merchant_id
      AND newest.version = message.version
    WHERE message.id = ANY (:ids) AND message.id BETWEEN :low AND :high"""
)
_CLOSE_ATTEMPTS = sa.text(
    """UPDATE attempt SET finished_at = now(), fate = 'worker_lost'
    WHERE finished_at IS NULL AND message_id IN (
      SELECT id FROM work
      WHERE lane_id = :lane_id AND fence < :fence AND status IN ('processing', 'sending'))"""
)
_RECOVER = sa.text(
    """WITH lost AS (
      SELECT work.id, work.fence IS DISTINCT FROM lane.let_go AS crashed,
        count(*) OVER (PARTITION BY work.fence) = 1 AS alone
      FROM work JOIN lane ON lane.id = work.lane_id
      WHERE work.lane_id = :lane_id AND work.fence < :fence
        AND work.status IN ('processing', 'sending')
    ), back AS (
      UPDATE work SET crashes = crashes + CAST(lost.crashed AS int),
        crashed_alone = crashed_alone + CAST(lost.crashed AND lost.alone AS int),
        status = CASE WHEN lost.crashed AND lost.alone AND crashed_alone + 1 >= :alone
          THEN 'parked' ELSE :status END,
        due = CASE WHEN :status = 'unknown' THEN now() + interval '10 s' ELSE due END,
        lane_id = NULL, fence = NULL
      FROM lost WHERE work.id = lost.id RETURNING work.id, work.status
    )
    UPDATE message SET error = jsonb_build_object('code', 'crashes_worker', 'path', '', 'message',
      'working on this message ended the worker three times')
    FROM back WHERE message.id = back.id AND back.status = 'parked' RETURNING message.id"""
)
_RELEASE = sa.text(
    """UPDATE work SET status = r.status, attempts = attempts - 1, lane_id = NULL, fence = NULL
    FROM unnest(CAST(:ids AS uuid[]), CAST(:status AS text[])) AS r (id, status)
    WHERE work.id = r.id AND work.lane_id = :lane_id AND work.fence = :fence
      AND work.status IN ('processing', 'sending')
    RETURNING work.id"""
)
_DROP_ATTEMPTS = sa.text("DELETE FROM attempt WHERE id = ANY (:ids)")
