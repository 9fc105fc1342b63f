"""The bell: after a commit, lanes with something new are rung once each,
  off the path of whoever committed.

A ring that cannot be sent is counted and forgotten; the sweep rings again.
"""

import threading
from collections.abc import Iterable
from contextlib import suppress

from celery import Celery

from hub import logs
from hub.store import lanes
from hub.store.database import Database, DatabaseAway
from workers.app import publish

_GATHER_S = 0.002
"""Rings that come within this time become one."""

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
        self._lock = threading.Lock()
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
        self.failed = 0

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

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._stop.wait(_GATHER_S)
            self._wake.clear()
            with self._lock:
                rings, self._waiting = self._waiting, set()
                numbers, self._numbers = self._numbers, set()
            for number in sorted(numbers | self._lanes(rings)):
                self._publish(number)

    def _lanes(self, rings: set[Ring]) -> set[int]:
        unknown = [ring for ring in rings if ring not in self._known]
        if unknown:
            with suppress(DatabaseAway), self._database.begin() as db:
                for ring in unknown:
                    for number in lanes.of(db, ring[0], [(ring[1], ring[2])]):
                        self._known[ring] = number
        return {self._known[ring] for ring in rings if ring in self._known}

    def _publish(self, number: int) -> None:
        try:
            publish(self._app, number)
        except Exception as error:  # noqa: BLE001  # whatever the broker's client raises, the sweep rings again
            self.failed += 1
            log.warning("ring_failed", lane=number, reason=type(error).__name__)
