"""What metrics say of each connection, as the database has it: how it does, and its deliveries."""

import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hub.flows.config import pause
from hub.rules.ops.condition import Condition
from hub.store.base.failures import DatabaseAway
from hub.store.opened import Store
from hub.store.ops import clocks
from hub.store.ops.clocks import Clock
from hub.store.views.connections import ConnectionItem

_CACHED_S = 5.0


class Partners(Collector):
    """Asked for at most every five seconds; nothing where the database is away."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: list[tuple[ConnectionItem, Condition]] = []
        self._stand: list[Clock] = []
        self._read_at = float("-inf")
        self._lock = threading.Lock()

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        states = GaugeMetricFamily(
            "orderhub_connection_state",
            "1 for the state that a connection is in.",
            labels=["connection", "state"],
        )
        refused = GaugeMetricFamily(
            "orderhub_deliveries_refused",
            "Deliveries refused in the last hour, by reason.",
            labels=["connection", "code"],
        )
        taken = GaugeMetricFamily(
            "orderhub_deliveries_accepted_age_seconds",
            "Since when no delivery was taken.",
            labels=["connection"],
        )
        lag = GaugeMetricFamily(
            "orderhub_poll_lag_seconds",
            "For how long the last poll of a topic that went well has been too long ago.",
            labels=["connection", "topic"],
        )
        now = datetime.now(UTC)
        for item, condition in self._read(now):
            states.add_metric([item.code, str(condition.state)], 1)
            for code, count in sorted(item.deliveries.hour.items()):
                refused.add_metric([item.code, code], count)
            for poll in item.polls:
                lag.add_metric([item.code, poll.topic], poll.lag_s)
            if item.deliveries.accepted_at is not None:
                age = (now - item.deliveries.accepted_at).total_seconds()
                taken.add_metric([item.code], max(age, 0.0))
        yield from (states, refused, taken, lag)
        yield from self._clocks(now)

    def _clocks(self, now: datetime) -> Iterable[Metric]:
        labels = ["clock", "connection"]
        count = GaugeMetricFamily("orderhub_clock_orders", "Orders that stand.", labels=labels)
        late = GaugeMetricFamily(
            "orderhub_clock_late", "Orders that stand too long.", labels=labels
        )
        age = GaugeMetricFamily(
            "orderhub_clock_age_seconds", "For how long the oldest stands.", labels=labels
        )
        for clock in self._stand:
            where = [clock.name, clock.connection]
            count.add_metric(where, clock.count)
            late.add_metric(where, clock.late)
            age.add_metric(where, max((now - clock.oldest).total_seconds(), 0.0))
        yield from (count, late, age)

    def _read(self, now: datetime) -> list[tuple[ConnectionItem, Condition]]:
        with self._lock:
            if time.monotonic() - self._read_at > _CACHED_S:
                try:
                    with self._store.database.begin() as db:
                        self._found = pause.conditions(db, now)
                        self._stand = clocks.counts(db)
                except DatabaseAway:
                    return []
                self._read_at = time.monotonic()
            return self._found
