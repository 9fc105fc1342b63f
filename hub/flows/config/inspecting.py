"""Which connections this process can use: looked at again and again, and written where all see it.

What one process lacks (a variable, a file, a package) is its own trouble: others go on. It is over
by itself once it is there.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from sqlalchemy.exc import DBAPIError

from hub import logs
from hub.model.errors import BadData
from hub.store.base.failures import DatabaseAway
from hub.store.config import hindrances
from hub.store.config.hindrances import Hindrance
from hub.store.config.snapshot import Connection, Directory
from hub.store.opened import Store

LOOK_S = 5.0
IN, OUT = "in", "out"
log = logs.get("inspection")


class Makes(Protocol):
    """Makes the adapters of connections, or says by BadData why it cannot."""

    def of(
        self, partner: Connection, network: Mapping[str, Any], directory_version: int, /
    ) -> object: ...
    def inward(
        self, partner: Connection, network: Mapping[str, Any], directory_version: int, /
    ) -> object: ...


class Inspector:
    """`kind`: what this process is. `directions`: what it does with connections. `is_called`:
    whether it makes calls to one.
    """

    def __init__(
        self,
        store: Store,
        adapters: Makes,
        kind: str,
        directions: Iterable[str] = (IN, OUT),
        is_called: Callable[[Connection], bool] = lambda partner: bool(partner.takes),
    ) -> None:
        self._store, self._kind, self._directions = store, kind, tuple(directions)
        self._is_called = is_called
        self._make = {IN: adapters.inward, OUT: adapters.of}
        self._found: dict[tuple[str, str], Hindrance] = {}
        self._fine: dict[tuple[str, str], int] = {}
        """Which version of a connection could be used."""
        self._written = True
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="inspection", daemon=True)

    def start(self) -> "Inspector":
        """Look from a thread of its own."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Say nothing more; what was said is taken back."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)
            self._found.clear()
            self._write()

    def hindrance(self, connection: str, direction: str) -> Hindrance | None:
        """What is known to be missing."""
        return self._found.get((connection, direction))

    def note(self, partner: Connection, direction: str, error: BadData) -> None:
        """It turned out that a connection cannot be used here."""
        at, hindrance = (partner.code, direction), hindrances.of(partner, direction, error)
        self._fine.pop(at, None)
        if self._found.get(at) != hindrance:
            log.error(
                "connection_unusable",
                connection=partner.code,
                direction=direction,
                lacks=hindrance.lacks,
                name=hindrance.name,
            )
            self._found[at] = hindrance

    def look(self, directory: Directory) -> None:
        """Look at what changed and at what was missing."""
        wanted = {
            (partner.code, direction): partner
            for partner in directory.connections.values()
            for direction in self._directions
            if direction == IN or self._is_called(partner)
        }
        for at, partner in wanted.items():
            if self._fine.get(at) != partner.version:
                self._look_at(directory, partner, at[1])
        for at in [at for at in self._found if at not in wanted]:
            del self._found[at]

    def write(self) -> None:
        """Say what is missing, as long as something is."""
        if self._found or not self._written:
            self._write()
            self._written = not self._found

    def _look_at(self, directory: Directory, partner: Connection, direction: str) -> None:
        at = (partner.code, direction)
        try:
            self._make[direction](partner, directory.network, directory.version)
        except BadData as error:
            self.note(partner, direction, error)
            return
        self._fine[at] = partner.version
        if self._found.pop(at, None) is not None:
            log.info("connection_usable", connection=partner.code, direction=direction)

    def _write(self) -> None:
        host, pid, found = socket.gethostname(), os.getpid(), list(self._found.values())
        with self._store.database.begin() as db:
            hindrances.save(db, host, pid, self._kind, found)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look(self._store.directory())
                self.write()
            except (DatabaseAway, DBAPIError):
                pass  # it is looked at again soon
            except Exception as error:  # noqa: BLE001  # an adapter's bug must not end the look
                log.error("inspection_failed", reason=type(error).__name__)
            self._stop.wait(LOOK_S)
