"""Goods that came in: receipts of inbound notices and of returns."""

import re
from collections.abc import Iterable
from typing import Any, cast

from hub.model.document import Document
from hub.model.errors import BadData, Ignored
from hub.model.returns import ReturnQuality, ReturnReceipt, ReturnReceiptLine
from hub.model.stock import GoodsReceipt, ReceivedLine
from mappings.qimen.fields import Reader, attributes, decimal, kind, more_follow, needed
from mappings.qimen.identity import entry_id, return_id
from mappings.qimen.lines import Piece, read_pieces
from mappings.qimen.tree import Node, plain

_RECEIVED = frozenset({"partfulfilled", "fulfilled"})
_ON_THE_WAY = frozenset({"new", "accept", "partfulfilled", "exception", "canceledfail"})
"""States of a document of which more may come."""
_ENTRY = ("entryOrderCode", "entryOrderId", "orderCode", "orderId", "operateTime", "confirmType")
_TAIL = 4
_RETURN = [
    "returnOrderCode",
    "returnOrderId",
    "orderConfirmTime",
    "logisticsCode",
    "logisticsName",
    "expressCode",
    "confirmType",
    "senderInfo",
]


def entry(reader: Reader, request: Node) -> list[Document]:
    """entryorder.confirm: what a warehouse received; each message adds its quantities."""
    head = request.child("entryOrder")
    pieces = _pieces(reader, request, head)
    when = reader.when(head, "operateTime", path="entryOrder")
    id_ = entry_id(request)
    total = decimal(head, "totalOrderLines", path="entryOrder") or 0
    final = not more_follow(head) and kind(head, "status") not in _ON_THE_WAY
    code = head.text("entryOrderCode") or needed(head, "orderCode", path="entryOrder")
    return [
        GoodsReceipt(
            source=reader.at.source(id_, occurred_at=when),
            inbound_notice_id=code,
            receipt_id=id_,
            warehouse_reference=reader.reference(
                head, "entryOrderId", "orderId", path="entryOrder"
            ),
            received_at=when,
            complete=final and total <= len(request.entries("orderLines")),
            lines=tuple(_received(piece) for piece in pieces),
            attributes={
                **_totals(request),
                **attributes(head, request.child("extendProps"), used=_ENTRY),
                **reader.notes,
            },
        )
    ]


def _totals(request: Node) -> dict[str, Any]:
    """What a warehouse says it received in all, with the last of several confirmations."""
    totals = [plain(entry) for entry in request.entries("totalOrders")]
    return {"totalOrders": totals} if totals else {}


def _pieces(reader: Reader, request: Node, head: Node) -> list[Piece]:
    """The pieces of a receipt; a status without goods changes nothing."""
    lines = request.entries("orderLines")
    status = kind(head, "status")
    moved = [line for line in lines if _says_pieces(line)]
    waiting = status in _ON_THE_WAY - _RECEIVED and not moved
    if waiting or (not lines and status is not None and status not in _RECEIVED):
        raise Ignored("no_consequence", f"{(status or '').upper()} without goods")
    if not lines:
        raise BadData("at least one line is expected", path="orderLines", code="no_lines")
    pieces = read_pieces(reader, lines)
    if not pieces:
        raise Ignored("no_consequence", "all goods are still in transit")
    return pieces


def _says_pieces(line: Node) -> bool:
    """Whether a line says of any pieces that they came."""
    told = [line, *line.entries("batchs")]
    counts = (node.first("actualQty", "quantity") for node in told)
    return any(count is not None and count.strip("0.") for count in counts)


def _received(piece: Piece) -> ReceivedLine:
    return ReceivedLine(
        line_no=piece.line_no,
        sku=piece.sku,
        item_code=piece.item_code,
        quantity=piece.quantity,
        quality=piece.quality,
        batch=piece.batch,
        produced_on=piece.produced_on,
        expires_on=piece.expires_on,
        serials=piece.serials,
    )


def returned(reader: Reader, request: Node) -> list[Document]:
    """returnorder.confirm: what came back, each message adding its quantities. The sender's person
    and address are not kept, but the end of his number: by that a parcel is known that nobody
    announced.
    """
    head, lines = request.child("returnOrder"), request.entries("orderLines")
    pieces = _pieces(reader, request, head)
    when = reader.when(head, "orderConfirmTime", path="returnOrder")
    code = head.text("logisticsCode") or head.text("logisticsName")
    id_, numbers = return_id(request), reader.tracking(head, path="returnOrder")
    return [
        ReturnReceipt(
            source=reader.at.source(id_, occurred_at=when),
            return_id=reader.reference(head, "returnOrderCode", path="returnOrder"),
            receipt_id=id_,
            warehouse=reader.at.connection,
            channel_order_id=_one_of(
                reader.reference(line, "sourceOrderCode", path="orderLines") for line in lines
            ),
            phone_tail=_tail(request, head),
            received_at=when,
            carrier=reader.at.ours_or_none("carriers", code) or code,
            tracking_number=next(iter(numbers), None),
            lines=tuple(_back(reader, piece) for piece in pieces),
            attributes={
                "complete": not more_follow(head),
                "warehouseReference": head.text("returnOrderId"),
                **({"tracking_numbers": list(numbers)} if len(numbers) > 1 else {}),
                **attributes(head, request.child("extendProps"), used=tuple(_RETURN)),
                **reader.notes,
            },
        )
    ]


def _one_of(told: Iterable[str | None]) -> str | None:
    """The order that all lines name, if it is one."""
    orders = set(filter(None, told))
    return orders.pop() if len(orders) == 1 else None


def _tail(request: Node, head: Node) -> str | None:
    """The last digits of the sender's number, where nothing stands in their place."""
    for sender in (head.child("senderInfo"), request.child("senderInfo")):
        number = re.sub(r"[\s-]", "", sender.first("mobile", "tel") or "")[-_TAIL:]
        if len(number) == _TAIL and number.isascii() and number.isdigit():
            return number
    return None


def _back(reader: Reader, piece: Piece) -> ReturnReceiptLine:
    word = reader.at.ours_or_none("return_qualities", piece.grade)
    return ReturnReceiptLine(
        sku=piece.sku,
        line_no=piece.line_no,
        quantity=piece.quantity,
        quality=cast("ReturnQuality", word or piece.quality),
        grade=piece.grade,
        inspector_note=piece.note,
        batch=piece.batch,
        serials=piece.serials,
    )
