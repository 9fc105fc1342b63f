"""Whether the gateway can store: does the database answer, has an embedded one's disk space."""

import time
from dataclasses import dataclass

import sqlalchemy as sa

from hub.store.database import DatabaseAway
from hub.store.embedded import free_space
from hub.store.runtime import Store

WARN_BYTES, WARN_SHARE = 500_000_000, 0.10
STOP_BYTES = 200_000_000
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
                db.execute(sa.text("SELECT 1"))
        except DatabaseAway:
            return "away"
        return "ok"


def judged(free: int, whole: int) -> str:
    """What so much free space of a disk means."""
    if free < STOP_BYTES:
        return "full"
    return "low" if free < WARN_BYTES or free < whole * WARN_SHARE else "ok"
