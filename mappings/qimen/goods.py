"""Goods that came in: receipts of inbound notices and of returns."""

from hub.model.document import Document
from hub.model.errors import BadData, Ignored
from hub.model.returns import ReturnReceipt, ReturnReceiptLine
from hub.model.stock import GoodsReceipt, ReceivedLine
from mappings.qimen.fields import Reader, attributes, decimal, needed
from mappings.qimen.identity import entry_id, return_id
from mappings.qimen.lines import Piece, read_pieces
from mappings.qimen.tree import Node

_RECEIVED = frozenset({"PARTFULFILLED", "FULFILLED"})
_ENTRY = ("entryOrderCode", "entryOrderId", "orderCode", "orderId", "operateTime", "confirmType")
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
    total = decimal(head.text("totalOrderLines"), path="entryOrder.totalOrderLines") or 0
    final = head.text("confirmType") != "1" and head.text("status") != "PARTFULFILLED"
    code = head.text("entryOrderCode") or needed(head, "orderCode", path="entryOrder")
    return [
        GoodsReceipt(
            source=reader.at.source(id_, occurred_at=when),
            inbound_notice_id=code,
            receipt_id=id_,
            warehouse_reference=head.first("entryOrderId", "orderId"),
            received_at=when,
            complete=final and total <= len(request.entries("orderLines")),
            lines=tuple(_received(piece) for piece in pieces),
            attributes={
                **attributes(head, request.child("extendProps"), used=_ENTRY),
                **reader.notes,
            },
        )
    ]


def _pieces(reader: Reader, request: Node, head: Node) -> list[Piece]:
    """The pieces of a receipt; a status without goods changes nothing."""
    lines = request.entries("orderLines")
    status = head.text("status")
    if not lines and status is not None and status not in _RECEIVED:
        raise Ignored("no_consequence", f"{status} without goods")
    if not lines:
        raise BadData("at least one line is expected", path="orderLines", code="no_lines")
    pieces = read_pieces(reader, lines)
    if not pieces:
        raise Ignored("no_consequence", "all goods are still in transit")
    return pieces


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
    """returnorder.confirm: what came back. The sender's person and address are not kept."""
    head = request.child("returnOrder")
    lines = request.entries("orderLines")
    pieces = _pieces(reader, request, head)
    when = reader.when(head, "orderConfirmTime", path="returnOrder")
    notes = {node.text("itemCode"): node.text("remark") for node in lines}
    code = head.text("logisticsCode") or head.text("logisticsName")
    id_ = return_id(request)
    return [
        ReturnReceipt(
            source=reader.at.source(id_, occurred_at=when),
            return_id=needed(head, "returnOrderCode", path="returnOrder"),
            receipt_id=id_,
            warehouse=reader.at.connection,
            received_at=when,
            carrier=reader.at.ours_or_none("carriers", code) or code,
            tracking_number=head.text("expressCode"),
            lines=tuple(_back(piece, notes.get(piece.sku)) for piece in pieces),
            attributes={
                "complete": head.text("confirmType") != "1",
                "warehouseReference": head.text("returnOrderId"),
                **attributes(head, request.child("extendProps"), used=tuple(_RETURN)),
                **reader.notes,
            },
        )
    ]


def _back(piece: Piece, note: str | None) -> ReturnReceiptLine:
    return ReturnReceiptLine(
        sku=piece.sku,
        quantity=piece.quantity,
        quality=piece.quality,
        grade=piece.grade,
        inspector_note=note,
        batch=piece.batch,
        serials=piece.serials,
    )
