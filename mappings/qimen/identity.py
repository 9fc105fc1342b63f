"""What recognises a message that comes again, and what it is about.

A warehouse may use one `outBizCode` for every partial confirmation of a document; so a message is
known by its family, its document, its `outBizCode` and what its lines say, together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hub.model.errors import BadData
from mappings.qimen.tree import Node, fingerprint, read_request


@dataclass(frozen=True, slots=True)
class Identity:
    """`id` is the same for a repeat; `key` is the document that the message is about."""

    id: str
    key: str | None


def document_id(family: str, code: str | None, out: str | None, *content: Node | str | None) -> str:
    """The id of one document in a message."""
    return f"{(code or family)[:100]}:{fingerprint(family, out, *content)}"


def delivery_id(request: Node) -> str:
    """The id of a deliveryorder or stockout confirmation."""
    return _confirmed(request, "delivery", "deliveryOrder", "deliveryOrderCode")


def entry_id(request: Node) -> str:
    """The id of an entryorder confirmation."""
    return _confirmed(request, "entry", "entryOrder", "entryOrderCode", "orderCode")


def return_id(request: Node) -> str:
    """The id of a returnorder confirmation."""
    return _confirmed(request, "return", "returnOrder", "returnOrderCode")


def _confirmed(request: Node, family: str, element: str, *codes: str) -> str:
    head = request.child(element)
    return document_id(family, head.first(*codes), head.text("outBizCode"), *_said(request, head))


def process_id(request: Node) -> str:
    """The id of a progress report."""
    process = request.child("process")
    said = [process.text(name) for name in ("processStatus", "operateTime", "operateInfo")]
    code = request.child("order").text("orderCode")
    listed = request.lists("processes") if process.absent else ()
    return document_id("process", code, None, *said, *listed)


def serials_id(request: Node) -> str:
    """The id of one page of serial numbers."""
    head = request.child("deliveryOrder")
    code, out = head.text("deliveryOrderCode"), head.text("outBizCode")
    return document_id("serials", code, out, request.text("currentPage"), *_lists(request, "items"))


def lack_id(request: Node) -> str:
    """The id of a shortage report."""
    code, out = request.text("deliveryOrderCode"), request.text("outBizCode")
    return document_id("lack", code, out, *_lists(request, "items"))


def count_id(request: Node) -> str:
    """The id of one page of a stock-take."""
    code, out = request.text("checkOrderCode"), request.text("outBizCode")
    said = request.text("currentPage"), request.text("adjustType"), *_lists(request, "items")
    return document_id("count", code, out, *said)


def change_id(request: Node) -> str:
    """The id of a report of movements."""
    return document_id("change", None, None, *request.entries("items"))


def confirmations(request: Node) -> list[Node]:
    """The confirmations of a batch, also of one that stands in the list without its element."""
    lists = request.lists("orders")
    alone = [one for one in lists if not one.child("deliveryOrder").absent]
    return alone or request.entries("orders")


def batch_id(request: Node) -> str:
    """The id of a batch of confirmations."""
    confirmed = [delivery_id(one) for one in confirmations(request)]
    return document_id("batch", None, None, *confirmed)


def _said(request: Node, head: Node) -> tuple[Node | str | None, ...]:
    """What makes a confirmation another one: whether it is final, and its lines and packages."""
    status, kind = head.text("status"), head.text("confirmType")
    return status, kind, *_lists(request, "packages"), *_lists(request, "orderLines")


def _lists(request: Node, name: str) -> list[Node]:
    """All that is said in lists of a name; an absent one where nothing is."""
    return request.lists(name) or [Node(name)]


def _batch_key(request: Node) -> str | None:
    codes = {one.child("deliveryOrder").text("deliveryOrderCode") for one in confirmations(request)}
    return codes.pop() if len(codes) == 1 else None


_Key = Callable[[Node], str | None]
_IDENTITIES: Mapping[str, tuple[Callable[[Node], str], _Key]] = {
    "deliveryorder.confirm": (
        delivery_id,
        lambda it: it.child("deliveryOrder").text("deliveryOrderCode"),
    ),
    "stockout.confirm": (
        delivery_id,
        lambda it: it.child("deliveryOrder").text("deliveryOrderCode"),
    ),
    "deliveryorder.batchconfirm": (batch_id, _batch_key),
    "orderprocess.report": (process_id, lambda it: it.child("order").text("orderCode")),
    "itemlack.report": (lack_id, lambda it: it.text("deliveryOrderCode")),
    "entryorder.confirm": (
        entry_id,
        lambda it: it.child("entryOrder").first("entryOrderCode", "orderCode"),
    ),
    "returnorder.confirm": (
        return_id,
        lambda it: it.child("returnOrder").text("returnOrderCode"),
    ),
    "sn.report": (serials_id, lambda it: it.child("deliveryOrder").text("deliveryOrderCode")),
    "inventory.report": (count_id, lambda _: None),
    "stockchange.report": (change_id, lambda _: None),
}


def identity(topic: str, raw: bytes) -> Identity:
    """Id and key of a message. An unreadable body is known by its bytes and stands alone."""
    try:
        request = read_request(raw)
    except BadData:
        return Identity(f"{topic}:{fingerprint(raw.hex())}", None)
    if topic not in _IDENTITIES:
        return Identity(f"{topic}:{fingerprint(request)}", None)
    id_of, key_of = _IDENTITIES[topic]
    return Identity(f"{topic}:{id_of(request)}", key_of(request))
