"""ShipStation, both ways: orders out, shipments and progress back. Source: its API v1.

A topic is a webhook's, with the resource that it names beside it, or the name of a list.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from mappings.kit import Decoders
from mappings.shipstation.orders import progress
from mappings.shipstation.outward import Terms, cancelled, encoders, same_lines
from mappings.shipstation.shipments import left
from mappings.shipstation.wire import PACIFIC

__all__ = ["LISTS", "PACIFIC", "Terms", "cancelled", "decoders", "encoders", "same_lines"]

LISTS = {
    "SHIP_NOTIFY": "shipments",
    "ITEM_SHIP_NOTIFY": "shipments",
    "ORDER_NOTIFY": "orders",
    "ITEM_ORDER_NOTIFY": "orders",
    "FULFILLMENT_SHIPPED": "fulfillments",
    "FULFILLMENT_REJECTED": "fulfillments",
}
"""Webhook -> the list that its address leads to."""
_REJECTED = "FULFILLMENT_REJECTED"


def decoders(
    terms: Terms | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Decoders:
    """The decode table. `clock` is asked where a refusal says no time."""
    own = terms or Terms()
    of_left = partial(left, currency=own.currency, clock=clock, store_id=own.store_id)
    of_orders = partial(progress, store_id=own.store_id)
    readers: Decoders = {"shipments": of_left, "fulfillments": of_left, "orders": of_orders}
    return {
        **readers,
        **{topic: readers[name] for topic, name in LISTS.items()},
        _REJECTED: partial(of_left, rejected=True),
    }
