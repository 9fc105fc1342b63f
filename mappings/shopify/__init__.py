"""Shopify, both ways. Source: Shopify developer documentation, Admin API 2023-01 to 2026-07.

What a channel tells beside its orders, refunds and products changes nothing here: fulfilments
made on the channel come with their order, and stock is the hub's own to count.
"""

from hub.model.document import Document
from hub.model.errors import Ignored
from mappings.kit import Context, Decoder, Decoders
from mappings.shopify import orders, products, refunds
from mappings.shopify.outward import ENCODE

__all__ = ["DECODE", "ENCODE"]


def _ignore(code: str, message: str) -> Decoder:
    def decode(_raw: bytes, _at: Context) -> list[Document]:
        raise Ignored(code, message)

    return decode


_BY_ORDER = _ignore("told_by_order", "the order's own update tells it")
_OWN_STOCK = _ignore("own_stock", "the hub counts stock itself")
_STAYS = _ignore("kept", "articles stay known when a channel takes them off")
_NAMED_ONLY = _ignore("told_by_order", "an edit only names its order; the order tells what it is")
_OVER = _ignore("deleted_at_channel", "only orders that are over can be deleted")

DECODE: Decoders = {
    "orders/create": orders.decode,
    "orders/updated": orders.decode,
    "orders/paid": orders.decode,
    "orders/cancelled": orders.decode,
    "orders/fulfilled": orders.decode,
    "orders/partially_fulfilled": orders.decode,
    "orders/edited": _NAMED_ONLY,
    "orders/delete": _OVER,
    "refunds/create": refunds.decode,
    "products/create": products.decode,
    "products/update": products.decode,
    "products/delete": _STAYS,
    "fulfillments/create": _BY_ORDER,
    "fulfillments/update": _BY_ORDER,
    "inventory_levels/update": _OWN_STOCK,
}
