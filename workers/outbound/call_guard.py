"""The gate of one batch of calls: whether another one may begin.

The breaker of a connection hears of a batch when it is over. Until then the gate looks after the
partner: it closes where calls fail one after another, and where one of them is asked to wait. What
did not begin is given back untouched.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hub.model.errors import EndpointMissing, NotAuthorised, OutcomeUnknown, TryLater
from hub.rules.ops.breaker import IN_A_ROW, MISSING_TO_PAUSE


@dataclass(slots=True)
class Quiet:
    """Until when each connection asked to be left alone, by this process's own clock."""

    until: dict[str, float] = field(default_factory=dict)

    def ask(self, connection: str, seconds: float) -> None:
        """It is not to be called for so long."""
        until = time.monotonic() + seconds
        self.until[connection] = max(until, self.until.get(connection, until))

    def is_over(self, connection: str) -> bool:
        """Whether it may be called."""
        return time.monotonic() >= self.until.get(connection, 0.0)


@dataclass(slots=True)
class Gate:
    """`may_begin`: there is time for a call, and the process is not stopping."""

    connection: str
    quiet: Quiet
    may_begin: Callable[[], bool]
    _failed: int = 0
    _missing: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_open(self) -> bool:
        """Whether another call may begin."""
        with self._lock:
            tired = self._failed >= IN_A_ROW or self._missing >= MISSING_TO_PAUSE
        return not tired and self.quiet.is_over(self.connection) and self.may_begin()

    def hear(self, error: Exception | None) -> None:
        """How a call ended; None where it was answered well."""
        with self._lock:
            self._missing = self._missing + 1 if isinstance(error, EndpointMissing) else 0
            away = isinstance(error, TryLater | OutcomeUnknown)
            self._failed = self._failed + 1 if away else 0
            if isinstance(error, NotAuthorised):
                self._failed = IN_A_ROW
        if isinstance(error, TryLater) and error.retry_after is not None:
            self.quiet.ask(self.connection, error.retry_after)
