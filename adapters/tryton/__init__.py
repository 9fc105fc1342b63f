"""Tryton over its JSON-RPC: sales, shipments, credit notes, found again by our reference."""

from collections.abc import Sequence
from datetime import datetime

from adapters.kit.http import Transport
from adapters.ports import Call, Delivery, Receipt
from adapters.tryton.books import Books
from adapters.tryton.lookup import Lookup
from adapters.tryton.parties import Parties
from adapters.tryton.refunds import Refunds
from adapters.tryton.rpc import Rpc
from adapters.tryton.sales import Sales
from adapters.tryton.settings import Settings
from adapters.tryton.shipments import Shipments
from hub.model.document import Document
from hub.model.errors import NotAuthentic
from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder
from mappings.kit import Context, decode, encode
from mappings.tryton import DECODE, ENCODE

Sent = tuple[Document, str]


class Tryton:
    """One connection to one company's books. One session, from the first call on."""

    SETTINGS = Settings

    def __init__(self, settings: Settings, at: Context, transport: Transport | None = None) -> None:
        credentials = (settings.user, settings.password.get_secret_value())
        url, asked = str(settings.api_url).rstrip("/"), settings.allowed_warnings
        rpc = Rpc(url, settings.database, credentials, asked, transport)
        self._at, self._lookup = at, Lookup(rpc, settings, at)
        books = Books(rpc, self._lookup, settings)
        self._sales = Sales(books, Parties(rpc, self._lookup))
        self._shipments, self._refunds = Shipments(books), Refunds(books)

    def check(self) -> None:
        """Log in and see that everything the settings name is there."""
        self._lookup.check()

    def verify(self, call: Call, now: datetime) -> Delivery:  # noqa: ARG002 - the port's
        """Tryton tells nothing by itself."""
        raise NotAuthentic("no_webhooks")

    def decode(self, topic: str, raw: bytes) -> list[Document]:
        return decode(DECODE, topic, raw, self._at)

    def send(self, document: Document, key: str) -> Receipt:
        (outcome,) = self.send_many([(document, key)])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def send_many(self, batch: Sequence[Sent]) -> list[Receipt | Exception]:
        """Orders together, call by call; what follows an order in the batch after it."""
        outcomes: list[Receipt | Exception] = [AssertionError("not sent")] * len(batch)
        waiting = list(range(len(batch)))
        while waiting:
            first = _first_of_each_order(batch, waiting)
            orders = [n for n in first if isinstance(batch[n][0], SalesOrder)]
            for n, outcome in zip(orders, self._send_orders(batch, orders), strict=True):
                outcomes[n] = outcome
            for n in first:
                if n not in orders:
                    outcomes[n] = self._send_one(batch[n][0])
            waiting = [n for n in waiting if n not in first]
        return outcomes

    def find(self, document: Document) -> Receipt | None:
        """By our reference. None also for what is half done: sending it again takes it up."""
        told = encode(ENCODE, document, self._at)
        match document:
            case SalesOrder():
                return self._sales.find(told)
            case Shipment():
                return self._shipments.find(told)
            case _:
                return self._refunds.find(told)

    def _send_orders(
        self, batch: Sequence[Sent], orders: Sequence[int]
    ) -> list[Receipt | Exception]:
        outcomes: dict[int, Receipt | Exception] = {}
        told = {}
        for n in orders:
            try:
                told[n] = encode(ENCODE, batch[n][0], self._at)
            except Exception as fate:  # noqa: BLE001 - one document's fault is its own
                outcomes[n] = fate
        outcomes |= dict(zip(told, self._sales.send(list(told.values())), strict=True))
        return [outcomes[n] for n in orders]

    def _send_one(self, document: Document) -> Receipt | Exception:
        try:
            told = encode(ENCODE, document, self._at)
            match document:
                case Shipment():
                    return self._shipments.send(told)
                case _:
                    return self._refunds.send(told)
        except Exception as fate:  # noqa: BLE001 - one document's fault is its own
            return fate


def _first_of_each_order(batch: Sequence[Sent], waiting: Sequence[int]) -> list[int]:
    """Documents that no other one of the same order stands before."""
    seen: set[tuple[str, str]] = set()
    first = []
    for n in waiting:
        order = _order_of(batch[n][0])
        if order not in seen:
            seen.add(order)
            first.append(n)
    return first


def _order_of(document: Document) -> tuple[str, str]:
    match document:
        case SalesOrder() | Refund():
            return document.source.connection, document.channel_order_id
        case Shipment(order=order) if order is not None:
            return order.channel, order.channel_order_id
    return document.source.connection, document.business_id
