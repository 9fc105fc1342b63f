"""The sweep: does all chores, each at its time."""

import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from hub import logs
from hub.store.base.failures import DatabaseAway
from hub.store.opened import Store
from workers import counts
from workers.schedule.chores import CHORES, Chore
from workers.wakeups.wakeup import Bell

log = logs.get("sweep")


class Sweep:
    """Does the chores until told to stop. Several may run: each chore is safe beside itself."""

    def __init__(
        self, store: Store, bell: Bell, progress: Callable[[], None] = lambda: None
    ) -> None:
        """`progress` is called after each chore that went well."""
        self._store, self._bell, self._progress = store, bell, progress
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, name="sweep", daemon=True)

    def start(self) -> "Sweep":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def run(self) -> None:
        """Every chore at its time."""
        due = dict.fromkeys(range(len(CHORES)), 0.0)
        while not self._stop.is_set():
            for at, chore in enumerate(CHORES):
                if time.monotonic() >= due[at]:
                    due[at] = time.monotonic() + chore.every_s
                    self._one(chore)
            self._stop.wait(max(0.05, min(due.values()) - time.monotonic()))

    def _one(self, chore: Chore) -> None:
        outcome = "failed"
        try:
            chore.do(self._store, self._bell)
            self._progress()
            outcome = "done"
        except (DatabaseAway, DBAPIError) as error:
            log.warning("chore_failed", chore=chore.do.__name__, reason=type(error).__name__)
        except Exception as error:  # noqa: BLE001  # one chore's bug must not end the others
            log.error("chore_failed", chore=chore.do.__name__, reason=type(error).__name__)
        counts.CHORES.labels(chore.do.__name__, outcome).inc()
