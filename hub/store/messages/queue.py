"""Unfinished messages: claim them in batches, and load them.

Only the first unfinished message of a key has a claimable status; the rest are `behind` and are
let go one by one as the one before them finishes (`finish`). A key's counter row (`message_key`) is
locked whenever its queue grows or shrinks. What waits for a fact is woken by `message_waits`.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import new_ids, span
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault, VaultError
from hub.store.base.statuses import CLAIMABLE
from hub.store.messages.claimed import Claimed
from hub.store.messages.lanes import Lane

BATCH = {"in": 200, "out": 50}
BULK_PART = 5
"""Where bulk waits, one in so many messages of a batch is bulk."""
_CLAIMED = {"in": "processing", "out": "sending"}


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
    attempts = new_ids(len(rows))
    if rows:
        write(
            db,
            _BEGIN_ATTEMPTS,
            {
                **_ATTEMPTS.of(
                    (attempt_id, row.merchant_id, row.id, row.attempts)
                    for row, attempt_id in zip(rows, attempts, strict=True)
                ),
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
    messages = {row.id: row for row in db.execute(_LOAD, {"ids": ids, **span(ids)})}
    return [_claimed(vault, row, attempt_id, messages[row.id]) for row, attempt_id in claimed]


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
        edited=message.edited,
    )


def _opened(vault: Vault, sealed: bytes, row: Any) -> bytes | None:
    """None where it does not open: that is this message's fate, not its lane's."""
    try:
        return vault.open(sealed, "message.payload", row.merchant_id, row.id)
    except VaultError:
        return None


def _lane(lane: Lane) -> dict[str, Any]:
    return {"connection": lane.connection, "direction": lane.direction, "shard": lane.shard}


_FIRST = sa.text(
    f"""SELECT crashes, EXISTS (
        SELECT FROM work AS b
        WHERE b.connection = :connection AND b.direction = :direction AND b.shard = :shard
          AND b.status IN {CLAIMABLE} AND b.due <= now()
          AND b.urgency = 1) AS bulk_waits
    FROM work
    WHERE connection = :connection AND direction = :direction AND shard = :shard
      AND status IN {CLAIMABLE} AND due <= now()
    ORDER BY urgency, due, id LIMIT 1"""  # noqa: S608  # ours
)
_CLAIM = sa.text(
    f"""WITH picked AS (
      SELECT id, merchant_id, status FROM work
      WHERE connection = :connection AND direction = :direction AND shard = :shard
        AND status IN {CLAIMABLE} AND due <= now()
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
      work.denied_at"""  # noqa: S608  # ours
)
_WAITING = sa.text(
    f"""SELECT lane.shard = :shard AS mine, class.urgency, count(*) AS total
    FROM lane CROSS JOIN (VALUES (CAST(0 AS smallint)), (CAST(1 AS smallint))) AS class (urgency)
    CROSS JOIN LATERAL (
      SELECT FROM work
      WHERE work.connection = lane.connection AND work.direction = lane.direction
        AND work.shard = lane.shard AND work.urgency = class.urgency
        AND work.status IN {CLAIMABLE} AND work.due <= now()
      LIMIT CASE WHEN lane.shard = :shard THEN :most ELSE 1 END
    ) AS due
    WHERE lane.connection = :connection AND lane.direction = :direction GROUP BY 1, 2"""  # noqa: S608  # ours
)
_ATTEMPTS = Rows(id="uuid", merchant="text", message="uuid", number="int")
_BEGIN_ATTEMPTS = sa.text(
    f"""INSERT INTO attempt (id, merchant_id, message_id, number, worker, deadline)
    SELECT id, merchant, message, number, :worker,
      now() + CAST(:deadline_s AS float) * interval '1 s'
    FROM {_ATTEMPTS.named("a")}"""  # noqa: S608  # ours
)
_LOAD = sa.text(
    """SELECT message.id, coalesce(newest.payload, message.payload) AS payload, outward_key,
      reference, correlation_id, order_id, cause_id, newest.payload IS NOT NULL AS edited
    FROM message
    LEFT JOIN message_version AS newest
      ON newest.message_id = message.id AND newest.merchant_id = message.merchant_id
      AND newest.version = message.version
    WHERE message.id = ANY (:ids) AND message.id BETWEEN :low AND :high"""
)
