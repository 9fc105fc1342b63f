"""Alibaba Qimen <-> canonical. Source: the published API metadata of taobao.qimen.* (2.0).

Topics are method names without the prefix `taobao.qimen.`. A delivery order's code is our
fulfilment order id; a Qimen item code is the merchant's SKU, an item id the warehouse's own number.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from hub.model.document import Document
from hub.model.errors import BadData
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentOrder
from mappings.kit import Context, Decoder, Decoders, Encoders
from mappings.qimen.fields import Clock, Reader
from mappings.qimen.goods import entry, returned
from mappings.qimen.identity import Identity, identity
from mappings.qimen.orders import batch_confirmation, confirmation, lack, process
from mappings.qimen.outward import Sender, Terms, cancel, create, query
from mappings.qimen.stock import changes, count
from mappings.qimen.tree import Node, read_request

__all__ = [
    "TAKEN",
    "Identity",
    "Sender",
    "Terms",
    "check_topic",
    "decoders",
    "encoders",
    "identity",
    "query",
    "topic_of",
]

_Told = Callable[[Reader, Node], list[Document]]
TAKEN: Mapping[str, _Told] = {
    "deliveryorder.confirm": confirmation,
    "deliveryorder.batchconfirm": batch_confirmation,
    "stockout.confirm": confirmation,
    "orderprocess.report": process,
    "itemlack.report": lack,
    "entryorder.confirm": entry,
    "returnorder.confirm": returned,
    "inventory.report": count,
    "stockchange.report": changes,
}
_WITHOUT_CONSEQUENCE = frozenset(
    [
        "sn.report",
        "order.sn.report",
        "orderexception.report",
        "wavenum.report",
        "storeprocess.confirm",
        "transferorder.report",
        "returnpackage.report",
        "inventory.synchronize.report",
        "deliveryorder.batchcreate.answer",
        "warehouseinfo.synchronize",
        "presalespackage.consign",
    ]
)
_PREFIX = "taobao.qimen."


def topic_of(method: str) -> str:
    """The topic of a method, with or without its prefix."""
    return method.strip().removeprefix(_PREFIX)


def decoders(clock: Clock = lambda: datetime.now(UTC)) -> Decoders:
    """The decode table. `clock` is asked only where a message tells no time of its own."""
    return {topic: _decoder(told, clock) for topic, told in TAKEN.items()}


def check_topic(topic: str) -> None:
    """BadData where no warehouse calls such a method: the message waits for a person."""
    if topic not in TAKEN and topic not in _WITHOUT_CONSEQUENCE:
        message = f"{topic[:100]!r} is no method that a warehouse calls"
        raise BadData(message, path="method", code="unknown_code")


def _decoder(told: _Told, clock: Clock) -> Decoder:
    def decode(raw: bytes, at: Context) -> list[Document]:
        return told(Reader(at, clock), read_request(raw))

    return decode


def encoders(terms: Terms) -> Encoders:
    """The encode table for one connection's terms."""

    def order(document: FulfilmentOrder, at: Context) -> bytes:
        return create(document, terms, at)

    def cancellation(document: FulfilmentCancellation, _: Context) -> bytes:
        return cancel(document, terms)

    return {FulfilmentOrder: order, FulfilmentCancellation: cancellation}
