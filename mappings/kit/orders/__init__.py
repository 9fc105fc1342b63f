"""A channel's order, from what it tells to the canonical one: `ChannelOrder` in, `sales_order`."""

from mappings.kit.orders.order import sales_order
from mappings.kit.orders.standing import fulfilment
from mappings.kit.orders.told import ONE, ChannelOrder, ChannelPayment, Charge

__all__ = ["ONE", "ChannelOrder", "ChannelPayment", "Charge", "fulfilment", "sales_order"]
