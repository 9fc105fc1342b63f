"""Stock out to channels: the newest level of what changed, one message a SKU and channel, the
newest wins.
"""

from decimal import Decimal
from uuid import UUID

from hub.flows.unit import Unit
from hub.model.document import Source
from hub.model.stock import StockLevel
from hub.rules.availability import Level, Share, publishable
from hub.store import outbox, stock
from hub.store.directory import Partner
from hub.store.ids import new_id
from hub.store.outbox import Telling

_BATCH = 500


def publish(unit: Unit, most: int = _BATCH) -> int:
    """Tell channels of the SKUs whose stock changed. Returns how many SKUs were taken up."""
    dirty = [(row.merchant_id, row.sku) for row in stock.take_touched(unit.db, most)]
    if not dirty:
        return 0
    levels: dict[tuple[str, str], list[Level]] = {}
    for row in stock.levels(unit.db, dirty):
        level = Level(row.warehouse, row.on_hand, row.reserved, row.safety)
        levels.setdefault((row.merchant_id, row.sku), []).append(level)
    version, correlation = stock.next_version(unit.db), new_id()
    unit.tell(
        _telling(unit, partner, at, levels.get(at, []), version, correlation)
        for at in dirty
        for partner in unit.directory.listeners("channel", "stock_level", at[0])
    )
    return len(dirty)


def _telling(
    unit: Unit,
    partner: Partner,
    article: tuple[str, str],
    levels: list[Level],
    version: int,
    correlation: UUID,
) -> Telling:
    merchant, sku = article
    percent = Decimal(str(partner.options.get("stock_share_percent", 100)))
    published = publishable(levels, Share(percent=percent))
    document = StockLevel(
        source=Source(
            connection=partner.code,
            id=f"{sku}:{version}",
            revision=str(version),
            occurred_at=unit.at,
        ),
        sku=sku,
        channel=partner.code,
        available=max(published.available, Decimal(0)),
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
