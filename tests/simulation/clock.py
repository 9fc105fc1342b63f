"""The simulated clock: time passes for the store by moving every stored due time, deadline, lease
and breaker back, and for workers by what their monotonic clock shows.

Nothing waits: half an hour is a few statements.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from random import Random
from types import SimpleNamespace
from unittest.mock import patch

import sqlalchemy as sa

from hub.store import database as store_database
from hub.store.database import Database
from hub.store.tables import lane, partner_state, work


class Clock:
    """`now` is simulated seconds since the start."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.now = 0.0
        self.chance = Random(0)  # noqa: S311  # repeatable
        """What spreads retries."""
        self._later: list[tuple[float, Callable[[], None]]] = []

    def pass_(self, seconds: float) -> None:
        """Let time pass; what partners put off until then happens."""
        if seconds <= 0:
            return
        self.now += seconds
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

    def monotonic(self) -> float:
        return time.monotonic() + self.now

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
    sa.text(f"UPDATE lane SET {_moments(lane)} WHERE leased_until IS NOT NULL"),  # noqa: S608
    sa.text(
        f"""UPDATE partner_state SET {_moments(partner_state)}, breaker = breaker || (
          SELECT coalesce(jsonb_object_agg(key,
            to_jsonb(CAST(value #>> '{{}}' AS timestamptz) - :s * interval '1 s')), '{{}}')
          FROM jsonb_each(breaker) WHERE jsonb_typeof(value) = 'string' AND key <> 'mode')"""  # noqa: S608
    ),
)
