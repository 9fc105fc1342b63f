"""Who a worker process is: a number, a session lock that dies with it, and a heartbeat.

Whoever obtains the lock of a number knows that its process is dead, and frees its lanes at once.
"""

import os
import socket
import threading
import time
from contextlib import suppress

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from hub.store import lanes
from hub.store.database import Database, DatabaseAway

_CLASS = 0x6F68
"""First half of the advisory locks of workers."""
_BEAT_S, _AGAIN_S = 5.0, 0.5


class Identity:
    """This process among the workers."""

    def __init__(self, database: Database, kind: str) -> None:
        self._database, self._kind = database, kind
        self._stop = threading.Event()
        self._progress = time.monotonic()
        self.number = 0
        self._session: sa.Connection | None = None
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    @property
    def name(self) -> str:
        """How attempts and logs call this worker."""
        return f"{socket.gethostname()}:{os.getpid()}"

    def start(self) -> "Identity":
        """Enlist, and beat from a thread of its own."""
        self.enlist()
        self._thread.start()
        return self

    def progress(self) -> None:
        """Say that the work goes on."""
        self._progress = time.monotonic()

    def stop(self) -> None:
        """Free what is held and leave."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)
        with suppress(DatabaseAway, DBAPIError), self._database.begin() as db:
            lanes.free_all_of(db, self.number)
            db.execute(
                sa.text("UPDATE worker SET ended_at = now() WHERE number = :n"), {"n": self.number}
            )
        if self._session is not None:
            with suppress(SQLAlchemyError):
                self._session.close()

    def enlist(self) -> None:
        """Get a number and hold its lock."""
        with self._database.begin() as db:
            self.number = db.scalar(
                _ENLIST, {"kind": self._kind, "host": socket.gethostname(), "pid": os.getpid()}
            )
        self._hold()

    def _run(self) -> None:
        while not self._stop.wait(_BEAT_S if self._session is not None else _AGAIN_S):
            try:
                self._beat()
            except (DatabaseAway, SQLAlchemyError):
                self._drop()

    def _beat(self) -> None:
        idle = time.monotonic() - self._progress
        with self._database.begin() as db:
            at = {"number": self.number, "idle": idle, "clock": time.time()}
            db.execute(_BEAT, at)
        if self._session is None:
            self._hold()
        else:
            self._session.execute(sa.text("SELECT 1"))

    def _hold(self) -> None:
        """Hold the lock in a session of its own. Where another has it (a session that was cut off
        and not noticed, somebody who looks for the dead) the next beat tries again.
        """
        session = self._database.direct()
        if session.scalar(_TRY, {"class": _CLASS, "number": self.number}):
            self._session = session
        else:
            session.close()

    def _drop(self) -> None:
        """The session is lost, its lock with it: it is held again under the same number."""
        session, self._session = self._session, None
        if session is not None:
            with suppress(SQLAlchemyError):
                session.invalidate()
            with suppress(SQLAlchemyError):
                session.close()


def bury_the_dead(database: Database) -> int:
    """Free the lanes of workers whose session is gone, and note that they died. Returns how many
    lanes that were.
    """
    freed = 0
    session = database.direct()
    try:
        for number in sorted({*lanes.holders(session), *session.scalars(_UNHEARD)}):
            if session.scalar(_TRY, {"class": _CLASS, "number": number}):
                freed += lanes.free_all_of(session, number)
                session.execute(_BURY, {"number": number})
                session.execute(_UNLOCK, {"class": _CLASS, "number": number})
    finally:
        session.close()
    return freed


_ENLIST = sa.text(
    "INSERT INTO worker (kind, host, pid) VALUES (:kind, :host, :pid) RETURNING number"
)
_BEAT = sa.text(
    """UPDATE worker SET beat_at = now(), progress_at = now() - :idle * interval '1 s',
      ended_at = NULL, died = false,
      clock_s = :clock - extract(epoch FROM clock_timestamp())
    WHERE number = :number"""
)
_UNHEARD = sa.text(
    "SELECT number FROM worker WHERE ended_at IS NULL AND beat_at < now() - interval '15 s'"
)
_BURY = sa.text(
    "UPDATE worker SET ended_at = now(), died = true WHERE number = :number AND ended_at IS NULL"
)
_TRY = sa.text("SELECT pg_try_advisory_lock(:class, CAST(:number AS int))")
_UNLOCK = sa.text("SELECT pg_advisory_unlock(:class, CAST(:number AS int))")
