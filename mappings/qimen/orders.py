"""What a warehouse says of a delivery order: shipped, in progress, short."""

from typing import Any

from hub.model.document import Document
from hub.model.errors import BadData, Ignored
from hub.model.fulfilment import Cost, FulfilmentStatus, Package, Shipment, ShortLine
from mappings.qimen.fields import Reader, attributes, decimal, line_no, needed, pieces
from mappings.qimen.identity import delivery_id, lack_id, process_id
from mappings.qimen.lines import packed, read_pieces
from mappings.qimen.tree import Node

CURRENCY = "CNY"
"""Amounts are yuan wherever Qimen is spoken."""

_SHIPPED = frozenset({"DELIVERED", "PARTDELIVERED", "FULFILLED", "PARTFULFILLED"})
_PARTIAL = frozenset({"PARTDELIVERED", "PARTFULFILLED"})
_INBOUND = frozenset(
    ["CGRK", "DBRK", "QTRK", "B2BRK", "SCRK", "LYRK", "CCRK", "THRK", "XTRK", "HHRK", "CNJG"]
)
_HEAD = [
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
]
_PACKAGE = [
    "logisticsCode",
    "logisticsName",
    "expressCode",
    "packageCode",
    "length",
    "width",
    "height",
    "weight",
    "items",
]


def confirmation(reader: Reader, request: Node) -> list[Document]:
    """deliveryorder.confirm and stockout.confirm: a shipment, or a word on the order's progress."""
    head = request.child("deliveryOrder")
    status = head.text("status")
    if status is not None and status not in _SHIPPED:
        return [_status(reader, head, status)]
    return [_shipment(reader, request, head)]


def batch_confirmation(reader: Reader, request: Node) -> list[Document]:
    """deliveryorder.batchconfirm: several confirmations in one message."""
    orders = request.entries("orders")
    if not orders:
        raise BadData("at least one order is expected", path="orders", code="missing_field")
    return [
        document
        for order in orders
        for document in confirmation(Reader(reader.at, reader.clock), order)
    ]


def _shipment(reader: Reader, request: Node, head: Node) -> Shipment:
    when = reader.when(head, "orderConfirmTime", "operateTime", path="deliveryOrder")
    lines = request.entries("orderLines")
    final = head.text("confirmType") != "1" and head.text("status") not in _PARTIAL
    extra = attributes(head, request.child("extendProps"), used=tuple(_HEAD))
    packages = _packages(reader, request, head)
    said = [one.extras(_PACKAGE) for one in request.entries("packages")]
    if any(said):
        extra["packages"] = said
    return Shipment(
        source=reader.at.source(delivery_id(request), occurred_at=when),
        fulfilment_order_id=needed(head, "deliveryOrderCode", path="deliveryOrder"),
        warehouse_reference=head.text("deliveryOrderId"),
        shipped_at=when,
        complete=final and not _more_to_come(head, lines),
        packages=packages,
        short=tuple(_short(lines)) if final and head.text("confirmType") is None else (),
        costs=_costs(head),
        attributes={**extra, **reader.notes},
    )


def _packages(reader: Reader, request: Node, head: Node) -> tuple[Package, ...]:
    """The packages told; where there are none, one that the header describes."""
    pieces_ = read_pieces(reader, request.entries("orderLines"))
    nodes = request.entries("packages")
    if not nodes and not pieces_:
        raise BadData("neither packages nor lines", path="packages", code="no_lines")
    nodes = nodes or [head]
    shares = packed(reader, nodes, pieces_)
    found = [
        _package(reader, node, head, lines, f"packages.{index}")
        for index, (node, lines) in enumerate(zip(nodes, shares, strict=True))
    ]
    return tuple(found)


def _package(reader: Reader, node: Node, head: Node, lines: Any, path: str) -> Package:
    named = node if node.first("logisticsCode", "logisticsName") else head
    return Package(
        package_id=node.text("packageCode"),
        carrier=reader.carrier(named, path=path),
        carrier_name=named.text("logisticsName"),
        tracking_number=node.text("expressCode") or head.text("expressCode"),
        weight_kg=reader.measure(node.text("weight"), path=f"{path}.weight"),
        length_cm=reader.measure(node.text("length"), path=f"{path}.length"),
        width_cm=reader.measure(node.text("width"), path=f"{path}.width"),
        height_cm=reader.measure(node.text("height"), path=f"{path}.height"),
        lines=lines,
    )


