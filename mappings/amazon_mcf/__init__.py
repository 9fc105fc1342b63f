"""Amazon Multi-Channel Fulfillment, both ways. Source: fulfillmentOutbound 2020-07-01, fbaInventory
v1, awd 2024-05-09 and the schema of FULFILLMENT_ORDER_STATUS.

Topics: `order` is an order by itself or in a list, `FULFILLMENT_ORDER_STATUS` a notification.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from mappings.amazon_mcf import notices, orders
from mappings.amazon_mcf.outward import Terms, change_of, encoders, same_lines
from mappings.amazon_mcf.stock import stored, summaries
from mappings.kit import Decoders

__all__ = ["Terms", "change_of", "decoders", "encoders", "same_lines"]


def decoders(clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Decoders:
    """The decode table. `clock` is asked where inventories say no time."""
    return {
        "order": orders.decode,
        "FULFILLMENT_ORDER_STATUS": notices.decode,
        "inventory_summaries": summaries(clock),
        "awd_inventory": stored(clock),
    }
