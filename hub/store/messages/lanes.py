"""Lanes: (direction, connection, shard), each leased to one worker at a time under a rising fence.

Whoever takes a lane raises its fence; every transaction that finishes work first calls `guard` with
the fence it got, and a worker that lost its lease fails there. All times are the database's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.rows import Rows
from hub.store.base.statuses import CLAIMABLE, IN_HAND

LEASE_S = 45
IN, OUT = "in", "out"
POLL = "poll"
"""One lane a connection whose partner is asked what changed; made by `polls.plan`."""


class LeaseLost(Exception):
    """Another worker holds the lane now: nothing of what this one did may be committed."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane as its holder knows it."""

    id: int
    direction: str
    connection: str
    shard: int
    fence: int


def ensure(db: Connection, connection: str, shards: int) -> None:
    """Make the lanes of a connection. Made again, it changes nothing."""
    db.execute(_ENSURE, {"connection": connection, "shards": shards})


def take(db: Connection, lane_id: int, holder: int) -> Lane | None:
    """Lease a free or expired lane. None where somebody else holds it."""
    row = db.execute(_TAKE, {"id": lane_id, "holder": holder, "lease": LEASE_S}).one_or_none()
    return Lane(lane_id, row.direction, row.connection, row.shard, row.fence) if row else None


def guard(db: Connection, lane: Lane, lease_s: float = LEASE_S) -> None:
    """Lock the lane and renew its lease. LeaseLost where the fence has risen."""
    lease = max(lease_s, LEASE_S)
    if not db.execute(_GUARD, {"id": lane.id, "fence": lane.fence, "lease": lease}).rowcount:
        raise LeaseLost(f"lane {lane.id} was taken by another worker")


def free(db: Connection, lane: Lane) -> None:
    """Give the lane back."""
    db.execute(_FREE, {"id": lane.id, "fence": lane.fence})


def let_go(db: Connection, lane: Lane) -> None:
    """Give back a lane whose work was broken off by trouble with the database, not by the end of
    its holder: what was in hand has crashed nobody.
    """
    db.execute(_LET_GO, {"id": lane.id, "fence": lane.fence})


def due(db: Connection, directions: Sequence[str] = (IN, OUT, POLL)) -> list[int]:
    """Lanes nobody holds that have something to do now and may do it, those whose holder is gone,
    those where something came behind a parked message, and partners to ask what changed.
    """
    return list(db.scalars(_DUE, {"directions": list(directions)}))


def place(db: Connection, lane_id: int) -> tuple[str, str] | None:
    """A lane's direction and connection."""
    row = db.execute(_PLACE, {"id": lane_id}).one_or_none()
    return (row.direction, row.connection) if row else None


def of(db: Connection, direction: str, pairs: Sequence[tuple[str, int]]) -> list[int]:
    """The lanes of (connection, shard) pairs."""
    return list(db.scalars(_OF, {"direction": direction, **_PAIRS.of(pairs)}))


def free_all_of(db: Connection, holder: int) -> int:
    """Free what a dead worker held, so that others need not wait for its leases."""
    return db.execute(_FREE_HOLDER, {"holder": holder}).rowcount


def free_expired(db: Connection) -> int:
    """Free lanes whose lease ran out a while ago: their holder is frozen or cut off."""
    return db.execute(_FREE_EXPIRED).rowcount


def holders(db: Connection) -> list[int]:
    """The workers that hold lanes."""
    return list(db.scalars(sa.text("SELECT DISTINCT holder FROM lane WHERE holder IS NOT NULL")))


