"""The one clock of the tests. Nothing waits: time passes because a test says so.

What reads a clock is given this one: called it says the time of day, `monotonic` counts seconds. Of
a world, it also moves every moment that the store has kept: due times, deadlines, leases, breakers.
`in_charge` puts it into the workers of this process too.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from unittest.mock import patch

import sqlalchemy as sa

from hub.store.base import database as store_database
from hub.store.base.database import Database
from hub.store.tables import fact_due, lane, partner_state, work

MINUTE = 60.0


class Clock:
    """`now` is the seconds that a test let pass."""

    def __init__(self, database: Database | None = None) -> None:
        self._database = database
        self.now = 0.0
        self.chance = Random(0)  # noqa: S311  # repeatable
        """What spreads retries."""
        self._stands_at: datetime | None = None
        self._later: list[tuple[float, Callable[[], None]]] = []

    def __call__(self) -> datetime:
        """The time of day: the real one, and what passed since."""
        return (self._stands_at or datetime.now(UTC)) + timedelta(seconds=self.now)

    def stop(self) -> None:
        """Of itself no time passes any more."""
        self._stands_at = datetime.now(UTC)

    def seconds(self) -> float:
        """What passed, and nothing else: for what must be exact."""
        return self.now

    def monotonic(self) -> float:
        """As `time.monotonic`: real seconds, and what passed."""
        return time.monotonic() + self.now

    def pass_(self, seconds: float) -> None:
        """Let time pass; what was put off until then happens."""
        if seconds <= 0:
            return
        self.now += seconds
        if self._database is not None:
            with self._database.begin() as db:
                for statement in _MOVE:
                    db.execute(statement, {"s": seconds})
        ripe = [do for at, do in self._later if at <= self.now]
        self._later = [one for one in self._later if one[0] > self.now]
        for do in ripe:
            do()

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something when so much time has passed."""
        self._later.append((self.now + seconds, do))

    def forget(self) -> None:
        """A new history begins."""
        self.now, self._later = 0.0, []
        self.chance.seed(0)

    @contextmanager
    def in_charge(self) -> Iterator[None]:
        """Workers read this clock, and a retry of the database waits for nothing."""
        here = SimpleNamespace(monotonic=self.monotonic, time=time.time)
        still = SimpleNamespace(sleep=lambda seconds: None, monotonic=self.monotonic)
        with ExitStack() as patches:
            patches.enter_context(patch.object(store_database, "time", still))
            for name, module in list(sys.modules.items()):
                if not name.startswith("workers."):
                    continue
                if getattr(module, "time", None) is time:
                    patches.enter_context(patch.object(module, "time", here))
                if hasattr(module, "_CHANCE"):
                    patches.enter_context(patch.object(module, "_CHANCE", self.chance))
            yield


def _moments(table: sa.Table) -> str:
    """Every stored moment of a table, set back."""
    names = [one.name for one in table.columns if isinstance(one.type, sa.DateTime)]
    return ", ".join(f"{name} = {name} - :s * interval '1 s'" for name in names)


_MOVE = (
    sa.text(f"UPDATE work SET {_moments(work)}"),  # noqa: S608
    sa.text(f"UPDATE fact_due SET {_moments(fact_due)}"),  # noqa: S608
    sa.text(
        """UPDATE poll SET due = due - :s * interval '1 s', run = run || jsonb_strip_nulls(
          jsonb_build_object('kept_at',
            CAST(run ->> 'kept_at' AS timestamptz) - :s * interval '1 s'))"""
    ),  # all else is the partner's time
    sa.text(f"UPDATE lane SET {_moments(lane)} WHERE leased_until IS NOT NULL"),  # noqa: S608
    sa.text(
        f"""UPDATE partner_state SET {_moments(partner_state)}, breaker = breaker || (
          SELECT coalesce(jsonb_object_agg(key,
            to_jsonb(CAST(value #>> '{{}}' AS timestamptz) - :s * interval '1 s')), '{{}}')
          FROM jsonb_each(breaker) WHERE jsonb_typeof(value) = 'string' AND key <> 'mode')"""  # noqa: S608
    ),
)
