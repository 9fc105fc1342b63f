"""Shopify, both ways. Source: Shopify developer documentation, Admin API 2023-01 to 2026-07.

What a channel tells beside its orders, refunds and products changes nothing here: fulfilments
made on the channel come with their order, and stock is the hub's own to count.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from hub.model.document import Document
from hub.model.errors import Ignored
from mappings.kit import Context, Decoder, Decoders
from mappings.shopify import products
from mappings.shopify.orders import order
from mappings.shopify.outward import ENCODE
from mappings.shopify.refunds import refund
from mappings.shopify.returns import asked

__all__ = ["DECODE", "ENCODE", "NAME_ONLY", "decoders"]


def _ignore(code: str, message: str) -> Decoder:
    def decode(_raw: bytes, _at: Context) -> list[Document]:
        raise Ignored(code, message)

    return decode


_BY_ORDER = _ignore("told_by_order", "the order's own update tells it")
_OWN_STOCK = _ignore("own_stock", "the hub counts stock itself")
_STAYS = _ignore("kept", "articles stay known when a channel takes them off")
_NAMED_ONLY = _ignore("told_by_order", "an edit only names its order; the order tells what it is")
_OVER = _ignore("deleted_at_channel", "only orders that are over can be deleted")

TELL = ("returns/request", "returns/approve")
NAME_ONLY = (
    "returns/decline",
    "returns/cancel",
    "returns/close",
    "returns/reopen",
    "returns/update",
    "returns/process",
    "reverse_deliveries/attach_deliverable",
)
"""Topics about returns: whose bodies tell the return, and whose bodies only name it."""

_LASTING: Decoders = {
    "orders/create": order.decode,
    "orders/updated": order.decode,
    "orders/paid": order.decode,
    "orders/cancelled": order.decode,
    "orders/fulfilled": order.decode,
    "orders/partially_fulfilled": order.decode,
    "orders/edited": _NAMED_ONLY,
    "orders/delete": _OVER,
    "refunds/create": refund.decode,
    "products/create": products.decode,
    "products/update": products.decode,
    "products/delete": _STAYS,
    "fulfillments/create": _BY_ORDER,
    "fulfillments/update": _BY_ORDER,
    "inventory_levels/update": _OWN_STOCK,
}


def decoders(clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Decoders:
    """The decoders of a shop. `clock`: when a return was asked for that does not say so."""

    def returned(raw: bytes, at: Context) -> list[Document]:
        return asked.decode(raw, at, clock())

    return {**_LASTING, **dict.fromkeys((*TELL, *NAME_ONLY), returned)}


DECODE = decoders()
