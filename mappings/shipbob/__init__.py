"""ShipBob, both ways. Source: OpenAPI 1.0, 2025-07 and 2026-01, and the webhooks of 2026-01.

A topic is a webhook's, in the words of today or of API 1.0, or the name of a resource.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from hub.model.document import Document
from mappings.kit import Context, Decoders
from mappings.shipbob import returns
from mappings.shipbob.outward import Terms, encoders, same_lines
from mappings.shipbob.shipments import decode, order_of
from mappings.shipbob.stock import levels

__all__ = ["SHIPMENT_TOPICS", "Terms", "decoders", "encoders", "order_of", "same_lines"]

SHIPMENT_TOPICS: dict[str, str | None] = {
    "order": None,
    "shipment": None,
    "order.shipped": "shipped",
    "order.delivered": None,
    "order.shipment.tracking.updated": None,
    "order.shipment.delivered": "delivered",
    "order.shipment.exception": "exception",
    "order.shipment.on_hold": "exception",
    "order.shipment.cancelled": "cancelled",
    "order_shipped": "shipped",
    "shipment_delivered": "delivered",
    "shipment_exception": "exception",
    "shipment_onhold": "exception",
    "shipment_cancelled": "cancelled",
}
"""Topic -> how it says that a shipment stands."""


def decoders(clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Decoders:
    """The decode table. `clock` is asked where levels say no time."""

    def returned(raw: bytes, at: Context) -> list[Document]:
        return returns.returned(raw, at, clock())

    return {
        **dict.fromkeys(returns.TOPICS, returned),
        **{topic: partial(decode, topic_word=word) for topic, word in SHIPMENT_TOPICS.items()},
        "inventory_level": partial(levels, clock=clock),
    }
