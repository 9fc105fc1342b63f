"""ShipHero's words about orders -> `fulfilment_status`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hub.model.document import Document
from hub.model.errors import Ignored
from hub.model.fulfilment import FulfilmentStatus
from mappings.kit import Context, shape
from mappings.kit.fields import needed
from mappings.kit.times import revision
from mappings.reading import read_json_object
from mappings.shiphero import wire
from mappings.shiphero.shipments import check_test


def progress(
    raw: bytes, at: Context, *, topic: str, clock: Callable[[], datetime]
) -> list[Document]:
    """How far an order is; its kind says it. What names no time happened now."""
    body = read_json_object(raw, at.warn)
    check_test(body)
    it = shape(wire.Told, body, at)
    word: Any = at.ours("fulfilment_statuses", topic, path="webhook_type")
    if word == "none":
        raise Ignored("no_consequence", "it changes nothing")
    order = it.order or wire.Order()
    when = it.allocated_at or it.timestamp or it.created_at
    number = it.partner_order_id or order.ours or it.order_number
    there = it.order_uuid or order.id or it.order_id
    told = f"{it.order_id or there}:{word}"
    return [
        FulfilmentStatus(
            source=at.source(f"{told}:{revision(when)}" if when else told, occurred_at=when),
            fulfilment_order_id=needed(number, "partner_order_id"),
            status=word,
            at=when or clock(),
            reason=it.reason,
            warehouse_reference=there,
        )
    ]
