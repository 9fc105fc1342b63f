"""The budget of a call: what it, its repeats and the renewals inside it may take together."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

_ENDS: ContextVar[float] = ContextVar("ends", default=float("inf"))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """All calls inside end together, at the latest after so long; an outer budget is never
    exceeded.
    """
    token = _ENDS.set(ends(seconds))
    try:
        yield
    finally:
        _ENDS.reset(token)


def ends(seconds: float) -> float:
    """When a call that may take so long has to end, on the monotonic clock."""
    return min(_ENDS.get(), monotonic() + seconds)


def left() -> float:
    """Seconds that are left of the budget."""
    return _ENDS.get() - monotonic()
