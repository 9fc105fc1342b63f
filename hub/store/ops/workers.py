"""Worker processes as they are noted: a row by its number with a heartbeat, and beside it a lock of
a session, which dies with the process. All times are the database's.
"""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.statuses import CLAIMABLE

_CLASS = 0x6F68
"""First half of the advisory locks of workers."""


class Beat(NamedTuple):
    """How long ago a process was heard of, and how long ago it got on, in seconds."""

    pid: int
    beat_s: float
    progress_s: float


def enlist(db: Connection, kind: str, host: str, pid: int) -> int:
    """Note a new process. Returns its number."""
    return int(db.execute(_ENLIST, {"kind": kind, "host": host, "pid": pid}).scalar_one())


def beat(db: Connection, number: int, *, idle_s: float, clock_s: float) -> None:
    """A process lives. `idle_s`: since when it did not get on; `clock_s`: what its own clock says,
    in seconds of Unix. One that was taken for dead is among the living again.
    """
    db.execute(_BEAT, {"number": number, "idle": idle_s, "clock": clock_s})


def leave(db: Connection, number: int) -> None:
    """A process ends of its own will."""
    db.execute(sa.text("UPDATE worker SET ended_at = now() WHERE number = :n"), {"n": number})


def hold(session: Connection, number: int) -> bool:
    """Take the lock of a number, for as long as the session lasts. False where another has it."""
    return bool(session.scalar(_HOLD, {"class": _CLASS, "number": number}))


def let_go(session: Connection, number: int) -> None:
    """Free the lock of a number."""
    session.execute(_LET_GO, {"class": _CLASS, "number": number})


def unheard(db: Connection) -> list[int]:
    """The numbers of those that did not end and missed their last beats."""
    return list(db.scalars(_UNHEARD))


def bury(db: Connection, number: int) -> None:
    """Note that a process died. One that ended of its own will stays as it is."""
    db.execute(_BURY, {"number": number})


def last_beat(db: Connection, kind: str, host: str) -> Beat | None:
    """Of the processes of a kind on a machine the one that beat last; None where none runs."""
    row = db.execute(_LAST_BEAT, {"kind": kind, "host": host}).one_or_none()
    return Beat(*row) if row else None


def leave_work_lying(db: Connection, seconds: float) -> bool:
    """Whether work is due for so long and nobody holds its lane."""
    return bool(db.scalar(_LEFT_LYING, {"seconds": seconds}))


def forget_old(db: Connection) -> None:
    """Drop processes that are long gone."""
    db.execute(sa.text("DELETE FROM worker WHERE beat_at < now() - interval '7 days'"))


_ENLIST = sa.text(
    "INSERT INTO worker (kind, host, pid) VALUES (:kind, :host, :pid) RETURNING number"
)
_BEAT = sa.text(
    """UPDATE worker SET beat_at = now(), progress_at = now() - :idle * interval '1 s',
      ended_at = NULL, died = false,
      clock_s = :clock - extract(epoch FROM clock_timestamp())
    WHERE number = :number"""
)
_HOLD = sa.text("SELECT pg_try_advisory_lock(:class, CAST(:number AS int))")
_LET_GO = sa.text("SELECT pg_advisory_unlock(:class, CAST(:number AS int))")
_UNHEARD = sa.text(
    "SELECT number FROM worker WHERE ended_at IS NULL AND beat_at < now() - interval '15 s'"
)
_BURY = sa.text(
    "UPDATE worker SET ended_at = now(), died = true WHERE number = :number AND ended_at IS NULL"
)
_LAST_BEAT = sa.text(
    """SELECT pid, CAST(extract(epoch FROM now() - beat_at) AS float) AS beat_s,
      CAST(extract(epoch FROM now() - progress_at) AS float) AS progress_s
    FROM worker WHERE kind = :kind AND host = :host AND ended_at IS NULL
    ORDER BY beat_at DESC LIMIT 1"""
)
_LEFT_LYING = sa.text(
    f"""SELECT EXISTS (SELECT FROM work JOIN lane USING (connection, direction, shard)
      WHERE work.status IN {CLAIMABLE}
        AND work.due < now() - :seconds * interval '1 s'
        AND (lane.holder IS NULL OR lane.leased_until < now()))"""  # noqa: S608  # ours
)