_FREE_EXPIRED = sa.text(
    """UPDATE lane SET holder = NULL, leased_until = NULL
    WHERE id IN (SELECT id FROM lane WHERE leased_until < now() - interval '10 s'
      FOR UPDATE SKIP LOCKED)"""
)
_ENSURE = sa.text(
    """INSERT INTO lane (direction, connection, shard)
    SELECT direction, :connection, shard
    FROM unnest(ARRAY['in', 'out']) AS direction, generate_series(0, :shards - 1) AS shard
    ON CONFLICT DO NOTHING"""
)
_TAKE = sa.text(
    """UPDATE lane SET holder = :holder, fence = fence + 1,
      leased_until = now() + :lease * interval '1 s'
    WHERE id = :id AND (holder IS NULL OR leased_until < now())
    RETURNING direction, connection, shard, fence"""
)
_GUARD = sa.text(
    """UPDATE lane SET leased_until = now() + :lease * interval '1 s'
    WHERE id = :id AND fence = :fence"""
)
_FREE = sa.text(
    "UPDATE lane SET holder = NULL, leased_until = NULL WHERE id = :id AND fence = :fence"
)
_LET_GO = sa.text(
    """UPDATE lane SET holder = NULL, leased_until = NULL, let_go = fence
    WHERE id = :id AND fence = :fence"""
)
_FREE_HOLDER = sa.text("UPDATE lane SET holder = NULL, leased_until = NULL WHERE holder = :holder")
PASSABLE = """head.direction = 'in' AND head.status = 'parked' AND EXISTS (
        SELECT FROM work AS behind
        WHERE behind.connection = head.connection AND behind.direction = 'in'
          AND behind.key = head.key AND behind.seq > coalesce(head.looked_at, 0)
          AND behind.merchant_id = head.merchant_id AND behind.status = 'behind')"""
"""Of a row `head` of work: it is parked, and what came behind it was not looked at yet."""
_DUE = sa.text(
    f"""SELECT lane.id FROM lane
    JOIN LATERAL (
      SELECT due FROM work
      WHERE work.connection = lane.connection AND work.direction = lane.direction
        AND work.shard = lane.shard
        AND work.status IN {CLAIMABLE} AND work.due <= now()
      ORDER BY urgency, due LIMIT 1
    ) AS first ON true
    WHERE (lane.holder IS NULL OR lane.leased_until < now()) AND lane.direction = ANY (:directions)
      AND (lane.direction = 'in' OR NOT EXISTS (SELECT FROM partner_state AS p
        WHERE p.connection = lane.connection AND p.blocked_until > now()))
    UNION ALL
    SELECT lane.id FROM lane
    WHERE lane.direction = ANY (:directions) AND (lane.holder IS NULL OR lane.leased_until < now())
      AND EXISTS (SELECT FROM work WHERE work.lane_id = lane.id AND work.status IN {IN_HAND})
    UNION ALL
    SELECT DISTINCT lane.id FROM work AS head
    JOIN lane ON lane.direction = 'in' AND lane.connection = head.connection
      AND lane.shard = head.shard AND lane.direction = ANY (:directions)
      AND (lane.holder IS NULL OR lane.leased_until < now())
    JOIN connection ON connection.code = lane.connection AND connection.status <> 'paused'
    WHERE {PASSABLE}
    UNION ALL
    SELECT lane.id FROM lane
    JOIN connection ON connection.code = lane.connection AND connection.status <> 'paused'
    WHERE lane.direction = 'poll' AND lane.direction = ANY (:directions)
      AND (lane.holder IS NULL OR lane.leased_until < now())
      AND EXISTS (SELECT FROM poll WHERE poll.connection = lane.connection
        AND poll.merchant_id = connection.merchant_id AND poll.due <= now())
      AND NOT EXISTS (SELECT FROM partner_state AS p
        WHERE p.connection = lane.connection AND p.blocked_until > now())"""  # noqa: S608  # ours
)
_PLACE = sa.text("SELECT direction, connection FROM lane WHERE id = :id")
_PAIRS = Rows(name="text", shard="int")
_OF = sa.text(
    f"""SELECT lane.id FROM lane
    JOIN {_PAIRS.named("wanted")}
      ON lane.connection = wanted.name AND lane.shard = wanted.shard
    WHERE lane.direction = :direction"""  # noqa: S608  # ours
)
