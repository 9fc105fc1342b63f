"""Stock out to channels: the newest level of what changed, one message a SKU and channel, the
newest wins.
"""

from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from hub.flows.unit import Unit
from hub.model.document import Source
from hub.model.stock import StockLevel
from hub.rules.availability import Level, Share, publishable
from hub.store import outbox
from hub.store.directory import Partner
from hub.store.ids import new_id
from hub.store.outbox import Telling

_BATCH = 500


def publish(unit: Unit, most: int = _BATCH) -> int:
    """Tell channels of the SKUs whose stock changed. Returns how many SKUs were taken up."""
    dirty = unit.db.execute(_TAKE, {"most": most}).all()
    if not dirty:
        return 0
    columns = {"merchants": [row.merchant_id for row in dirty], "skus": [row.sku for row in dirty]}
    levels: dict[tuple[str, str], list[Level]] = {}
    for row in unit.db.execute(_LEVELS, columns):
        levels.setdefault((row.merchant_id, row.sku), []).append(
            Level(row.warehouse, row.on_hand, row.reserved, row.safety)
        )
    version = int(unit.db.scalar(sa.text("SELECT nextval('stock_version')")) or 0)
    correlation = new_id()
    unit.tell(
        _telling(
            unit,
            partner,
            row.merchant_id,
            row.sku,
            levels.get((row.merchant_id, row.sku), []),
            version,
            correlation,
        )
        for row in dirty
        for partner in unit.directory.listeners("channel", "stock_level", row.merchant_id)
    )
    return len(dirty)


def _telling(
    unit: Unit,
    partner: Partner,
    merchant: str,
    sku: str,
    levels: list[Level],
    version: int,
    correlation: UUID,
) -> Telling:
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
        key=f"stock:{sku}",
        revision=str(version),
        correlation_id=correlation,
        urgency=outbox.BULK,
        newest_wins=True,
    )


_TAKE = sa.text(
    """DELETE FROM stock_dirty WHERE (merchant_id, sku) IN (
      SELECT merchant_id, sku FROM stock_dirty ORDER BY merchant_id,
        sku LIMIT :most FOR UPDATE SKIP LOCKED
    ) RETURNING merchant_id, sku"""
)
_LEVELS = sa.text(
    """SELECT merchant_id, sku, warehouse, on_hand, reserved, safety FROM stock_level
    WHERE (merchant_id, sku) IN (SELECT * FROM unnest(CAST(:merchants AS text[]),
      CAST(:skus AS text[])))
      AND quality = 'good' ORDER BY warehouse"""
)
