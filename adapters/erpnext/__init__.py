"""ERPNext over Frappe's REST: orders, delivery notes, return invoices, journal and stock entries.

What is there under our reference is not made again: ERPNext keeps duplicates.
"""

from adapters.erpnext.api import Frappe
from adapters.erpnext.desk import Desk
from adapters.erpnext.settings import Settings
from adapters.erpnext.stock import Stock
from adapters.erpnext.telling import Telling
from adapters.kit.auth import Header
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.tellings import by_type, encoded
from adapters.ports import Adapter, Clock, Parts
from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder
from hub.model.returns import ReturnReceipt
from hub.model.settlement import JournalEntry
from hub.model.stock import GoodsReceipt, StockChange
from mappings.erpnext import ENCODE
from mappings.kit import Context


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One company of one site."""
    key, secret = settings.api_key, settings.api_secret.get_secret_value()
    auth = Header("Authorization", [secret], lambda it: f"token {key}:{it}")
    api = Frappe(Session(settings.api_url, transport, auth=auth))
    desk = Desk(api, settings, at)
    telling, stock = Telling(api, settings, desk), Stock(api, settings, desk)

    way = encoded(ENCODE, at)
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
