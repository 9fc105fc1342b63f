"""Lanes whose bells do not come: a worker that hears none while work is due looks for itself.

The broker may be away, frozen, or emptied again and again; the sweep rings in vain then. Nothing is
asked of the broker here, only whether bells come.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from hub import logs
from hub.store.base.database import Database
from hub.store.base.failures import DatabaseAway
from hub.store.messages import lanes
from workers.registration import bury_the_dead

SILENCE_S = 5.0
"""So long after the last bell it looks: the sweep rings what is due every two seconds."""
_LOOK_S = 1.0

log = logs.get("unrung")


class Unrung:
    """Drains due lanes without bells while none come. It begins nothing while one is worked on."""

    def __init__(self, database: Database, threads: int) -> None:
        self._database, self._threads = database, threads
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._running, self._heard_at = 0, time.monotonic()
        self._begun: dict[int, Future[None]] = {}
        self._thread: threading.Thread | None = None

    @contextmanager
    def bell(self) -> Iterator[None]:
        """A bell has come and is worked on."""
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                self._heard_at = time.monotonic()

    def start(self, drain: Callable[[int], None]) -> None:
        """From now on, with this for each lane."""
        self._thread = threading.Thread(target=self._run, args=(drain,), name="unrung", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Begin nothing more, and wait for what runs."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def is_silent(self) -> bool:
        """Whether no bell is worked on and none came for a while."""
        with self._lock:
            return not self._running and time.monotonic() - self._heard_at > SILENCE_S

    def _run(self, drain: Callable[[int], None]) -> None:
        with ThreadPoolExecutor(self._threads, thread_name_prefix="unrung") as pool:
            was_silent = False
            while not self._stop.wait(_LOOK_S):
                silent = self.is_silent()
                begun = self._look(pool, drain) if silent else 0
                if begun and not was_silent:
                    log.warning("bells_missing", lanes=begun)
                was_silent = silent and (was_silent or begun > 0)

    def _look(self, pool: ThreadPoolExecutor, drain: Callable[[int], None]) -> int:
        """Begin with every lane that is due. Returns how many those were."""
        try:
            bury_the_dead(self._database)  # who rings for them may be dead as well
            with self._database.begin() as db:
                due = lanes.due(db)
        except (DatabaseAway, SQLAlchemyError):
            return 0
        self._begun = {lane: run for lane, run in self._begun.items() if not run.done()}
        fresh = [lane for lane in due if lane not in self._begun]
        for lane in fresh:
            self._begun[lane] = pool.submit(drain, lane)
        return len(fresh)
