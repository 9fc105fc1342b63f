"""Alibaba Qimen <-> canonical. Source: the published API metadata of taobao.qimen.* (2.0).

Topics are method names without the prefix `taobao.qimen.`. A delivery order's code is our
fulfilment order id; a Qimen item code is the merchant's SKU, an item id the warehouse's own number.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from hub.model.document import Document
from hub.model.errors import BadData
from mappings.kit import Context, Decoder, Decoders
from mappings.qimen.asked import levels, steps
from mappings.qimen.fields import Clock, Reader
from mappings.qimen.goods import entry, returned
from mappings.qimen.identity import Identity, identity
from mappings.qimen.orders import batch_confirmation, confirmation
from mappings.qimen.outward import Sender, Terms, encoders
from mappings.qimen.progress import lack, process, serial_numbers
from mappings.qimen.requests import REQUESTS
from mappings.qimen.stock import changes, count
from mappings.qimen.tree import Node, read_request, read_response
from mappings.reading import Warn

__all__ = [
    "TAKEN",
    "Identity",
    "Sender",
    "Terms",
    "check_topic",
    "decoders",
    "encoders",
    "identity",
    "requests",
    "topic_of",
]

_Told = Callable[[Reader, Node], list[Document]]
_Tree = Callable[[bytes, Warn], Node]
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
    "sn.report": serial_numbers,
}
_LEVELS: Mapping[str, _Told] = {"inventory.query": levels}
_FURTHER_ANSWERS: Mapping[str, _Told] = {"stock.query": levels, "orderprocess.query": steps}
_WITHOUT_CONSEQUENCE = frozenset(
    [
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
_PREFIXES = ("taobao.qimen.", "jingdong.hufu.")


def topic_of(method: str) -> str:
    """The topic of a method, with or without the prefix of a gateway."""
    topic = method.strip()
    return next((topic.removeprefix(it) for it in _PREFIXES if topic.startswith(it)), topic)


def decoders(clock: Clock = lambda: datetime.now(UTC)) -> Decoders:
    """The decode table. `clock` is asked only where a message tells no time of its own."""
    return _decoders(TAKEN, clock) | _decoders(_LEVELS, clock, read_response)


def requests(clock: Clock = lambda: datetime.now(UTC)) -> Decoders:
    """The table that reads back what a warehouse is told, and what it answers to other questions
    than those that are polled.
    """
    return _decoders(REQUESTS, clock) | _decoders(_FURTHER_ANSWERS, clock, read_response)


def check_topic(topic: str) -> None:
    """BadData where no warehouse calls such a method: the message waits for a person."""
    if topic not in TAKEN and topic not in _WITHOUT_CONSEQUENCE:
        message = f"{topic[:100]!r} is no method that a warehouse calls"
        raise BadData(message, path="method", code="unknown_code")


def _decoders(
    table: Mapping[str, _Told], clock: Clock, tree: _Tree = read_request
) -> dict[str, Decoder]:
    return {topic: _decoder(told, clock, tree) for topic, told in table.items()}


def _decoder(told: _Told, clock: Clock, tree: _Tree) -> Decoder:
    def decode(raw: bytes, at: Context) -> list[Document]:
        return told(Reader(at, clock), tree(raw, at.warn))

    return decode
