"""ERPNext over Frappe's REST: orders, delivery notes, return invoices, journal and stock entries.

What is there under our reference is not made again: ERPNext keeps duplicates.
"""

from collections.abc import Callable
from typing import Any

from adapters.erpnext.api import Frappe
from adapters.erpnext.desk import Desk
from adapters.erpnext.settings import Settings
from adapters.erpnext.stock import Stock
from adapters.erpnext.telling import Telling
from adapters.kit.auth import Header
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.tellings import Way, by_type
from adapters.ports import Adapter, Clock, Parts, Receipt
from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder
from hub.model.returns import ReturnReceipt
from hub.model.settlement import JournalEntry
from hub.model.stock import GoodsReceipt, StockChange
from mappings.erpnext import ENCODE
from mappings.kit import Context, encode


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One company of one site."""
    key, secret = settings.api_key, settings.api_secret.get_secret_value()
    auth = Header("Authorization", [secret], lambda it: f"token {key}:{it}")
    api = Frappe(Session(settings.api_url, transport, auth=auth))
    desk = Desk(api, settings, at)
    telling, stock = Telling(api, settings, desk), Stock(api, settings, desk)

    def way(told: Callable[[Any], Receipt], found: Callable[[Any], Receipt | None]) -> Way:
        return Way(
            lambda document, _: told(encode(ENCODE, document, at)),
            lambda document: found(encode(ENCODE, document, at)),
        )

    moves = way(stock.move, stock.moved)
    send, find = by_type(
        {
            SalesOrder: way(telling.order, telling.order_found),
            Shipment: way(telling.ship, telling.shipped),
            Refund: way(telling.credit, telling.credited),
            JournalEntry: way(telling.enter, telling.entered),
            GoodsReceipt: moves,
            ReturnReceipt: moves,
            StockChange: moves,
        }
    )
    return Parts(check=telling.check, send=send, find=find)


ADAPTER = Adapter(Settings, connect)
