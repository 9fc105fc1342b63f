"""Puts much into an outbox at once, past the flows: what a partner's outage leaves behind."""

from datetime import UTC, datetime
from decimal import Decimal

from hub.model.document import Source
from hub.model.stock import StockLevel
from hub.store.base.ids import new_id
from hub.store.messages.outbox import BULK, URGENT, Telling
from tests.kit.world import World


def queue(
    world: World, connection: str, messages: int, *, bulk: bool = False, first: int = 0
) -> None:
    """So many messages, each of a key of its own, are to be told. `first`: where they are counted
    from, as what was told once is not told again.
    """
    partner = world.store.directory().connections[connection]
    at, kind = datetime.now(UTC), "b" if bulk else "u"
    tellings = [
        Telling(
            document=StockLevel(
                source=Source(connection="shop", id=f"{kind}{n}", occurred_at=at),
                sku=f"{kind}{n}",
                channel=connection,
                available=Decimal(n),
                at=at,
                version=n,
            ),
            connection=connection,
            merchant=partner.merchant,
            shards=partner.shards,
            key=f"{kind}{n}",
            revision="1",
            correlation_id=new_id(),
            urgency=BULK if bulk else URGENT,
        )
        for n in range(first, first + messages)
    ]
    with world.unit() as unit:
        unit.tell(tellings)


def left(world: World, connection: str) -> int:
    """How many are still to be told."""
    return int(
        world.one(
            "SELECT count(*) FROM work WHERE connection = :c AND direction = 'out'", c=connection
        )
    )
