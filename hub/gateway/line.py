"""Requests that wait for a thread: fair between those they are for, bounded in number and time.

Each door (a connection's address, the Open API, ...) has its own queue and they take turns: who
sends much waits longer, and nobody waits behind somebody else's flood.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Line(Generic[T]):
    """Used by one thread. `most`: waiting in all; `each`: of one door; `share`: worked at once."""

    def __init__(self, most: int, each: int, share: int) -> None:
        self._most, self._each, self._share = most, each, share
        self._queues: OrderedDict[str, deque[tuple[float, T]]] = OrderedDict()
        self._working: Counter[str] = Counter()
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def room(self, door: str) -> str:
        """Why no more may wait: `busy` where the door has its share, `full`; empty where it may."""
        if len(self._queues.get(door, ())) >= self._each:
            return "busy"
        return "full" if self._waiting >= self._most else ""

    def put(self, door: str, one: T, now: float) -> None:
        """It waits from `now` on."""
        self._queues.setdefault(door, deque()).append((now, one))
        self._waiting += 1

    def take(self) -> tuple[str, T] | None:
        """The next, of the door whose turn it is and that does not hold its share already."""
        for door, queue in self._queues.items():
            if self._working[door] < self._share:
                self._queues.move_to_end(door)
                self._waiting -= 1
                self._working[door] += 1
                _, one = queue.popleft()
                if not queue:
                    del self._queues[door]
                return door, one
        return None

    def done(self, door: str) -> None:
        """One that was taken has been answered."""
        self._working[door] -= 1
        if self._working[door] <= 0:
            del self._working[door]

    def expired(self, before: float) -> Iterator[T]:
        """Those who wait since before that time; they wait no longer."""
        for door in list(self._queues):
            queue = self._queues[door]
            while queue and queue[0][0] < before:
                self._waiting -= 1
                yield queue.popleft()[1]
            if not queue:
                del self._queues[door]
