"""Who a worker process is: a number, a session lock that dies with it, and a heartbeat.

Whoever obtains the lock of a number knows that its process is dead, and frees its lanes at once.
"""

import os
import socket
import threading
import time
from contextlib import suppress

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from hub.store.base import server
from hub.store.base.database import Database
from hub.store.base.failures import DatabaseAway
from hub.store.messages import lanes
from hub.store.ops import workers

_BEAT_S, _AGAIN_S = 5.0, 0.5


class Identity:
    """This process among the workers."""

    def __init__(self, database: Database, kind: str) -> None:
        self._database, self.kind = database, kind
        self._stop = threading.Event()
        self._progress = time.monotonic()
        self.number = 0
        self._session: Connection | None = None
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
            workers.leave(db, self.number)
        if self._session is not None:
            with suppress(SQLAlchemyError):
                self._session.close()

    def enlist(self) -> None:
        """Get a number and hold its lock."""
        with self._database.begin() as db:
            self.number = workers.enlist(db, self.kind, socket.gethostname(), os.getpid())
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
            workers.beat(db, self.number, idle_s=idle, clock_s=time.time())
        if self._session is None:
            self._hold()
        else:
            server.answer(self._session)

    def _hold(self) -> None:
        """Hold the lock in a session of its own. Where another has it (a session that was cut off
        and not noticed, somebody who looks for the dead) the next beat tries again.
        """
        session = self._database.direct()
        if workers.hold(session, self.number):
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
        for number in sorted({*lanes.holders(session), *workers.unheard(session)}):
            if workers.hold(session, number):
                freed += lanes.free_all_of(session, number)
                workers.bury(session, number)
                workers.let_go(session, number)
    finally:
        session.close()
    return freed
