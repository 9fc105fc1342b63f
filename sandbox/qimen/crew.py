"""The warehouse's own hands: a few threads that take up each order some time after it came."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable


class Crew:
    def __init__(
        self, do: Callable[[str], None], hands: int, delay: float, halt: threading.Event
    ) -> None:
        """`halt` is set while the crew is stopped; `do` is expected to look at it when it waits."""
        self._do, self._hands, self._delay, self._halt = do, hands, delay, halt
        self._due: list[tuple[float, int, str]] = []
        self._order = itertools.count()
        self._bell = threading.Condition()
        self._threads: list[threading.Thread] = []

    def add(self, code: str) -> None:
        if self._hands:
            with self._bell:
                due = time.monotonic() + self._delay
                heapq.heappush(self._due, (due, next(self._order), code))
                self._bell.notify()

    def clear(self) -> None:
        with self._bell:
            self._due.clear()

    def start(self) -> None:
        self._halt.clear()
        self._threads = [
            threading.Thread(target=self._run, daemon=True) for _ in range(self._hands)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._halt.set()
        with self._bell:
            self._bell.notify_all()
        for thread in self._threads:
            thread.join(timeout=15)
        self._threads = []

    def _run(self) -> None:
        while not self._halt.is_set():
            code = self._next()
            if code is not None:
                self._do(code)

    def _next(self) -> str | None:
        """The next order that is due; after a wait None, so that the caller looks about again."""
        with self._bell:
            if self._halt.is_set():
                return None
            wait = self._due[0][0] - time.monotonic() if self._due else 0.5
            if wait > 0:
                self._bell.wait(wait)
                return None
            return heapq.heappop(self._due)[2]
