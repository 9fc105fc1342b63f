"""What a warehouse is told. `encoders` is the table; `orders`, `notices` and `items` hold the
documents, `calls` what is asked and cancelled, `writing` how Qimen writes.
"""

from hub.model.fulfilment import FulfilmentCancellation, FulfilmentOrder
from hub.model.product import Product
from hub.model.returns import Return
from hub.model.stock import InboundCancellation, InboundNotice
from mappings.kit import Context, Encoders
from mappings.qimen.outward import calls, items, notices
from mappings.qimen.outward.orders import create, kind_of, leaves_as_stock
from mappings.qimen.outward.terms import Sender, Terms

__all__ = [
    "Sender",
    "Terms",
    "calls",
    "encoders",
    "items",
    "kind_of",
    "leaves_as_stock",
    "notices",
]


def encoders(terms: Terms) -> Encoders:
    """The encode table for one connection's terms."""

    def order(document: FulfilmentOrder, at: Context) -> bytes:
        return create(document, terms, at)

    def cancellation(document: FulfilmentCancellation, _: Context) -> bytes:
        number, reason = document.warehouse_reference, document.reason
        kind = kind_of(document, terms)
        return calls.cancel(document.fulfilment_order_id, kind, terms, number, reason)

    def notice(document: InboundNotice, at: Context) -> bytes:
        return notices.entry(document, terms, at)

    def called_off(document: InboundCancellation, _: Context) -> bytes:
        """Its kind is left out: nothing says which one the notice had."""
        number, reason = document.warehouse_reference, document.reason
        return calls.cancel(document.inbound_notice_id, None, terms, number, reason)

    def returned(document: Return, at: Context) -> bytes:
        if document.status in {"cancelled", "rejected"}:
            kind = notices.return_kind(document)
            return calls.cancel(document.return_id, kind, terms, reason=document.reason)
        return notices.returned(document, terms, at)

    def article(document: Product, at: Context) -> bytes:
        return items.article(document, terms, at)

    return {
        FulfilmentOrder: order,
        FulfilmentCancellation: cancellation,
        InboundNotice: notice,
        InboundCancellation: called_off,
        Return: returned,
        Product: article,
    }
