"""How long it takes until things go on after a fault: each kind has a bound that is asserted."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.chaos.history import History

BOUNDS_S = {
    "worker": 5.0,
    "frozen": 45.0,
    "gateway": 15.0,
    "scheduler": 15.0,
    "broker": 15.0,
    "brokerless": 15.0,
    "database": 10.0,
    "partner": 60.0,
}
"""Seconds until it goes on, from the moment the trouble is over (for a worker: from its death)."""
TROUBLES = {
    "worker": {"database", "all", "scheduler"},
    "frozen": {"database", "all", "scheduler"},
    "gateway": {"database", "all", "gateway"},
    "scheduler": {"database", "all", "scheduler"},
    "broker": {"database", "all", "broker", "worker", "scheduler", "gateway"},
    "brokerless": {"database", "all", "worker", "scheduler", "gateway"},
    "database": {"database", "all", "broker", "worker", "scheduler", "gateway"},
    "partner": {"database", "all", "broker", "worker", "scheduler", "partner"},
}
"""Areas whose faults touch a recovery: while one holds there, its clock waits."""
_GIVE_UP_S = 180.0
_STEP_S = 0.1


@dataclass
class Recovery:
    """One thing awaited. `since`: when the last trouble that touches it was over."""

    kind: str
    what: str
    bound_s: float
    goes_on: Callable[[], object]
    since: float
    taken: float | None = None


@dataclass
class Watch:
    """Looks at what is awaited until it has come. While some other fault holds, its clock waits."""

    history: History
    patience: float
    areas: Callable[[], set[str]] = set
    """Where a fault holds now."""
    done: list[Recovery] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    _open: list[Recovery] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(30)

    def expect(
        self, kind: str, what: str, goes_on: Callable[[], object], bound_s: float | None = None
    ) -> None:
        """From now on, until it goes on."""
        bound = BOUNDS_S[kind] if bound_s is None else bound_s
        with self._lock:
            self._open.append(Recovery(kind, what, bound, goes_on, time.monotonic()))

    def open(self) -> list[str]:
        """What is awaited still."""
        with self._lock:
            return [f"{one.kind}: {one.what}" for one in self._open]

    def longest(self) -> float:
        return max((one.taken or 0.0 for one in self.done), default=0.0)

    def by_kind(self) -> dict[str, dict[str, float]]:
        """Number and longest of each kind."""
        found: dict[str, dict[str, float]] = {}
        for one in self.done:
            row = found.setdefault(one.kind, {"n": 0, "max_s": 0.0})
            row["n"] += 1
            row["max_s"] = round(max(row["max_s"], one.taken or 0.0), 2)
        return found

    def _run(self) -> None:
        while not self._stop.wait(_STEP_S):
            with self._lock:
                waiting = list(self._open)
            for one in waiting:
                self._look(one)

    def _look(self, one: Recovery) -> None:
        now = time.monotonic()
        try:
            over = bool(one.goes_on())
        except Exception:  # noqa: BLE001  # the database it asks may be the one that is away
            over = False
        if not over and self.areas() & TROUBLES[one.kind]:
            one.since = now
            return
        if over:
            one.taken = max(0.0, now - one.since)
        elif now - one.since < _GIVE_UP_S:
            return
        self._close(one, now)

    def _close(self, one: Recovery, now: float) -> None:
        took = one.taken if one.taken is not None else now - one.since
        self.history.add("recovered", of=one.kind, what=one.what, seconds=round(took, 3))
        with self._lock:
            self._open.remove(one)
            self.done.append(one)
            one.taken = took
            if took > one.bound_s * self.patience:
                self.late.append(f"{one.kind}: {one.what} took {took:.1f} s of {one.bound_s:g} s")
