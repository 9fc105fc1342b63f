"""How often one name may do a thing in a while. Kept in the process: it protects it."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

_MOST_KNOWN = 10_000


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
