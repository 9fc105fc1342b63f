"""Keep what arrives at the same time in one transaction: one commit for all that wait for it.

A few writers take whatever stands in line, commit it together, and tell those who wait. While they
are busy the next line forms, so the more arrives, the more one commit holds. None is acknowledged
before the commit that holds it.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue

from sqlalchemy.exc import DBAPIError

from hub.store import inbox
from hub.store.database import DatabaseAway
from hub.store.inbox import Arrival, Kept
from hub.store.runtime import Store

WRITERS = 3
MOST = 64
"""The most deliveries of one transaction."""
_PATIENCE_S = 40.0
"""Longer than any transaction may take, with its retries."""


class _Place:
    """One delivery in line, and what became of it."""

    __slots__ = ("arrival", "error", "kept", "told")

    def __init__(self, arrival: Arrival) -> None:
        self.arrival = arrival
        self.kept: Kept | None = None
        self.error: Exception | None = None
        self.told = threading.Event()

    def tell(self, kept: Kept | None, error: Exception | None) -> None:
        self.kept, self.error = kept, error
        self.told.set()


class Keeper:
    """The line of one process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._line: SimpleQueue[_Place | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._process = 0

    def keep(self, arrival: Arrival) -> Kept:
        """Where it is kept, durably. DatabaseAway or another error where it is not."""
        if self._process != os.getpid():
            self._start()
        place = _Place(arrival)
        self._line.put(place)
        if not place.told.wait(_PATIENCE_S):
            raise DatabaseAway("no writer came to it in time")
        if place.kept is None:
            raise place.error or RuntimeError("not kept")
        return place.kept

    def _start(self) -> None:
        """Threads do not survive the fork of a server: each process starts its own."""
        with self._lock:
            if self._process != os.getpid():
                for number in range(WRITERS):
                    name = f"keeper-{number}"
                    threading.Thread(target=self._write, name=name, daemon=True).start()
                self._process = os.getpid()

    def close(self) -> None:
        """Let the writers end, after what stands in line."""
        for _ in range(WRITERS if self._process == os.getpid() else 0):
            self._line.put(None)
        self._process = 0

    def _write(self) -> None:
        while (first := self._line.get()) is not None:
            self._serve([first, *self._others()])

    def _others(self) -> Iterator[_Place]:
        """What else stands in line now."""
        for _ in range(MOST - 1):
            try:
                place = self._line.get_nowait()
            except Empty:
                return
            if place is None:  # it tells a writer to end, and this one has work
                self._line.put(None)
                return
            yield place

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
