"""Vendure, both ways. Source: the schemas of the admin and shop API, 3.7, and a shop that ran."""

from collections.abc import Callable
from datetime import UTC, datetime

from mappings.kit import Decoders
from mappings.vendure import orders, products, refunds
from mappings.vendure.outward import ENCODE

__all__ = ["ENCODE", "ORDER", "PRODUCT", "REFUND", "decoders"]

ORDER = ("order", "OrderPlacedEvent", "OrderStateTransitionEvent")
REFUND = ("refund", "RefundStateTransitionEvent")
PRODUCT = ("product", "ProductVariantEvent")
"""The topics: what was asked for, and the events of Vendure that make us ask."""


def decoders(clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Decoders:
    """The decoders, by topic, of what the admin API answers."""

    return {
        **dict.fromkeys(ORDER, lambda raw, at: orders.decode(raw, at, clock())),
        **dict.fromkeys(REFUND, lambda raw, at: refunds.decode(raw, at, clock())),
        **dict.fromkeys(PRODUCT, products.decode),
    }
