"""Requests that wait for a thread: fair between those they are for, bounded in number and time.

Doors (a connection's address, the Open API, ...) take turns, and at each door its callers: who
sends much waits longer, and nobody waits behind somebody else's flood. Where all places are taken,
the longest queue gives way.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Turn(NamedTuple):
    """At which door, for which caller, and how many of that caller's may be worked at once."""

    door: str
    caller: str = ""
    most: int = 1 << 30


class Line(Generic[T]):
    """Used by one thread. `most`: waiting in all; `each`: of one caller at one door; `share`: of
    one door worked at once.
    """

    def __init__(self, most: int, each: int, share: int) -> None:
        self._most, self._each, self._share = most, each, share
        self._doors: OrderedDict[str, OrderedDict[Turn, deque[tuple[float, T]]]] = OrderedDict()
        self._working: Counter[str | Turn] = Counter()
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def room(self, turn: Turn) -> str:
        """Why it may not wait: `busy` (the caller has its share), `full`; empty where it may."""
        callers = self._doors.get(turn.door)
        own = len(callers.get(turn, ())) if callers else 0
        if own >= self._each:
            return "busy"
        full = self._waiting >= self._most and len(self._longest()) <= own + 1
        return "full" if full else ""

    def put(self, turn: Turn, visit: T, now: float) -> T | None:
        """It waits from `now` on. Returns who gives way to it, the last of the longest queue."""
        gone = None
        if self._waiting >= self._most:
            _, gone = self._longest().pop()
            self._waiting -= 1
        self._doors.setdefault(turn.door, OrderedDict()).setdefault(turn, deque()).append(
            (now, visit)
        )
        self._waiting += 1
        return gone

    def take(self) -> tuple[Turn, T] | None:
        """The next, of the door and there of the caller whose turn it is and who have not got their
        share already.
        """
        for door, callers in self._doors.items():
            if self._working[door] >= self._share:
                continue
            turn = next(
                (waiting for waiting in callers if self._working[waiting] < waiting.most), None
            )
            if turn is not None:
                self._doors.move_to_end(door)
                callers.move_to_end(turn)
                self._waiting -= 1
                self._working[door] += 1
                self._working[turn] += 1
                _, visit = callers[turn].popleft()
                self._tidy(turn)
                return turn, visit
        return None

    def done(self, turn: Turn) -> None:
        """One that was taken has been answered."""
        for name in (turn.door, turn):
            self._working[name] -= 1
            if self._working[name] <= 0:
                del self._working[name]

    def expired(self, before: float) -> Iterator[T]:
        """Those who wait since before that time; they wait no longer."""
        for turn in [turn for callers in self._doors.values() for turn in callers]:
            queue = self._doors[turn.door][turn]
            while queue and queue[0][0] < before:
                self._waiting -= 1
                yield queue.popleft()[1]
            self._tidy(turn)

    def _longest(self) -> deque[tuple[float, T]]:
        return max((queue for them in self._doors.values() for queue in them.values()), key=len)

    def _tidy(self, turn: Turn) -> None:
        callers = self._doors[turn.door]
        if not callers[turn]:
            del callers[turn]
        if not callers:
            del self._doors[turn.door]
