"""Tryton over its JSON-RPC: sales, shipments, credit notes, entries and goods, found again by our
reference.
"""

from collections.abc import Mapping

from adapters.kit.http import Transport
from adapters.ports import Adapter, Clock, Parts
from adapters.tryton.books import Books
from adapters.tryton.entries import Entries
from adapters.tryton.goods import Goods
from adapters.tryton.lookup import Lookup
from adapters.tryton.parties import Parties
from adapters.tryton.refunds import Refunds
from adapters.tryton.sales import Sales
from adapters.tryton.settings import Settings
from adapters.tryton.shipments import Shipments
from adapters.tryton.telling import Other, Telling
from hub.model.document import Document
from hub.model.fulfilment import Shipment
from hub.model.order import Refund
from hub.model.returns import ReturnReceipt
from hub.model.settlement import JournalEntry
from hub.model.stock import GoodsReceipt, StockChange
from mappings.kit import Context


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One connection to one company's books. One session, from the first call on. Tryton tells
    nothing by itself.
    """
    rpc = settings.session(transport)
    lookup = Lookup(rpc, settings, at)
    books = Books(rpc, lookup, settings)
    goods = Goods(books)
    others: Mapping[type[Document], Other] = {
        Shipment: Shipments(books),
        Refund: Refunds(books),
        JournalEntry: Entries(books),
        GoodsReceipt: goods,
        ReturnReceipt: goods,
        StockChange: goods,
    }
    telling = Telling(Sales(books, Parties(rpc, lookup)), others, at)
    return Parts(
        check=lookup.check, send=telling.send, find=telling.find, send_many=telling.send_many
    )


ADAPTER = Adapter(Settings, connect)