def _more_to_come(head: Node, lines: list[Node]) -> bool:
    """Whether the document is cut into several messages, of which this holds only some lines."""
    total = decimal(head.text("totalOrderLines"), path="deliveryOrder.totalOrderLines")
    return total is not None and total > len(lines)


def _short(lines: list[Node]) -> list[ShortLine]:
    """Lines that were planned with more pieces than were shipped.

    Said only by an order's one confirmation: where there may be several (`confirmType`) each tells
    its own increments, and what is missing in the end is known by who adds them up.
    """
    found = []
    for index, node in enumerate(lines):
        planned = decimal(node.text("planQty"), path=f"orderLines.{index}.planQty")
        actual = decimal(node.text("actualQty"), path=f"orderLines.{index}.actualQty")
        if planned is not None and actual is not None and planned > actual:
            sku = node.text("itemCode")
            found.append(ShortLine(line_no=line_no(node), sku=sku, quantity=planned - actual))
    return found


def _costs(head: Node) -> tuple[Cost, ...]:
    fee = decimal(head.text("storageFee"), path="deliveryOrder.storageFee")
    return (Cost(code="storage", amount=fee, currency=CURRENCY),) if fee else ()


def _status(reader: Reader, head: Node, status: str) -> FulfilmentStatus:
    when = reader.when(head, "operateTime", "orderConfirmTime", path="deliveryOrder")
    code = needed(head, "deliveryOrderCode", path="deliveryOrder")
    return FulfilmentStatus(
        source=reader.at.source(f"{code}:{status}:{when:%Y%m%d%H%M%S}", occurred_at=when),
        fulfilment_order_id=code,
        status=_word(reader, status, "deliveryOrder.status"),
        at=when,
        operator=head.first("operatorName", "operatorCode"),
        message=head.text("remark"),
        warehouse_reference=head.text("deliveryOrderId"),
        attributes={"status": status, **attributes(head, used=(*_HEAD, *_OPERATOR, "remark"))},
    )


_OPERATOR = ("operatorName", "operatorCode")


def _word(reader: Reader, status: str, path: str) -> Any:
    """Our word for theirs. Words that change nothing end the matter."""
    word = reader.at.ours("fulfilment_statuses", status, path=path)
    if word == "none":
        raise Ignored("no_consequence", f"{status} says nothing of progress")
    return word


def process(reader: Reader, request: Node) -> list[Document]:
    """orderprocess.report: one step of an order. Those of inbound documents change nothing."""
    order, step = request.child("order"), request.child("process")
    if order.text("orderType") in _INBOUND:
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
            warehouse_reference=order.text("orderId"),
            attributes={"status": status, **extra},
        )
    ]


def lack(reader: Reader, request: Node) -> list[Document]:
    """itemlack.report: what of a delivery order is not there."""
    when = reader.when(request, "createTime", path="request")
    items = request.entries("items")
    if not items:
        raise BadData("at least one item is expected", path="items", code="no_lines")
    missing = [_lacking(node, f"items.{index}") for index, node in enumerate(items)]
    used = ("deliveryOrderCode", "deliveryOrderId", "createTime", "remark")
    return [
        FulfilmentStatus(
            source=reader.at.source(lack_id(request), occurred_at=when),
            fulfilment_order_id=needed(request, "deliveryOrderCode", path="request"),
            status="short",
            at=when,
            reason=next((node.text("reason") for node in items if node.text("reason")), None),
            message=request.text("remark"),
            warehouse_reference=request.text("deliveryOrderId"),
            attributes={"short": missing, **attributes(request, used=used)},
        )
    ]


def _lacking(node: Node, path: str) -> dict[str, Any]:
    """One missing article, in the form of a shipment's `short` line."""
    line = ShortLine(
        line_no=line_no(node),
        sku=needed(node, "itemCode", path=path),
        quantity=pieces(node, "lackQty", path=path),
        reason=node.first("reason", "remark"),
    )
    return line.model_dump(mode="json")
