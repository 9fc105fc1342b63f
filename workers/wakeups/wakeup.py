"""The bell: after a commit, lanes with something new are rung once each, off the path of whoever
committed.

A ring that cannot be sent is counted and forgotten; the sweep rings again.
"""

import gc
import heapq
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from celery import Celery
from sqlalchemy.exc import DBAPIError

from hub import logs
from hub.store.base.database import Database
from hub.store.base.failures import DatabaseAway
from hub.store.messages import lanes
from workers.app import publish

_GATHER_S = 0.002
"""Rings that come within this time become one."""
_ASK_S, _ANSWER_S = 15.0, 3.0
"""Where no bell rang for so long the broker is asked, and must answer within this."""
_LEFT = 50
"""Calls that failed after which garbage is looked for. The broker's client leaves its buffers in
cycles, a quarter of a MB each time that something answers in the broker's place and hangs up; the
collector, which is to look seldom (`hub.memory`), would come after thousands of them.
"""

log = logs.get("bell")
Ring = tuple[str, str, int]
"""(direction, connection, shard)."""


class Bell:
    """Rings lanes by a thread of its own."""

    def __init__(self, app: Celery, database: Database) -> None:
        self._app, self._database = app, database
        self._known: dict[Ring, int] = {}
        self._waiting: set[Ring] = set()
        self._numbers: set[int] = set()
        self._later: list[tuple[float, int]] = []
        self._lock = threading.Lock()
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
        self.failed = 0
        self.failing_since: float | None = None
        self._failed_before = self._errors = 0
        self._tried_at = time.monotonic()

    def start(self) -> "Bell":
        self._thread.start()
        return self

    def ring(self, rings: Iterable[Ring]) -> None:
        """Ring these lanes soon. Never blocks, never fails."""
        with self._lock:
            self._waiting.update(rings)
        self._wake.set()

    def ring_lanes(self, numbers: Iterable[int]) -> None:
        """Ring lanes by their numbers."""
        with self._lock:
            self._numbers.update(numbers)
        self._wake.set()

    def ring_later(self, number: int, seconds: float) -> None:
        """Ring a lane after so long; lost where the process ends before, as the sweep rings too."""
        with self._lock:
            heapq.heappush(self._later, (time.monotonic() + seconds, number))
        self._wake.set()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(self._next_s())
            self._stop.wait(_GATHER_S)
            self._wake.clear()
            with self._lock:
                rings, self._waiting = self._waiting, set()
                numbers, self._numbers = self._numbers, set()
                while self._later and self._later[0][0] <= time.monotonic():
                    numbers.add(heapq.heappop(self._later)[1])
            for number in sorted(numbers | self._lanes(rings)):
                self._publish(number)

    def _next_s(self) -> float | None:
        """Seconds until a lane is to be rung; None where none is."""
        with self._lock:
            return max(self._later[0][0] - time.monotonic(), 0.0) if self._later else None

    def _lanes(self, rings: set[Ring]) -> set[int]:
        unknown = [ring for ring in rings if ring not in self._known]
        if unknown:
            with suppress(DatabaseAway, DBAPIError), self._database.begin() as db:
                for ring in unknown:
                    for number in lanes.of(db, ring[0], [(ring[1], ring[2])]):
                        self._known[ring] = number
        return {self._known[ring] for ring in rings if ring in self._known}

    def away_s(self) -> float:
        """For how long the broker has taken no bell, 0 where it does. Asks it where none rang for a
        while.
        """
        if time.monotonic() - self._tried_at > _ASK_S:
            self._try(self._ask)
        since = self.failing_since
        return 0.0 if since is None else max(time.monotonic() - since, 0.001)

    def _ask(self) -> None:
        with self._app.connection_for_write(connect_timeout=_ANSWER_S) as connection:
            connection.ensure_connection(max_retries=1, timeout=_ANSWER_S)

    def _publish(self, number: int) -> None:
        if not self._try(lambda: publish(self._app, number)):
            self.failed += 1

    def _try(self, call: Callable[[], None]) -> bool:
        """Whether the broker took it. Said once when it ceases to, once when it does again."""
        self._tried_at = time.monotonic()
        try:
            call()
        except Exception as error:  # noqa: BLE001  # whatever the broker's client raises, the sweep rings again
            if self.failing_since is None:
                self.failing_since, self._failed_before = time.monotonic(), self.failed
                log.warning("ring_failed", reason=type(error).__name__)
            self._errors += 1
            if self._errors % _LEFT == 0:
                gc.collect(0)
            return False
        if self.failing_since is not None:
            seconds = round(time.monotonic() - self.failing_since, 1)
            self.failing_since = None
            log.info("rings_again", failed=self.failed - self._failed_before, seconds=seconds)
        return True
