"""Repeats that somebody posts again and again, under whatever id: known by their content, they cost
the database nothing once there are too many of them.

What is new always passes, however many repeats there were: they shut nobody out.
"""

import threading
from collections import OrderedDict

from hub.doors.limits import Buckets
from hub.store.messages.inbox import Arrival, Kept

PER_SECOND, BURST = 20, 500
"""So many repeats of one connection are counted one by one."""
_REMEMBERED = 10_000


class Repeats:
    """What came again of late, in one process."""

    def __init__(self, per_second: float = PER_SECOND, burst: float = BURST) -> None:
        self._buckets = Buckets(per_second, burst)
        self._known: OrderedDict[tuple[str, bytes], None] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, arrival: Arrival) -> float:
        """0 where it may be stored; else the seconds until one that came before counts again."""
        if arrival.content is None:
            return 0.0
        with self._lock:
            known = (arrival.connection, arrival.digest) in self._known
        return self._buckets.take(arrival.connection) if known else 0.0

    def note(self, arrival: Arrival, kept: Kept) -> None:
        """What was a repeat is remembered."""
        if not kept.repeat or arrival.content is None:
            return
        with self._lock:
            self._known[arrival.connection, arrival.digest] = None
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
