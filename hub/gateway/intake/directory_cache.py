"""The directory as the gateway knows it: half a second old at most, read by one at a time."""

import threading
import time

from hub.store.base.failures import DatabaseAway
from hub.store.config.snapshot import Directory
from hub.store.opened import Store

MAX_AGE_S, FIRST_S = 0.5, 5.0


class Phonebook:
    """Who may knock. While one thread looks for news, the others use what there is."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: Directory | None = None
        self._read_at = 0.0
        self._lock = threading.Lock()

    def directory(self) -> Directory:
        """The directory. DatabaseAway where it was never read and cannot be."""
        held = self._held
        if held is not None and time.monotonic() - self._read_at < MAX_AGE_S:
            return held
        if held is not None and not self._lock.acquire(blocking=False):
            return held
        if held is None and not self._lock.acquire(timeout=FIRST_S):
            raise DatabaseAway("the directory was never read")
        try:
            self._held = self._store.directory()
            self._read_at = time.monotonic()
            return self._held
        finally:
            self._lock.release()
