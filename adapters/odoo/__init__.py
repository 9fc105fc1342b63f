"""Odoo over JSON-2, XML-RPC or JSON-RPC: sales, deliveries, credits, goods, entries, customers.

Odoo accepts duplicates: everything is looked for under our reference before it is made.
"""

from functools import partial
from typing import Any

from adapters.kit.auth import Bearer
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.tellings import by_type, encoded
from adapters.odoo.books import Books
from adapters.odoo.customers import Customers
from adapters.odoo.lookup import Lookup
from adapters.odoo.rpc import Caller, Executed, Json2, Odoo
from adapters.odoo.sales import Sales
from adapters.odoo.settings import Settings
from adapters.odoo.stock import Stock
from adapters.ports import Adapter, Clock, Parts
from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder
from hub.model.people import CustomerRecord
from hub.model.returns import ReturnReceipt
from hub.model.settlement import JournalEntry
from hub.model.stock import GoodsReceipt, StockChange
from mappings.kit import Context
from mappings.odoo import ENCODE


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One company in one database."""
    odoo = Odoo(_caller(settings, transport), _context(settings))
    lookup = Lookup(odoo, settings, at)
    sales = Sales(odoo, lookup, settings)
    stock, books = Stock(odoo, lookup, settings, sales), Books(odoo, lookup, settings, sales)
    customers = Customers(odoo, lookup)

    way = encoded(ENCODE, at)
    moves = way(stock.move, stock.moved)
    send, find = by_type(
        {
            SalesOrder: way(sales.send, sales.find),
            Shipment: way(stock.ship, stock.shipped),
            Refund: way(books.credit, books.credited),
            JournalEntry: way(books.enter, books.entered),
            GoodsReceipt: moves,
            ReturnReceipt: moves,
            StockChange: moves,
            CustomerRecord: way(customers.send, customers.find),
        }
    )
    return Parts(check=partial(lookup.warehouse, ""), send=send, find=find)


def _caller(settings: Settings, transport: Transport) -> Caller:
    key = settings.api_key.get_secret_value()
    if settings.protocol == "json2":
        named = {"X-Odoo-Database": settings.database} if settings.database else {}
        auth = Bearer([key])
        return Json2(Session(settings.api_url, transport, auth=auth, headers=named))
    session = Session(settings.api_url, transport, secrets=[key])
    return Executed(session, settings.protocol, (settings.database, settings.user, key))


def _context(settings: Settings) -> dict[str, Any]:
    company = settings.company
    return {"lang": "en_US"} | ({"allowed_company_ids": [company]} if company else {})


ADAPTER = Adapter(Settings, connect)
