"""Repeats inside one call: reads, and what only asks for a token; never what changes something.

A partner that names a time to wait is left alone: the whole connection waits, not this call.
"""

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential_jitter

from adapters.kit.http.budget import left
from hub.model.errors import TryLater

R = TypeVar("R")
MOST = 3
"""Times that a read is asked in one call."""


def again_while_time_is_left(ask: Callable[[], R]) -> R:
    """The answer of a read. Asked again where nothing came and the budget of the call allows."""
    return _REPEATS(ask)


def _is_worth_it(raised: BaseException) -> bool:
    return isinstance(raised, TryLater) and raised.retry_after is None


def _is_spent(state: RetryCallState) -> bool:
    return state.attempt_number >= MOST or state.upcoming_sleep >= left()


_REPEATS = Retrying(
    retry=retry_if_exception(_is_worth_it),
    stop=_is_spent,
    wait=wait_exponential_jitter(multiplier=0.2, max=2.0, jitter=0.1),
    reraise=True,
)
