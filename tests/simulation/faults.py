"""What goes wrong with workers and their database, at a place that a history names.

`kill` and `freeze` end a worker where it stands (its lanes are freed at once, or only when the
lease runs out). `sleep` stops it while its lease expires and another worker takes over; then it
wakes up and believes that nothing happened. `deadlock`, `lost_commit` (the commit was done, its
answer is lost) and `away` are the database's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.database import ALL, Database, Scope
from hub.store.base.failures import DatabaseAway
from tests.simulation.history import Fault

T = TypeVar("T")


class Lost(NamedTuple):
    """A lane that others took, and its fence when its worker woke up."""

    lane: int
    fence: int


class Killed(BaseException):
    """The process is gone. Not an Exception: nobody in it can hear of it."""


class Gremlin:
    """Strikes once, where it was told to. `asleep` is what happens while a worker sleeps."""

    def __init__(self, asleep: Callable[[int], None]) -> None:
        self._asleep = asleep
        self._armed: Fault | None = None
        self._left = 0
        self.struck = 0
        self.polls = False
        """Whether the worker at work asks a partner what changed."""
        self.lost: Lost | None = None
        """What the worker that is at work lost while it slept."""
        self.zombies: list[str] = []

    def arm(self, fault: Fault | None) -> None:
        self._armed, self._left = fault, fault.at if fault else 0

    def pass_(self, point: str, db: Connection | None = None) -> None:
        """A worker passes here. Who lost its lane and writes all the same is noted."""
        if db is not None and self.lost and db.scalar(_WROTE, self.lost._asdict()):
            self.zombies.append("a worker that lost its lease has written")
        fault = self._armed
        if fault is None or fault.point != point:
            return
        self._left -= 1
        if self._left > 0:
            return
        self._armed = None
        self.struck += 1
        self._strike(fault)

    def _strike(self, fault: Fault) -> None:
        match fault.kind:
            case "kill" | "freeze":
                raise Killed(fault.kind)
            case "sleep":
                self._asleep(fault.seconds)
            case "deadlock":
                cause = psycopg.errors.DeadlockDetected("deadlock detected")
                raise sa.exc.OperationalError("simulated", {}, cause)
            case "lost_commit":
                raise DatabaseAway("the answer to the commit is lost")
            case "away":
                raise DatabaseAway("connection lost")
            case other:
                raise ValueError(other)


class FaultyDatabase(Database):
    """A worker's database. Shares the pool of a sound one."""

    def __init__(self, sound: Database, gremlin: Gremlin) -> None:
        self._sound, self._gremlin = sound, gremlin

    @contextmanager
    def begin(self, scope: Scope = ALL) -> Iterator[Connection]:
        with self._sound.begin(scope) as db:
            yield db
            self._gremlin.pass_("before_commit", db)
        self._gremlin.pass_("after_commit")
        if self._gremlin.polls:
            self._gremlin.pass_("moved")

    def unit(self, work: Callable[[Connection], T], scope: Scope = ALL, *, tries: int = 5) -> T:
        def worked(db: Connection) -> T:
            done = work(db)
            self._gremlin.pass_("worked", db)
            if self._gremlin.polls:
                self._gremlin.pass_("kept", db)
            return done

        return super().unit(worked, scope, tries=tries)

    def direct(self) -> Connection:
        return self._sound.direct()


_WROTE = sa.text(
    """SELECT pg_current_xact_id_if_assigned() IS NOT NULL AND fence = :fence
    FROM lane WHERE id = :lane"""
)
"""Whether a worker wrote under a lease that is over. Nobody else is at work once it is awake, so a
fence that has risen since is its own: it slept while it held nothing (before its drain took the
lane, or after it gave it back) or went on to take the lane anew, and its writes, that of the taking
among them, are under the new lease. Whoever goes on with an old one never raises the fence.
"""
