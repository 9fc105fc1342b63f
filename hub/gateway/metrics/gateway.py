"""What the gateway counts and measures, for Prometheus. Codes and numbers, no business data."""

import threading
import time
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from hub.gateway.metrics.partners import Partners
from hub.rules.ops import detectors
from hub.store.base.failures import DatabaseAway
from hub.store.opened import Store
from hub.store.ops import incidents
from hub.store.views.connections import Backlog, backlog

_CACHED_S = 2.0
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    """The counters of one process, and the backlog as the database has it."""

    def __init__(self, store: Store, together: str | None = None) -> None:
        """`together`: the folder in which all processes of one server count as one."""
        self.registry = CollectorRegistry()
        self.intake = Counter(
            "orderhub_intake",
            "Deliveries by connection and what became of them.",
            ["connection", "outcome"],
            registry=self.registry,
        )
        self.intake_seconds = Histogram(
            "orderhub_intake_seconds",
            "Time to verify, keep and answer a delivery.",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.api = Counter(
            "orderhub_api_requests",
            "Open API requests by route and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.api_seconds = Histogram(
            "orderhub_api_seconds",
            "Time to answer an Open API request.",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.whole = self.registry
        """What is shown of all of them."""
        if together is not None:
            self.whole = CollectorRegistry()
            MultiProcessCollector(self.whole, together)  # type: ignore[no-untyped-call]
        self.whole.register(_Lanes(store))
        self.whole.register(Partners(store))


class _Lanes(Collector):
    """Unfinished messages by lane and status, asked for at most every two seconds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rows: list[Backlog] = []
        self._open: dict[str, int] = {}
        self._read_at = float("-inf")
        self._lock = threading.Lock()

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        rows, up = self._read()
        names = ["direction", "connection", "shard", "status"]
        counts = GaugeMetricFamily(
            "orderhub_backlog", "Unfinished messages by lane and status.", labels=names
        )
        ages = GaugeMetricFamily(
            "orderhub_backlog_age_seconds", "For how long the oldest is due.", labels=names
        )
        for row in rows:
            labels = [row.direction, row.connection, str(row.shard), row.status]
            counts.add_metric(labels, row.count)
            ages.add_metric(labels, row.oldest_s)
        yield counts
        yield ages
        yield self._incidents()
        yield GaugeMetricFamily("orderhub_database_up", "Whether it answers.", value=float(up))

    def _incidents(self) -> Metric:
        """Open incidents by kind; the detectors' kinds are always there, 0 where all is well."""
        found = dict.fromkeys(sorted(detectors.BY_KIND), 0) | self._open
        family = GaugeMetricFamily("orderhub_incidents", "Open incidents by kind.", labels=["kind"])
        for kind, total in found.items():
            family.add_metric([kind], total)
        return family

    def _read(self) -> tuple[list[Backlog], bool]:
        with self._lock:
            if time.monotonic() - self._read_at > _CACHED_S:
                try:
                    with self._store.database.begin() as db:
                        self._rows = backlog(db)
                        self._open = incidents.open_by_kind(db)
                except DatabaseAway:
                    return [], False
                self._read_at = time.monotonic()
            return self._rows, True
