"""Bounds that one caller cannot exceed at the cost of others: at once, per second, and in guessing.

All of them are kept in the process: they protect it, and need no agreement with others.
"""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

AT_ONCE = 24
PER_SECOND, BURST = 200.0, 400.0
STRANGERS_PER_SECOND, STRANGERS_BURST = 20.0, 200.0
"""Refusals of one address that are told and logged one by one."""
FREE_FAILURES, LONGEST_WAIT_S = 5, 900.0
_MOST_KNOWN = 10_000


class InFlight:
    """How many requests of one name are worked at the same time."""

    def __init__(self, most: int = AT_ONCE) -> None:
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
        self,
        per_second: float = PER_SECOND,
        burst: float = BURST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate, self._burst, self._clock = per_second, burst, clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str) -> float:
        """Take a token: 0, or the seconds until there is one."""
        now = self._clock()
        with self._lock:
            tokens, at = self._held.pop(name, (self._burst, now))
            tokens = min(self._burst, tokens + (now - at) * self._rate)
            taken = tokens >= 1
            self._held[name] = (tokens - 1 if taken else tokens, now)
            if len(self._held) > _MOST_KNOWN:
                self._held.popitem(last=False)
        return 0.0 if taken else (1 - tokens) / self._rate


class Guessing:
    """Slows down an address that fails: five times for nothing, then doubling, to a quarter of an
    hour. What has proved itself lately passes all the same: nobody is locked out by a neighbour.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._proved: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str, credential: bytes) -> float:
        """Seconds until this address may try again; 0 for now."""
        with self._lock:
            if credential in self._proved:
                return 0.0
            _, until = self._failed.get(address, (0, 0.0))
        return max(0.0, until - self._clock())

    def failed(self, address: str, credential: bytes) -> None:
        """A credential was wrong."""
        with self._lock:
            self._proved.pop(credential, None)
            count = self._failed.pop(address, (0, 0.0))[0] + 1
            pause = 0.0
            if count > FREE_FAILURES:
                pause = min(LONGEST_WAIT_S, 2.0 ** min(count - FREE_FAILURES - 1, 20))
            self._failed[address] = (count, self._clock() + pause)
            if len(self._failed) > _MOST_KNOWN:
                self._failed.popitem(last=False)

    def proved(self, address: str, credential: bytes) -> None:
        """A credential was right."""
        with self._lock:
            self._failed.pop(address, None)
            self._proved[credential] = None
            self._proved.move_to_end(credential)
            if len(self._proved) > _MOST_KNOWN:
                self._proved.popitem(last=False)
