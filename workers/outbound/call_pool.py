"""Calls under way for one lane: so many at a time, and another begins as soon as one has ended, so
that none waits for the slowest of its batch.
"""

import threading
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Executor
from queue import Empty, SimpleQueue

from workers.outbound.call_guard import Gate
from workers.outbound.calls import Job, Outcome, first_error

_MOMENT_S = 0.05
"""After one call has ended others are waited for so long: they are kept together."""
_LOOK_S = 0.25
"""While calls take their time and there is room beside them, one looks for more this often."""


class Window:
    """Used by one thread. Its calls run in a pool that outlives it."""

    def __init__(self, pool: Executor, width: int, gate: Gate) -> None:
        """`width`: calls at the same time."""
        self._pool, self._width, self._gate = pool, width, gate
        self._jobs: deque[Job] = deque()
        self._running = 0
        self._lock = threading.Lock()
        self._ended: SimpleQueue[list[Outcome] | Exception | None] = SimpleQueue()
        self._callers = 0

    def add(self, jobs: Iterable[Job]) -> None:
        """Begin these as soon as there is room."""
        with self._lock:
            self._jobs.extend(jobs)
            fresh = max(min(self._width - self._running, len(self._jobs)), 0)
            self._running += fresh
        for _ in range(fresh):
            self._callers += 1
            self._pool.submit(self._call)

    @property
    def is_busy(self) -> bool:
        """Whether a call is under way, or has ended and was not looked at."""
        return self._callers > 0

    def some(self, most: int) -> list[Outcome]:
        """What has ended: waits for the first, then a moment for more, up to `most`. Nothing where
        no call is under way any more, or where there was room for one and none ended for a while.
        Raises what is no fate of a call.
        """
        outcomes: list[Outcome] = []
        until = time.monotonic() + _LOOK_S if self._callers < self._width else None
        while self._callers and len(outcomes) < most:
            try:
                ended = self._ended.get(timeout=until and max(until - time.monotonic(), 0.0))
            except Empty:
                break
            if ended is None:
                self._callers -= 1
            elif isinstance(ended, Exception):
                raise ended
            else:
                if not outcomes:
                    until = time.monotonic() + _MOMENT_S
                outcomes += ended
        return outcomes

    def stop(self) -> None:
        """Begin nothing more, and wait for what is under way."""
        with self._lock:
            self._jobs.clear()
        while self._callers:
            if self._ended.get() is None:
                self._callers -= 1

    def _call(self) -> None:
        """Call after call, until none is left or the gate is closed."""
        try:
            while (job := self._next()) is not None:
                outcomes = job()
                self._gate.hear(first_error(outcomes))
                self._ended.put(outcomes)
        except Exception as error:  # noqa: BLE001  # raised by whoever waits
            with self._lock:
                self._running -= 1
            self._ended.put(error)
        self._ended.put(None)

    def _next(self) -> Job | None:
        open_ = self._gate.is_open()
        with self._lock:
            if open_ and self._jobs:
                return self._jobs.popleft()
            self._running -= 1
            return None
