"""Stock out to channels: the newest level of what changed, one message a SKU and channel, the
newest wins. A level that the channel was told already is not told again.
"""

from decimal import Decimal
from uuid import UUID

from hub.flows.stock import offers
from hub.flows.unit import Unit
from hub.model.document import Source
from hub.model.stock import StockLevel
from hub.store.base.ids import new_id
from hub.store.config.snapshot import Connection
from hub.store.messages import outbox
from hub.store.messages.outbox import Telling
from hub.store.stock import levels_told, levels_touched

_BATCH = 500


def publish(unit: Unit, most: int = _BATCH) -> int:
    """Tell channels of the SKUs whose stock changed. Returns how many SKUs were taken up."""
    dirty = [(row.merchant_id, row.sku) for row in levels_touched.take(unit.db, most)]
    if not dirty:
        return 0
    pools = offers.pools(unit, dirty)
    version, correlation = levels_told.next_version(unit.db), new_id()
    sellable = [
        (partner, at, offers.published(unit.directory, partner.code, at, pools[at]).available)
        for at in dirty
        for partner in unit.directory.listeners("channel", "stock_level", at[0])
    ]
    news = levels_told.news(
        unit.db, [(partner.code, *at, pieces) for partner, at, pieces in sellable], unit.at
    )
    due = [offer for offer in sellable if (offer[0].code, *offer[1]) in news]
    ids = unit.tell(_telling(unit, *offer, version, correlation) for offer in due)
    levels_told.told_by(
        unit.db,
        [(partner.code, *at, id_) for (partner, at, _), id_ in zip(due, ids, strict=True)],
    )
    return len(dirty)


def _telling(
    unit: Unit,
    partner: Connection,
    article: tuple[str, str],
    available: Decimal,
    version: int,
    correlation: UUID,
) -> Telling:
    merchant, sku = article
    document = StockLevel(
        source=Source(
            connection=partner.code,
            id=f"{sku}:{version}",
            revision=str(version),
            occurred_at=unit.at,
        ),
        sku=sku,
        channel=partner.code,
        available=available,
        at=unit.at,
        version=version,
    )
    return Telling(
        document=document,
        connection=partner.code,
        merchant=merchant,
        shards=partner.shards,
        key=f"stock:{merchant}:{sku}",
        revision=f"{version}:{merchant}",
        correlation_id=correlation,
        urgency=outbox.BULK,
        newest_wins=True,
    )
