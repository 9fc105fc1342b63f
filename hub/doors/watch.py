"""Whether a process can store: does the database answer, has an embedded one's disk space."""

import time
from dataclasses import dataclass

from hub.disk import free_space
from hub.rules.ops.disk import judged
from hub.store.base import server
from hub.store.base.failures import DatabaseAway
from hub.store.opened import Store

_CACHED_S = 1.0


@dataclass(frozen=True, slots=True)
class Health:
    """`ready`: deliveries can be stored. `checks` say which of them holds: ok, low, full, away."""

    ready: bool
    checks: dict[str, str]


class Watch:
    """Looks at most once a second."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looked_at = float("-inf")
        self._disk = "ok"

    def health(self) -> Health:
        """How things stand now."""
        checks = {"database": self._database(), "disk": self._space()}
        return Health(checks["database"] == "ok" and checks["disk"] != "full", checks)

    def is_full(self) -> bool:
        """Whether the disk of an embedded database is too full to take anything in."""
        return self._space() == "full"

    def _space(self) -> str:
        settings = self._store.settings
        if settings.database_url is not None:  # a server's disk is its own to watch
            return "ok"
        if time.monotonic() - self._looked_at > _CACHED_S:
            self._disk = judged(*free_space(settings.home))
            self._looked_at = time.monotonic()
        return self._disk

    def _database(self) -> str:
        try:
            with self._store.database.begin() as db:
                server.answer(db)
        except DatabaseAway:
            return "away"
        return "ok"
