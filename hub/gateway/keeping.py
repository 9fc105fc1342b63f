"""Keep what arrives at the same time in one transaction: one commit for all that wait for it.

Whoever comes first commits for all that stand in line; meanwhile the next line forms. Alone, a
delivery is kept at once. None is acknowledged before the commit that holds it.
"""

import threading
from collections import deque
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from hub.store import inbox
from hub.store.inbox import Arrival, Kept
from hub.store.runtime import Store

MOST = 64
"""The most deliveries of one transaction."""


class _Place:
    """One delivery in line, and what became of it."""

    __slots__ = ("arrival", "error", "kept")

    def __init__(self, arrival: Arrival) -> None:
        self.arrival = arrival
        self.kept: Kept | None = None
        self.error: Exception | None = None

    def is_served(self) -> bool:
        return self.kept is not None or self.error is not None


class Keeper:
    """The line of one process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._line: deque[_Place] = deque()
        self._turn = threading.Lock()

    def keep(self, arrival: Arrival) -> Kept:
        """Where it is kept, durably. DatabaseAway or another error where it is not."""
        place = _Place(arrival)
        self._line.append(place)
        while not place.is_served():
            with self._turn:
                if not place.is_served():
                    self._serve()
        if place.kept is None:
            raise place.error or RuntimeError("not kept")
        return place.kept

    def _serve(self) -> None:
        places = [self._line.popleft() for _ in range(min(MOST, len(self._line)))]
        try:
            self._keep(places)
        except DBAPIError as error:
            if len(places) == 1:
                places[0].error = error
            for place in places if len(places) > 1 else ():
                self._keep_alone(place)  # one that the database refuses must not stop the others
        except Exception as error:  # noqa: BLE001  # whatever it is, each of them must hear of it
            for place in places:
                place.error = error

    def _keep_alone(self, place: _Place) -> None:
        try:
            self._keep([place])
        except Exception as error:  # noqa: BLE001  # told to the one that waits
            place.error = error

    def _keep(self, places: Sequence[_Place]) -> None:
        arrivals = [place.arrival for place in places]
        vault = self._store.vault
        kept = self._store.database.unit(lambda db: inbox.keep(db, vault, arrivals))
        for place, where in zip(places, kept, strict=True):
            place.kept = where
