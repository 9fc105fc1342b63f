"""A channel's refund, from what it tells to the canonical one: `ChannelRefund` in, `refund`."""

from mappings.kit.refunds.refund import refund
from mappings.kit.refunds.told import ChannelRefund, Returned

__all__ = ["ChannelRefund", "Returned", "refund"]
