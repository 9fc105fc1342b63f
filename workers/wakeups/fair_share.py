"""Who sits where: which connection's lanes the threads of this process drain, so that none has
them all.

A connection may hold half of the threads, partners to be told or asked three quarters: one that
hangs never stops the others, nor what comes in. Where every thread is taken a drain gives way after
each second. Bulk that comes in takes a tenth of the time while others have orders to work.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

SLICE_S = 1.0
"""So long a drain goes on while every thread is taken."""
BULK_PAUSE = 9.0
"""So many times as long as a batch of bulk took, bulk rests while others work."""
_FRESH_S = 0.2
"""Work that ended no longer ago still counts: orders come in many small batches."""


@dataclass(slots=True)
class _Seat:
    direction: str
    connection: str
    since: float
    bulk: bool = False


@dataclass(slots=True)
class Seats:
    """The threads of one process."""

    threads: int = 24
    clock: Callable[[], float] = time.monotonic
    _taken: dict[int, _Seat] = field(default_factory=dict)
    _turned_away: dict[int, None] = field(default_factory=dict)
    _worked: dict[str, float] = field(default_factory=dict)
    _rest_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, lane_id: int, direction: str, connection: str) -> bool:
        """Take a seat. False where this connection, or telling partners, has its part already:
        the lane is named again by `leave`.
        """
        with self._lock:
            taken = self._taken.values()
            mine = sum(seat.connection == connection for seat in taken)
            telling = sum(seat.direction != "in" for seat in taken)
            full = mine >= max(1, self.threads // 2) and self.threads > 1
            crowded = direction != "in" and telling >= self.threads - self.threads // 4
            if full or crowded or lane_id in self._taken:
                self._turned_away[lane_id] = None
                return False
            self._taken[lane_id] = _Seat(direction, connection, self.clock())
            self._turned_away.pop(lane_id, None)
            return True

    def leave(self, lane_id: int) -> list[int]:
        """Give the seat back. Returns the lane that was turned away first, to be rung."""
        with self._lock:
            self._taken.pop(lane_id, None)
            first = next(iter(self._turned_away), None)
            if first is None:
                return []
            del self._turned_away[first]
            return [first]

    def worked(self, lane_id: int, *, bulk: bool, took_s: float) -> None:
        """A batch is done. `bulk`: all of it was."""
        with self._lock:
            seat = self._taken.get(lane_id)
            if seat is None:
                return
            seat.bulk = bulk and seat.direction == "in"
            if not bulk:
                self._worked[seat.connection] = self.clock()
            elif seat.bulk and self._others_work(seat.connection):
                self._rest_until = self.clock() + BULK_PAUSE * took_s

    def gives_way(self, lane_id: int) -> float | None:
        """Seconds after which the lane goes on, where it is to let others before; else None."""
        with self._lock:
            seat = self._taken.get(lane_id)
            if seat is None:
                return None
            if seat.bulk and self._others_work(seat.connection):
                return max(self._rest_until - self.clock(), 0.0)
            crowded = len(self._taken) >= self.threads > 1
            return 0.0 if crowded and self.clock() - seat.since > SLICE_S else None

    def bulk_rests(self, lane_id: int) -> float | None:
        """Seconds for which bulk of this lane must not begin, because others work; else None."""
        with self._lock:
            seat = self._taken.get(lane_id)
            if seat is None or seat.direction != "in" or not self._others_work(seat.connection):
                return None
            if any(other.bulk and other is not seat for other in self._taken.values()):
                return SLICE_S
            rest = self._rest_until - self.clock()
            return rest if rest > 0 else None

    def _others_work(self, connection: str) -> bool:
        fresh = self.clock() - _FRESH_S
        return any(
            seat.connection != connection and not seat.bulk for seat in self._taken.values()
        ) or any(name != connection and at >= fresh for name, at in self._worked.items())
