"""What workers and the scheduler do, counted for Prometheus: one set for a process."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram

from hub.store.messages.claimed import Ended
from hub.store.messages.lanes import Lane

REGISTRY = CollectorRegistry()
_HANDLED = Counter(
    "orderhub_handled",
    "Messages that were worked, by what became of them.",
    ["direction", "connection", "status"],
    registry=REGISTRY,
)
BATCHES = Histogram(
    "orderhub_batch_seconds",
    "Time to work one batch of a lane.",
    ["direction"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
_POLLS = Counter(
    "orderhub_polls",
    "Polls of a topic, by what became of them.",
    ["connection", "topic", "outcome"],
    registry=REGISTRY,
)
_LISTED = Counter(
    "orderhub_listed",
    "Changes that polls listed, and whether they were known already.",
    ["connection", "topic", "known"],
    registry=REGISTRY,
)
CHORES = Counter(
    "orderhub_chores",
    "Chores of the scheduler, and whether they went well.",
    ["chore", "outcome"],
    registry=REGISTRY,
)


def ended(lane: Lane, rows: Sequence[Ended]) -> None:
    """What became of some messages. A batch that is tried again in halves counts again."""
    for row in rows:
        _HANDLED.labels(lane.direction, lane.connection, row.status).inc()


def polled(connection: str, topic: str, outcome: str) -> None:
    """A poll came to its end, or broke off."""
    _POLLS.labels(connection, topic, outcome).inc()


def listed(connection: str, topic: str, known: Sequence[bool]) -> None:
    """What a page listed."""
    for one in known:
        _LISTED.labels(connection, topic, "yes" if one else "no").inc()
