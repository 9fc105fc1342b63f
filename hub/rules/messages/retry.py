"""When a message is tried again, or its outcome asked for, after a failure. Seconds throughout."""

from collections.abc import Sequence
from random import Random

# fmt: off
SCHEDULE_S: tuple[float, ...] = (
    5, 30, 120, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 86_400,
)
# fmt: on
"""Waits after the first, second, … failure; the one after the last gives up (about 76 h)."""
BUG_SCHEDULE_S: tuple[float, ...] = (10, 60)
"""Waits after a failure of our own; the third parks as `internal_error`."""
ASK_SCHEDULE_S: tuple[float, ...] = (10, 60, *SCHEDULE_S[3:])
"""Waits before asking a partner whether an unknown outcome happened."""

NEWEST_WINS = frozenset({"stock_level"})
"""Documents of which only the newest is told."""
LATEST_WINS_S = 86_400.0
"""A message that a newer one will replace is not tried beyond this age."""
JITTER = 0.25
_LEAST_WAIT_S, _MOST_WAIT_S = 1.0, 86_400.0


def next_try(
    failures: int,
    rng: Random,
    *,
    schedule: Sequence[float] = SCHEDULE_S,
    retry_after: float | None = None,
    latest_wins_age_s: float | None = None,
) -> float | None:
    """Seconds to wait after the nth failure (from 1), or None: it gave up.

    A partner's `retry_after` is never undercut. `latest_wins_age_s`: for stock and price, how old
    the message is.
    """
    if failures > len(schedule):
        return None
    wait = schedule[failures - 1] * rng.uniform(1 - JITTER, 1 + JITTER)
    if retry_after is not None:
        wait = max(wait, bounded(retry_after))
    if latest_wins_age_s is not None and latest_wins_age_s + wait > LATEST_WINS_S:
        return None
    return wait


def next_ask(
    asked: int,
    rng: Random,
    *,
    first_s: float | None = None,
    schedule: Sequence[float] = ASK_SCHEDULE_S,
) -> float | None:
    """Seconds to wait before asking, after so many answers so far (from 0), or None: a person must.

    `first_s`: the partner's own first wait, where it is known.
    """
    if first_s is not None:
        schedule = (first_s, *schedule[1:])
    return next_try(asked + 1, rng, schedule=schedule)


def bounded(retry_after: float) -> float:
    """A partner's Retry-After within reason: one second to one day."""
    return min(max(retry_after, _LEAST_WAIT_S), _MOST_WAIT_S)
