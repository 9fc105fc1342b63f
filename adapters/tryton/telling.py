"""Several documents told together: orders call by call, and what follows an order after it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from adapters.ports import Receipt
from adapters.tryton.sales import Sales
from hub.model.document import Document
from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder
from mappings.kit import Context, encode
from mappings.tryton import ENCODE

Sent = tuple[Document, str]


class Other(Protocol):
    """What books documents of one kind, and finds them."""

    def send(self, told: Any, /) -> Receipt: ...

    def find(self, told: Any, /) -> Receipt | None: ...


class Telling:
    """What the books of one company are told, and asked."""

    def __init__(self, sales: Sales, others: Mapping[type[Document], Other], at: Context) -> None:
        """`others`: what is told one by one."""
        self._sales, self._others, self._at = sales, others, at

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
        wire = encode(ENCODE, document, self._at)
        if isinstance(document, SalesOrder):
            return self._sales.find(wire)
        return self._others[type(document)].find(wire)

    def _send_orders(
        self, batch: Sequence[Sent], orders: Sequence[int]
    ) -> list[Receipt | Exception]:
        outcomes: dict[int, Receipt | Exception] = {}
        wires = {}
        for n in orders:
            try:
                wires[n] = encode(ENCODE, batch[n][0], self._at)
            except Exception as fate:  # noqa: BLE001 - one document's fault is its own
                outcomes[n] = fate
        outcomes |= dict(zip(wires, self._sales.send(list(wires.values())), strict=True))
        return [outcomes[n] for n in orders]

    def _send_one(self, document: Document) -> Receipt | Exception:
        try:
            wire = encode(ENCODE, document, self._at)
            return self._others[type(document)].send(wire)
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
