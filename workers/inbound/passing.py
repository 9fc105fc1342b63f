"""A corrected telling passes a parked one: where a newer delivery of the same thing can be read,
and says all there is of it, the older one need not be mended any more.

The newer one takes effect in its turn; what stands between them is worked before it. What tells
only of a part (a refund, a shipment) passes nothing.
"""

from uuid import UUID

from sqlalchemy.engine import Connection as Db

from adapters.ports import Parts, documents_of
from hub import logs
from hub.store.base.failures import DatabaseAway
from hub.store.config.snapshot import Connection, Directory
from hub.store.messages import lanes, passing
from hub.store.messages.lanes import Lane
from hub.store.messages.passing import Follower, Head
from mappings.kit import noting
from workers.context import Context

log = logs.get("inbound")


def pass_parked(context: Context, lane: Lane, directory: Directory, partner: Connection) -> None:
    """Close the parked messages of a lane that something behind them took the place of."""
    with context.database.begin() as db:
        heads = passing.heads(db, lane)
    if not heads:
        return
    adapter = context.adapter(partner, directory, lane.direction)
    for head in heads:
        by = _whole(context, lane, adapter, partner, head)

        def write(db: Db, head: Head = head, by: UUID | None = by) -> bool:
            lanes.guard(db, lane)
            if by is not None:
                return passing.supersede(db, lane, head, by)
            passing.looked_at(db, head)
            return False

        if context.database.unit(write):
            log.info("parked_passed", message=str(head.id), by=str(by))
            context.bell.ring([(lane.direction, lane.connection, lane.shard)])


def _whole(
    context: Context, lane: Lane, adapter: Parts, partner: Connection, head: Head
) -> UUID | None:
    """The newest behind a parked message that says all there is of the same thing."""
    whole = context.manifest(partner).whole
    kind = next((name for name, topics in whole.items() if head.topic in topics), None)
    if kind is None:
        return None
    with context.database.begin() as db:
        followers = passing.followers(db, context.vault, lane, head, whole[kind])
    return next((follower.id for follower in followers if _reads(adapter, follower, kind)), None)


def _reads(adapter: Parts, follower: Follower, kind: str) -> bool:
    if follower.raw is None:
        return False
    try:
        with noting():
            documents = documents_of(adapter, follower.topic, follower.raw)
    except DatabaseAway:
        raise
    except Exception:  # noqa: BLE001
        # an adapter may be anybody's package and raise anything; what becomes of this message is
        # decided in its own turn (`fates`), here it only passes nothing
        return False
    return bool(documents) and all(document.type == kind for document in documents)
