"""What a warehouse says left: deliveryorder.confirm, its batches, and stockout.confirm."""

from contextlib import suppress
from typing import Any

from hub.model.document import Document
from hub.model.errors import BadData, Ignored
from hub.model.fulfilment import Cost, Package, Shipment, ShortLine
from mappings.kit import word
from mappings.qimen.fields import (
    CURRENCY,
    Reader,
    attributes,
    decimal,
    kind,
    line_no,
    more_follow,
    needed,
)
from mappings.qimen.identity import confirmations, delivery_id
from mappings.qimen.lines import packed, read_pieces
from mappings.qimen.progress import HEAD, said
from mappings.qimen.tree import Node

_SHIPPED = frozenset({"delivered", "partdelivered", "fulfilled", "partfulfilled"})
_PARTIAL = frozenset({"partdelivered", "partfulfilled"})
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
    if status is None or word(status) in _SHIPPED or _left(reader, request, status):
        return [_shipment(reader, request, head)]
    return [said(reader, head, status)]


def _left(reader: Reader, request: Node, status: str) -> bool:
    """Whether another word means that it left, and what left is told beside it."""
    means = reader.at.ours_or_none("fulfilment_statuses", status)
    return means == "shipped" and bool(request.entries("packages") or request.entries("orderLines"))


def batch_confirmation(reader: Reader, request: Node) -> list[Document]:
    """deliveryorder.batchconfirm: several confirmations in one message. One that changes nothing
    keeps none of the others back.
    """
    orders = confirmations(request)
    if not orders:
        raise BadData("at least one order is expected", path="orders", code="missing_field")
    documents: list[Document] = []
    for order in orders:
        with suppress(Ignored):
            documents += confirmation(Reader(reader.at, reader.clock), order)
    if not documents:
        raise Ignored("no_consequence", "no order of the batch says anything of progress")
    return documents


def _shipment(reader: Reader, request: Node, head: Node) -> Shipment:
    when = reader.when(head, "orderConfirmTime", "operateTime", path="deliveryOrder")
    lines = request.entries("orderLines")
    final = not more_follow(head) and kind(head, "status") not in _PARTIAL
    extra = attributes(head, request.child("extendProps"), used=HEAD)
    packages = _packages(reader, request, head)
    further = [package.extras(_PACKAGE) for package in request.entries("packages")]
    if any(further):
        extra["packages"] = further
    return Shipment(
        source=reader.at.source(delivery_id(request), occurred_at=when),
        fulfilment_order_id=needed(head, "deliveryOrderCode", path="deliveryOrder"),
        warehouse_reference=reader.reference(head, "deliveryOrderId", path="deliveryOrder"),
        shipped_at=when,
        complete=final and not _more_to_come(head, lines),
        packages=packages,
        short=tuple(_short(lines)) if final and head.text("confirmType") is None else (),
        costs=_costs(reader, head),
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
    packages = [
        package
        for index, (node, lines) in enumerate(zip(nodes, shares, strict=True))
        for package in _parcels(reader, node, head, lines, f"packages.{index}")
    ]
    return tuple(packages)


def _parcels(reader: Reader, node: Node, head: Node, lines: Any, path: str) -> tuple[Package, ...]:
    """A package, and one without lines for each further tracking number in its field."""
    named = node if node.first("logisticsCode", "logisticsName") else head
    carrier, name = reader.carrier(named, path=path), named.text("logisticsName")
    first, *more = reader.tracking(node, head, path=path) or (None,)
    whole = Package(
        package_id=reader.reference(node, "packageCode", path=path),
        carrier=carrier,
        carrier_name=name,
        tracking_number=first,
        weight_kg=reader.measure(node, "weight", path=path),
        length_cm=reader.measure(node, "length", path=path),
        width_cm=reader.measure(node, "width", path=path),
        height_cm=reader.measure(node, "height", path=path),
        lines=lines,
    )
    further = (
        Package(carrier=carrier, carrier_name=name, tracking_number=number) for number in more
    )
    return (whole, *further)


def _more_to_come(head: Node, lines: list[Node]) -> bool:
    """Whether the document is cut into several messages, of which this holds only some lines."""
    total = decimal(head, "totalOrderLines", path="deliveryOrder")
    return total is not None and total > len(lines)


def _short(lines: list[Node]) -> list[ShortLine]:
    """Lines that were planned with more pieces than were shipped.

    Said only by an order's one confirmation: where there may be several (`confirmType`) each tells
    its own increments, and what is missing in the end is known by who adds them up.
    """
    short = []
    for index, node in enumerate(lines):
        planned = decimal(node, "planQty", path=f"orderLines.{index}")
        actual = decimal(node, "actualQty", path=f"orderLines.{index}")
        if planned is not None and actual is not None and planned > actual:
            sku = node.text("itemCode")
            short.append(ShortLine(line_no=line_no(node), sku=sku, quantity=planned - actual))
    return short


def _costs(reader: Reader, head: Node) -> tuple[Cost, ...]:
    fee = reader.amount(head, "storageFee", path="deliveryOrder")
    return (Cost(code="storage", amount=fee, currency=CURRENCY),) if fee else ()
