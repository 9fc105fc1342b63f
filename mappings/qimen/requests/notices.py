"""entryorder.create and returnorder.create, read back."""

from datetime import UTC, datetime
from typing import Literal

from hub.model.document import Document
from hub.model.errors import BadData
from hub.model.returns import Return, ReturnLine
from hub.model.stock import InboundLine, InboundNotice
from mappings.kit import times
from mappings.qimen.fields import Reader, needed, pieces, positive
from mappings.qimen.kinds import ENTERS_AS, RETURNS
from mappings.qimen.outward.notices import NO_REASON
from mappings.qimen.requests.common import free_map, line_numbers, number, own_props
from mappings.qimen.tree import Node


def notice(reader: Reader, request: Node) -> list[Document]:
    """entryorder.create."""
    head, lines = request.child("entryOrder"), request.entries("orderLines")
    code = needed(head, "entryOrderCode", path="entryOrder")
    kind = (head.text("orderType") or "").upper()
    expected = [
        reader.moment(head, name, path="entryOrder")
        for name in ("expectStartTime", "expectEndTime")
    ]
    props = free_map(request, head)
    kept = own_props(props, ("revision",))
    names = ("supplierCode", "purchaseOrderCode", "cnOrderId", "orderCreateTime", "remark")
    kept |= {name: text for name in names if (text := head.text(name)) is not None}
    return [
        InboundNotice(
            source=reader.at.source(code),
            inbound_notice_id=code,
            kind=ENTERS_AS.get(kind, "other"),
            merchant=reader.at.merchant,
            warehouse=reader.at.connection,
            revision=number(props, "revision") or 1,
            from_warehouse=reader.reference(head, "sourceWarehouseCode", path="entryOrder"),
            supplier=head.first("supplierName", "supplierCode"),
            expected_at=next(filter(None, expected), None),
            lines=tuple(
                _expected(reader, *it) for it in zip(line_numbers(lines), lines, strict=True)
            ),
            attributes=kept,
        )
    ]


def _expected(reader: Reader, place: int, node: Node) -> InboundLine:
    path = f"orderLines.{place - 1}"
    return InboundLine(
        line_no=place,
        sku=needed(node, "itemCode", path=path),
        item_code=reader.reference(node, "itemId", path=path),
        quantity=positive(pieces(node, "planQty", path=path), f"{path}.planQty"),
        unit_cost=reader.amount(node, "purchasePrice", path=path),
        quality=reader.quality(node, path=f"{path}.inventoryType") or "good",
        batch=node.text("batchCode"),
        expires_on=reader.date(node, "expireDate", path=path, expiry=True),
    )


_OWN = ("channelReturnId", "channelOrderId", "requestedAt")


def returned(reader: Reader, request: Node) -> list[Document]:
    """returnorder.create. The sender's person and address are not kept."""
    head, lines = request.child("returnOrder"), request.entries("orderLines")
    props, path = free_map(request, head), "returnOrder"
    code = needed(head, "returnOrderCode", path=path)
    before = reader.reference(head, "preDeliveryOrderCode", path=path)
    channel = reader.reference(props, "channelOrderId", path="extendProps") or next(
        filter(None, (reader.reference(line, "sourceOrderCode", path="line") for line in lines)),
        before or code,
    )
    kept = own_props(props, _OWN)
    if before is not None and before != channel:
        kept["fulfilment_order_id"] = before
    line_numbers(lines)
    return [
        Return(
            source=reader.at.source(code),
            return_id=code,
            channel_return_id=reader.reference(props, "channelReturnId", path="extendProps"),
            channel_order_id=channel,
            kind=_kind(head),
            status="approved",
            reason=head.text("returnReason"),
            customer_note=head.text("remark"),
            requested_at=_requested(props) or reader.clock(),
            carrier=_carrier(reader, head),
            tracking_number=next(iter(reader.tracking(head, path=path)), None),
            lines=tuple(_back(reader, head, index, line) for index, line in enumerate(lines)),
            attributes=kept,
        )
    ]


def _kind(head: Node) -> Literal["refund", "exchange"]:
    said = (head.text("orderType") or "").upper()
    return "exchange" if said == RETURNS["exchange"] else "refund"


def _requested(props: Node) -> datetime | None:
    text = props.text("requestedAt")
    try:
        return times.moment(text, UTC) if text else None
    except BadData:
        return None


def _carrier(reader: Reader, head: Node) -> str | None:
    code, name = head.text("logisticsCode"), head.text("logisticsName")
    if (code or "").upper() == "OTHER":
        return name
    return reader.at.ours_or_none("carriers", code) or name or code


def _back(reader: Reader, head: Node, index: int, node: Node) -> ReturnLine:
    path, why = f"orderLines.{index}", node.text("returnReason")
    return ReturnLine(
        channel_line_id=reader.reference(node, "subSourceOrderCode", path=path),
        sku=needed(node, "itemCode", path=path),
        quantity=positive(pieces(node, "planQty", path=path), f"{path}.planQty"),
        reason=None if why in {NO_REASON, head.text("returnReason")} else why,
    )
