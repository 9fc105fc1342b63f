"""WooCommerce, both ways. Source: REST API wc/v3 and the webhooks of the plug-in, 3.0 to 10.9."""

from collections.abc import Callable
from datetime import UTC, datetime

from hub.model.document import Document
from hub.model.errors import Ignored
from mappings.kit import Context, Decoder, Decoders
from mappings.woocommerce import orders, products, refunds
from mappings.woocommerce.outward import ENCODE
from mappings.woocommerce.products import Units

__all__ = ["ENCODE", "REFUNDS", "Units", "decoders"]

USUAL = Units()
"""What WooCommerce measures in until somebody says otherwise."""
REFUNDS = "order.refunds"
"""Our own topic: the refunds of one order, fetched because the order only names them."""


def decoders(
    units: Units = USUAL, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Decoders:
    """The decoders of a site that measures in these units."""

    def order(raw: bytes, at: Context) -> list[Document]:
        return orders.decode(raw, at, clock())

    def product(raw: bytes, at: Context) -> list[Document]:
        return products.decode(raw, at, units)

    def refund(raw: bytes, at: Context) -> list[Document]:
        return refunds.decode(raw, at, clock(), units.currency)

    return {
        "order.created": order,
        "order.updated": order,
        "order.restored": order,
        "order.deleted": _ignore(
            "deleted_at_channel", "only the id is told: a poll tells the rest"
        ),
        "product.created": product,
        "product.updated": product,
        "product.restored": product,
        "product.deleted": _ignore("kept", "articles stay known when a channel takes them off"),
        REFUNDS: refund,
    }


def _ignore(code: str, message: str) -> Decoder:
    def decode(_raw: bytes, _at: Context) -> list[Document]:
        raise Ignored(code, message)

    return decode
