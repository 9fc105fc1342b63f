"""What becomes of deliveries at the door, counted in memory and written down every few seconds.

A flood costs an addition each: one statement in three seconds, whatever comes, with a row for each
known connection and code.
"""

import threading
import time
from collections.abc import Callable, Mapping

from sqlalchemy.exc import DBAPIError

from adapters.kit import registry
from adapters.kit.settings import outward
from hub.model.errors import BadData
from hub.store.base.failures import DatabaseAway
from hub.store.config.snapshot import Connection
from hub.store.opened import Store
from hub.store.ops import deliveries
from hub.store.ops.deliveries import Knocks

WRITE_S = 3.0
OTHER = "other"
CODES = frozenset(
    {
        "bad_body",
        "bad_encoding",
        "bad_request",
        "bad_signature",
        "connection_unusable",
        "database_away",
        "disk_full",
        "internal_error",
        "method_not_allowed",
        "missing_signature",
        "no_webhooks",
        "not_found",
        "odd_parameters",
        "other_customer",
        "other_shop",
        "other_sign_method",
        "repeated_parameter",
        "stale_signature",
        "too_large",
        "too_many_failures",
        "too_many_parameters",
        "too_many_requests",
        "too_slow",
        "unknown_encoding",
        "used_signature",
        "wrong_type",
    }
)
"""What a delivery may be refused for; whatever else an adapter says is counted as `other`."""
_UNSIGNED = "missing_signature"
"""Whoever finds the address sends such: it says nothing of the partner's secret."""


def known(code: str) -> str:
    """A code as it is counted."""
    return code if code in CODES else OTHER


class Tally:
    """The counts of one process, on their way to the database."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._found: dict[str, Knocks] = {}
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="tally", daemon=True)

    def start(self) -> "Tally":
        self._thread.start()
        return self

    def close(self) -> None:
        """Write down what is left."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def accepted(self, connection: str) -> None:
        """One was kept: its signature holds."""
        with self._lock:
            one = self._found.setdefault(connection, Knocks())
            one.accepted_at, one.unproved = self._clock(), 0

    def refused(self, connection: str, code: str) -> None:
        """One was not kept."""
        with self._lock:
            one = self._found.setdefault(connection, Knocks())
            one.refused_at, one.code = self._clock(), known(code)
            one.refused[one.code] = one.refused.get(one.code, 0) + 1

    def unproved(self, partner: Connection, code: str) -> None:
        """It did not prove who sent it, whatever it was answered."""
        if code == _UNSIGNED:
            return
        with self._lock:
            one = self._found.setdefault(partner.code, Knocks())
            one.unproved, one.unproved_code = one.unproved + 1, known(code)
            one.secrets = one.secrets or proved_by(partner)

    def write(self) -> None:
        """Write down what came. Where that fails it is added to what comes."""
        with self._lock:
            counted, self._found = self._found, {}
        if not counted:
            return
        try:
            self._store.database.unit(lambda db: deliveries.add(db, counted, self._clock()))
        except (DatabaseAway, DBAPIError):
            self._put_back(counted)

    def _put_back(self, found: Mapping[str, Knocks]) -> None:
        with self._lock:
            for connection, old in found.items():
                self._found[connection] = _joined(old, self._found.get(connection, Knocks()))

    def _run(self) -> None:
        while not self._stop.wait(WRITE_S):
            self.write()
        self.write()


def proved_by(partner: Connection) -> str:
    """The secrets that prove a partner's deliveries, by name."""
    try:
        spared = outward(registry.entry(partner.adapter).settings())
    except BadData:
        return ""
    return ", ".join(sorted(set(partner.secrets) - spared))


def _joined(old: Knocks, new: Knocks) -> Knocks:
    counts = {
        code: old.refused.get(code, 0) + new.refused.get(code, 0)
        for code in (*old.refused, *new.refused)
    }
    return Knocks(
        accepted_at=new.accepted_at or old.accepted_at,
        refused_at=new.refused_at or old.refused_at,
        code=new.code or old.code,
        refused=counts,
        unproved=new.unproved + (old.unproved if new.accepted_at is None else 0),
        unproved_code=new.unproved_code or old.unproved_code,
        secrets=new.secrets or old.secrets,
    )
