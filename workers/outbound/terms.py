"""On what terms a lane's next batch is told: to whom, how many calls at a time, how long each may
take. They hold for that batch; the next one asks again.
"""

from dataclasses import dataclass

from adapters.kit.manifest import Manifest
from hub.store.config.snapshot import Connection, Directory
from hub.store.messages.lanes import Lane
from workers.context import Context

BEGIN_S = 25.0
"""Calls begin within this time of their claim; the lease lasts until the last of them has ended."""
_MARGIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one batch of a connection."""

    partner: Connection
    directory: Directory
    manifest: Manifest
    threads: int
    deadline_s: float

    @property
    def lease_s(self) -> float:
        """So long lasts a call that begins as late as it may."""
        return BEGIN_S + self.deadline_s


def terms_of(context: Context, directory: Directory, lane: Lane) -> Terms | None:
    """None where the connection is gone or paused."""
    partner = directory.connections.get(lane.connection)
    if partner is None or partner.status == "paused":
        return None
    calls = int(partner.limits.get("concurrency", partner.shards))
    threads = max(1, calls // partner.shards + (lane.shard < calls % partner.shards))
    deadline = float(partner.limits.get("timeout_s", 15)) + _MARGIN_S
    return Terms(partner, directory, context.manifest(partner), threads, deadline)
