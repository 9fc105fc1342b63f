"""What a process waits for: the database before it begins, a signal before it ends."""

import os
import signal
import threading

from hub import logs
from hub.store.base import database as stored_database
from hub.store.base.failures import DatabaseAway, DatabaseRefuses

_AGAIN_S = 1.0
log = logs.get("processes")


def look(url: str) -> None:
    """Before a door opens: say so where the database is away. DatabaseRefuses."""
    try:
        stored_database.probe(url)
    except DatabaseRefuses:
        raise
    except DatabaseAway as error:
        log.warning("database_awaited", reason=str(error))


def reached(url: str, ended: threading.Event) -> bool:
    """Wait until the database is there. False where the process was told to stop before.
    DatabaseRefuses.
    """
    waited = False
    while not ended.is_set():
        try:
            stored_database.probe(url)
        except DatabaseRefuses:
            raise
        except DatabaseAway as error:
            if not waited:
                log.warning("database_awaited", reason=str(error))
            waited = True
            ended.wait(_AGAIN_S)
        else:
            if waited:
                log.info("database_reached")
            return True
    return False


def for_signal() -> threading.Event:
    """Set by SIGTERM or Ctrl-C. A second one ends the process at once."""
    ended = threading.Event()

    def stop(number: int, _: object) -> None:
        if ended.is_set():
            os._exit(128 + number)
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return ended


def until(ended: threading.Event) -> None:
    """Wait for the end: a signal that came to another thread is seen within a second."""
    while not ended.wait(1.0):
        pass
