"""What a warehouse says of an order's progress: a step, a shortage, a word, its serial numbers."""

from contextlib import suppress
from typing import Any

from hub.model.document import Document
from hub.model.errors import BadData, Ignored
from hub.model.fulfilment import FulfilmentStatus, ShortLine
from mappings.kit import word
from mappings.qimen.fields import Reader, attributes, kind, line_no, needed, pieces, serials
from mappings.qimen.identity import lack_id, process_id, serials_id
from mappings.qimen.kinds import INBOUND
from mappings.qimen.tree import Node

_INBOUND = frozenset(word(kind) for kind in INBOUND)
_OPERATOR = ("operatorName", "operatorCode")
HEAD = (
    "deliveryOrderCode",
    "deliveryOrderId",
    "orderConfirmTime",
    "operateTime",
    "storageFee",
    "status",
    "confirmType",
    "logisticsCode",
    "logisticsName",
    "expressCode",
)
"""What has a place in a document about a delivery order."""


def said(reader: Reader, head: Node, status: str) -> FulfilmentStatus:
    """A confirmation whose status is no shipping word."""
    when = reader.when(head, "operateTime", "orderConfirmTime", path="deliveryOrder")
    code = needed(head, "deliveryOrderCode", path="deliveryOrder")
    local = when.astimezone(reader.at.zone)
    return FulfilmentStatus(
        source=reader.at.source(f"{code}:{status.upper()}:{local:%Y%m%d%H%M%S}", occurred_at=when),
        fulfilment_order_id=code,
        status=_word(reader, status, "deliveryOrder.status"),
        at=when,
        operator=head.first("operatorName", "operatorCode"),
        message=head.text("remark"),
        warehouse_reference=reader.reference(head, "deliveryOrderId", path="deliveryOrder"),
        attributes={"status": status, **attributes(head, used=(*HEAD, *_OPERATOR, "remark"))},
    )


def _word(reader: Reader, status: str, path: str) -> Any:
    """Our word for theirs. Words that change nothing end the matter."""
    word = reader.at.ours("fulfilment_statuses", status, path=path)
    if word == "none":
        raise Ignored("no_consequence", f"{status} says nothing of progress")
    return word


def process(reader: Reader, request: Node) -> list[Document]:
    """orderprocess.report: one step of an order, or a list of them. Those of inbound documents
    change nothing.
    """
    steps = request.entries("processes")
    if not steps or not request.child("process").absent:
        return _step(reader, request)
    documents: list[Document] = []
    for step in steps:
        reported = Node("process", None, step.children)
        with suppress(Ignored):
            documents += _step(reader, Node("request", None, (request.child("order"), reported)))
    if not documents:
        raise Ignored("no_consequence", "no step says anything of progress")
    return documents


def _step(reader: Reader, request: Node) -> list[Document]:
    order, step = request.child("order"), request.child("process")
    if kind(order, "orderType") in _INBOUND:
        raise Ignored("no_consequence", "progress of an inbound document")
    status = needed(step, "processStatus", path="process")
    when = reader.when(step, "operateTime", path="process")
    used = ("processStatus", "operateTime", "operateInfo", "remark", *_OPERATOR)
    extra = attributes(
        step, order, request.child("extendProps"), used=(*used, "orderCode", "orderId")
    )
    return [
        FulfilmentStatus(
            source=reader.at.source(process_id(request), occurred_at=when),
            fulfilment_order_id=needed(order, "orderCode", path="order"),
            status=_word(reader, status, "process.processStatus"),
            at=when,
            operator=step.first(*_OPERATOR),
            reason=step.text("remark") or request.text("remark"),
            message=step.text("operateInfo"),
            warehouse_reference=reader.reference(order, "orderId", path="order"),
            attributes={"status": status, **extra},
        )
    ]


def lack(reader: Reader, request: Node) -> list[Document]:
    """itemlack.report: what of a delivery order is not there."""
    when = reader.when(request, "createTime", path="request")
    items = request.entries("items")
    if not items:
        raise BadData("at least one item is expected", path="items", code="no_lines")
    lines = [_lacking(node, f"items.{index}") for index, node in enumerate(items)]
    missing = [line.model_dump(mode="json") for line in lines if line.quantity]
    if not missing:
        raise Ignored("no_consequence", "nothing is lacking")
    used = ("deliveryOrderCode", "deliveryOrderId", "createTime", "remark")
    return [
        FulfilmentStatus(
            source=reader.at.source(lack_id(request), occurred_at=when),
            fulfilment_order_id=needed(request, "deliveryOrderCode", path="request"),
            status="short",
            at=when,
            reason=next((node.text("reason") for node in items if node.text("reason")), None),
            message=request.text("remark"),
            warehouse_reference=reader.reference(request, "deliveryOrderId", path="request"),
            attributes={"short": missing, **attributes(request, used=used)},
        )
    ]


def _lacking(node: Node, path: str) -> ShortLine:
    """One missing article, in the form of a shipment's `short` line."""
    return ShortLine(
        line_no=line_no(node),
        sku=needed(node, "itemCode", path=path),
        quantity=pieces(node, "lackQty", path=path),
        reason=node.first("reason", "remark"),
    )


def serial_numbers(reader: Reader, request: Node) -> list[Document]:
    """sn.report: the serial numbers of what left, told once it has left. They are kept with the
    word; what left is the confirmation's to say.
    """
    head = request.child("deliveryOrder")
    if kind(head, "orderType") in _INBOUND:
        raise Ignored("no_consequence", "serial numbers of an inbound document")
    items = request.entries("items")
    if not items:
        raise BadData("at least one item is expected", path="items", code="no_lines")
    numbers: dict[str, list[str]] = {}
    for index, node in enumerate(items):
        known = numbers.setdefault(needed(node, "itemCode", path=f"items.{index}"), [])
        known += [serial for serial in _serials(node) if serial not in known]
    pages = ("currentPage", "totalPage", "pageSize")
    return [
        FulfilmentStatus(
            source=reader.at.source(serials_id(request)),
            fulfilment_order_id=needed(head, "deliveryOrderCode", path="deliveryOrder"),
            status="shipped",
            at=reader.clock(),
            warehouse_reference=reader.reference(head, "deliveryOrderId", path="deliveryOrder"),
            attributes={
                "serials": numbers,
                **{name: text for name in pages if (text := request.text(name))},
                **attributes(head, used=("deliveryOrderCode", "deliveryOrderId")),
            },
        )
    ]


def _serials(node: Node) -> list[str]:
    """The serial numbers of an item: several elements, or several numbers in one."""
    text = ";".join((*node.texts("sn"), *serials(node))).replace(",", ";")
    return [number.strip() for number in text.split(";") if number.strip()]
