"""How much of a thing one name may have: at once, per second, in a while.

All of it is kept in the process: it protects it, and needs no agreement with others.
"""

import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_MOST_KNOWN = 10_000


class InFlight:
    """How many of one name are worked at the same time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._busy: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def enter(self, name: str) -> Iterator[bool]:
        """Whether there is room. Held until the block ends."""
        with self._lock:
            free = self._busy[name] < self._most
            if free:
                self._busy[name] += 1
        try:
            yield free
        finally:
            if free:
                self._leave(name)

    def _leave(self, name: str) -> None:
        with self._lock:
            self._busy[name] -= 1
            if not self._busy[name]:
                del self._busy[name]


class Buckets:
    """A token bucket for each name."""

    def __init__(
        self, per_second: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._clock = per_second, burst, clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str) -> float:
        """Take a token: 0, or the seconds until there is one."""
        now = self._clock()
        with self._lock:
            tokens, at = self._held.pop(name, (self._burst, now))
            tokens = min(self._burst, tokens + max(0.0, now - at) * self._rate)
            taken = tokens >= 1
            self._held[name] = (tokens - 1 if taken else tokens, now)
            if len(self._held) > _MOST_KNOWN:
                self._held.popitem(last=False)
        return 0.0 if taken else (1 - tokens) / self._rate

    def give_back(self, name: str) -> None:
        """A token that was taken is not needed."""
        with self._lock:
            if name in self._held:
                tokens, at = self._held[name]
                self._held[name] = (min(self._burst, tokens + 1), at)


class Window:
    """At most so many in so many seconds, for each name."""

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str) -> float:
        """0 where there was room and it is taken now; else the seconds until there is."""
        at = self._clock()
        with self._lock:
            times = self._times.setdefault(name, deque())
            self._times.move_to_end(name)
            if len(self._times) > _MOST_KNOWN:
                self._times.popitem(last=False)
            while times and times[0] <= at - self._seconds:
                times.popleft()
            if len(times) >= self._most:
                return times[0] + self._seconds - at
            times.append(at)
        return 0.0


class Seldom:
    """Once in a while, for each name, with how often it was kept back meanwhile."""

    def __init__(self, seconds: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._told: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def due(self, name: str) -> int | None:
        """None where it was said just now; else how often it was not said since it last was."""
        now = self._clock()
        with self._lock:
            at, kept_back = self._told.pop(name, (float("-inf"), 0))
            due = now - at >= self._seconds
            self._told[name] = (now, 0) if due else (at, kept_back + 1)
            if len(self._told) > _MOST_KNOWN:
                self._told.popitem(last=False)
        return kept_back if due else None
