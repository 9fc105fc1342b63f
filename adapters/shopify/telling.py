"""What a shop is told, and asked: by what the document is."""

from adapters.kit.tellings import Way, by_type
from adapters.ports import Find, Send
from adapters.shopify import cancelling, paying_back, returning, shipping
from adapters.shopify.admin import Admin
from adapters.shopify.stock import Stock
from hub.model.fulfilment import Shipment
from hub.model.order import OrderCancellation, Refund
from hub.model.returns import Return
from hub.model.stock import StockLevel
from mappings.kit import Context


def telling(admin: Admin, at: Context, location: str | None, *, notify: bool) -> tuple[Send, Find]:
    """One shop's shipments, stock levels, returns, money back, and what is given up."""
    stock = Stock(admin, location)
    return by_type(
        {
            Shipment: Way(
                lambda it, _: shipping.send(admin, it, at, notify=notify),
                lambda it: shipping.find(admin, it, at),
            ),
            StockLevel: Way(
                lambda it, key: stock.send(it, at, key),
                lambda it: stock.find(it, at),
            ),
            OrderCancellation: Way(
                lambda it, key: cancelling.send(admin, it, at, key, notify=notify),
                lambda it: cancelling.find(admin, it, at),
            ),
            Refund: Way(
                lambda it, key: paying_back.send(admin, it, at, key, notify=notify),
                lambda it: paying_back.find(admin, it),
            ),
            Return: Way(
                lambda it, _: returning.send(admin, it, at, notify=notify),
                lambda it: returning.find(admin, it),
            ),
        }
    )
