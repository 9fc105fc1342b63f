"""Where simulations are played: a database of their own whose commits need not survive a power
cut; and what it costs, in processor time of this process and of the database's sessions.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from hub.store.migrate import upgrade
from tests.kit import database
from tests.simulation.stage import Stage


@contextmanager
def ground(server: str, template: str | None = None) -> Iterator[Stage]:
    """A stage on a new database, made from a migrated template or migrated here."""
    with database.temporary_database(server, template or "template0") as url:
        if template is None:
            upgrade(url)
        with Stage.open(url) as stage:
            yield stage


@dataclass(slots=True)
class Meter:
    """Wall and processor seconds since it was made."""

    stage: Stage
    began: float = field(default_factory=time.monotonic)
    own: float = field(default_factory=time.process_time)
    theirs: float = 0.0

    def __post_init__(self) -> None:
        self.theirs = self._sessions()

    def read(self) -> tuple[float, float]:
        """(wall, processor) seconds."""
        spent = time.process_time() - self.own + self._sessions() - self.theirs
        return time.monotonic() - self.began, spent

    def _sessions(self) -> float:
        rows = self.stage.world.sql(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        )
        times = [psutil.Process(row.pid).cpu_times() for row in rows if psutil.pid_exists(row.pid)]
        return sum(one.user + one.system for one in times)
