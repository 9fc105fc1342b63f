"""What was claimed and not worked on to its end goes back to its queue: released by who held it, or
recovered after a holder was lost.
"""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.rows import Rows
from hub.store.base.statuses import IN_HAND
from hub.store.messages.claimed import Claimed
from hub.store.messages.lanes import IN, Lane

CRASHES_ALONE = 3


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
        **_RELEASED.of((message.id, message.was) for message in messages),
        "lane_id": lane.id,
        "fence": lane.fence,
    }
    back = set(db.scalars(_RELEASE, mine))
    db.execute(
        _DROP_ATTEMPTS, {"ids": [message.attempt_id for message in messages if message.id in back]}
    )


_CLOSE_ATTEMPTS = sa.text(
    f"""UPDATE attempt SET finished_at = now(), fate = 'worker_lost'
    WHERE finished_at IS NULL AND message_id IN (
      SELECT id FROM work
      WHERE lane_id = :lane_id AND fence < :fence AND status IN {IN_HAND})"""  # noqa: S608  # ours
)
_RECOVER = sa.text(
    f"""WITH lost AS (
      SELECT work.id, work.fence IS DISTINCT FROM lane.let_go AS crashed,
        count(*) OVER (PARTITION BY work.fence) = 1 AS alone
      FROM work JOIN lane ON lane.id = work.lane_id
      WHERE work.lane_id = :lane_id AND work.fence < :fence
        AND work.status IN {IN_HAND}
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
    FROM back WHERE message.id = back.id AND back.status = 'parked' RETURNING message.id"""  # noqa: S608  # ours
)
_RELEASED = Rows(id="uuid", status="text")
_RELEASE = sa.text(
    f"""UPDATE work SET status = r.status, attempts = attempts - 1, lane_id = NULL, fence = NULL
    FROM {_RELEASED.named("r")}
    WHERE work.id = r.id AND work.lane_id = :lane_id AND work.fence = :fence
      AND work.status IN {IN_HAND}
    RETURNING work.id"""  # noqa: S608  # ours
)
_DROP_ATTEMPTS = sa.text("DELETE FROM attempt WHERE id = ANY (:ids)")
