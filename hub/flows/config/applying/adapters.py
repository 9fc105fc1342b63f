"""What the connections file must know of adapters, and what connections may be told by them."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from hub.flows.config.applying.rows import Connection
from hub.model.errors import Problem

# fmt: off
EVENTS: Mapping[str, str] = {
    "order.changed":        "sales_order",
    "order.cancelled":      "order_cancellation",
    "order.fulfilled":      "shipment",
    "order.refunded":       "refund",
    "stock.changed":        "stock_level",
    "fulfilment.requested": "fulfilment_order",
    "fulfilment.cancelled": "fulfilment_cancellation",
    "inbound.announced":    "inbound_notice",
    "inbound.cancelled":    "inbound_cancellation",
    "goods.received":       "goods_receipt",
    "return.cancelled":     "return",
    "return.changed":       "return",
    "return.approved":      "return",
    "return.received":      "return_receipt",
    "stock.moved":          "stock_change",
    "product.changed":      "product",
    "journal.entry":        "journal_entry",
    "customer.changed":     "customer",
    "customer.erased":      "customer_erasure",
}
"""What a connection may subscribe to, and the document that tells of it (its type does as well)."""
# fmt: on
EVENT_OF: Mapping[str, str] = {document: event for event, document in EVENTS.items()}


class Facts(Protocol):
    """What an adapter's manifest says."""

    @property
    def port(self) -> str: ...
    @property
    def gives(self) -> Collection[str]: ...
    @property
    def takes(self) -> Collection[str]: ...
    @property
    def on_request(self) -> Collection[str]: ...
    @property
    def polls(self) -> Collection[str]: ...


class Adapters(Protocol):
    """What is known of adapters, from outside the flows."""

    def facts(self, name: str) -> Facts:
        """An adapter's manifest. BadData with the known ones where there is none of that name."""

    def polled(self, name: str, options: Mapping[str, Any]) -> Mapping[str, float]:
        """Of a connection with such options: topic -> how many seconds apart it is asked for."""

    def problems(
        self,
        name: str,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        network: Mapping[str, Any],
        owner: tuple[str, str],
    ) -> list[Problem]:
        """What is wrong with a connection's settings; `secrets` are references, `owner` is merchant
        and connection.
        """


def takes(row: Connection, facts: Facts) -> frozenset[str]:
    """The document types that a connection is told: what it subscribes to, else the usual ones."""
    if row.subscribes is None:
        return usual(facts)
    return frozenset(EVENTS.get(word, word) for word in row.subscribes)


def usual(facts: Facts) -> frozenset[str]:
    """What a connection is told that subscribes to nothing in particular."""
    return frozenset(facts.takes) - frozenset(facts.on_request)
