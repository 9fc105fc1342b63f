"""Keep what arrives at the same time in one transaction: one commit for all that wait for it.

Who arrives while few commit takes whatever stands in line and commits it, in its own thread: alone
it waits for nobody. While those are busy the next line forms, and whoever finishes lets the first
of it go on. None is acknowledged before the commit that holds it. The line is bounded in length
and in time: a database that is slow is answered for, not waited for.
"""

import threading
import time
from collections import deque
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from hub.store.base.failures import DatabaseAway
from hub.store.messages import inbox
from hub.store.messages.inbox import Arrival, Kept
from hub.store.opened import Store

WRITERS = 3
"""So many transactions at once."""
MOST = 64
"""The most deliveries of one transaction."""
MOST_IN_LINE, OLDEST_S = 256, 5.0
"""Where more stand in line, or one for longer, the next is turned away."""
PATIENCE_S = 12.0
"""The longest that a delivery waits to be kept."""


class _Place:
    """One delivery in line, and what became of it."""

    __slots__ = ("arrival", "error", "kept", "leads", "since", "told")

    def __init__(self, arrival: Arrival) -> None:
        self.arrival = arrival
        self.since = time.monotonic()
        self.kept: Kept | None = None
        self.error: Exception | None = None
        self.leads = False
        self.told = threading.Event()

    @property
    def done(self) -> bool:
        return self.kept is not None or self.error is not None

    def tell(self, kept: Kept | None, error: Exception | None) -> None:
        self.kept, self.error = kept, error
        self.told.set()


class Keeper:
    """The line of one process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._line: deque[_Place] = deque()
        self._lock = threading.Lock()
        self._writing = 0

    def keep(self, arrival: Arrival) -> Kept:
        """Where it is kept, durably. DatabaseAway or another error where it is not."""
        place = _Place(arrival)
        with self._lock:
            self._check_line(place.since)
            self._line.append(place)
            place.leads = self._writing < WRITERS
            self._writing += place.leads
        self._follow(place)
        if place.kept is None:
            raise place.error or DatabaseAway("no writer came to it in time")
        return place.kept

    def _check_line(self, now: float) -> None:
        full = len(self._line) >= MOST_IN_LINE
        if full or (self._line and now - self._line[0].since > OLDEST_S):
            raise DatabaseAway("too much waits to be stored")

    def _follow(self, place: _Place) -> None:
        """Until it is told, or gives up; in between it may be its turn to write."""
        until = place.since + PATIENCE_S
        while True:
            if place.leads:
                place.leads = False
                self._write(place)
            if place.done:
                return
            if not place.told.wait(max(0.0, until - time.monotonic())):
                self._give_up(place)
                return
            place.told.clear()

    def _give_up(self, place: _Place) -> None:
        with self._lock:
            if place in self._line:
                self._line.remove(place)
            if place.leads:  # it was let go on just now: let another
                place.leads = False
                self._pass_on()

    def _write(self, own: _Place) -> None:
        """Commit what stands in line, until its own is told; then the next may."""
        try:
            while not own.done and (places := self._next()):
                self._serve(places)
        finally:
            with self._lock:
                self._pass_on()

    def _next(self) -> list[_Place]:
        with self._lock:
            return [self._line.popleft() for _ in range(min(MOST, len(self._line)))]

    def _pass_on(self) -> None:
        """One writes less, unless somebody stands in line: then that one writes."""
        first = next((place for place in self._line if not place.leads), None)
        if first is None:
            self._writing -= 1
            return
        first.leads = True
        first.told.set()

    def _serve(self, places: Sequence[_Place]) -> None:
        try:
            kept = self._keep(places)
        except DBAPIError as error:
            if len(places) == 1:
                places[0].tell(None, error)
                return
            for place in places:  # one that the database refuses must not stop the others
                self._serve([place])
        except Exception as error:  # noqa: BLE001  # whatever it is, each of them must hear of it
            for place in places:
                place.tell(None, error)
        else:
            for place, where in zip(places, kept, strict=True):
                place.tell(where, None)

    def _keep(self, places: Sequence[_Place]) -> list[Kept]:
        arrivals = [place.arrival for place in places]
        vault = self._store.vault
        return self._store.database.unit(lambda db: inbox.keep(db, vault, arrivals))
