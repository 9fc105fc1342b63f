"""How long a request waits for the database, whatever the database does.

The server's own time limits do not hold where the server is frozen or the line to it is dead. Here
a session that a request has held for longer than it may wait is cut off: the statement fails, and
the caller hears 503 instead of nothing.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from hub.logs import get
from hub.store.base.database import Database

_LOOKS_EVERY_S = 0.25


class Patience:
    """Of the requests of one process."""

    def __init__(self, *databases: Database) -> None:
        self._own = threading.local()
        self._held: dict[Any, float] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        for database in databases:
            database.watch(self._taken, self._returned)
        threading.Thread(target=self._look, name="patience", daemon=True).start()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What this thread asks the database in here ends by then, or fails as DatabaseAway."""
        self._own.until = time.monotonic() + seconds
        try:
            yield
        finally:
            self._own.until = None

    def close(self) -> None:
        """End its thread."""
        self._ended.set()

    def _taken(self, session: Any) -> None:
        until = getattr(self._own, "until", None)
        if until is not None:
            with self._lock:
                self._held[session] = until

    def _returned(self, session: Any) -> None:
        with self._lock:
            self._held.pop(session, None)

    def _look(self) -> None:
        while not self._ended.wait(_LOOKS_EVERY_S):
            now = time.monotonic()
            with self._lock:
                late = [session for session, until in self._held.items() if until < now]
                for session in late:
                    del self._held[session]
                    _cut(session)
            if late:
                get(__name__).warning("database_slow", sessions=len(late))


def _cut(session: Any) -> None:
    """Close its line under it: who waits for an answer gets an error. It stays its holder's."""
    with suppress(Exception), socket.socket(fileno=os.dup(session.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
