"""What a warehouse is told to expect: entryorder.create for goods of suppliers and other
warehouses, returnorder.create for what customers send back.
"""

from typing import Any

from hub.model.document import show_instant
from hub.model.errors import BadData
from hub.model.returns import Return, ReturnLine
from hub.model.stock import InboundLine, InboundNotice
from mappings.kit import Context
from mappings.qimen.kinds import ENTRIES, RETURNS
from mappings.qimen.outward.terms import Terms
from mappings.qimen.outward.writing import clock, day, extended, money, present, whole, write

NO_REASON = "OTHER"
"""Every line of a return must have a reason."""


def entry(document: InboundNotice, terms: Terms, at: Context) -> bytes:
    """entryorder.create."""
    expected = clock(document.expected_at, at.zone) if document.expected_at else None
    code = document.attributes.get("supplierCode")
    order = {
        "entryOrderCode": document.inbound_notice_id,
        "ownerCode": terms.owner_code,
        "warehouseCode": terms.warehouse_code,
        "orderType": ENTRIES[document.kind],
        "expectStartTime": expected,
        "expectEndTime": expected,
        "supplierCode": code if isinstance(code, str) else None,
        "supplierName": document.supplier,
        "totalOrderLines": str(len(document.lines)),
        "sourceWarehouseCode": document.from_warehouse,
    }
    lines = [_expected(line, terms, at, index) for index, line in enumerate(document.lines)]
    own = {"revision": str(document.revision)}
    body = {"entryOrder": order, "orderLines": lines, "extendProps": extended(document, own)}
    return write(body)


def _expected(line: InboundLine, terms: Terms, at: Context, index: int) -> dict[str, Any]:
    path = f"lines.{index}"
    return {
        "orderLineNo": str(line.line_no),
        "ownerCode": terms.owner_code,
        "itemCode": line.sku,
        "itemId": line.item_code,
        "planQty": whole(line.quantity, f"{path}.quantity"),
        "purchasePrice": None if line.unit_cost is None else money(line.unit_cost),
        "inventoryType": at.theirs("qualities", line.quality, path=f"{path}.quality"),
        "expireDate": day(line.expires_on, f"{path}.expires_on"),
        "batchCode": line.batch,
    }


def returned(document: Return, terms: Terms, at: Context) -> bytes:
    """returnorder.create, of a return that is approved: no other is the warehouse's business."""
    if document.status not in {"approved", "awaiting_goods"}:
        message = f"an approved return is expected, it is {document.status}"
        raise BadData(message, path="status", code="not_approved")
    before = document.attributes.get("fulfilment_order_id")
    code = _carrier(document, at)
    order = {
        "returnOrderCode": document.return_id,
        "warehouseCode": terms.warehouse_code,
        "orderType": return_kind(document),
        "preDeliveryOrderCode": before if isinstance(before, str) else document.channel_order_id,
        "logisticsCode": code or terms.logistics_code,
        "logisticsName": None if code else document.carrier,
        "expressCode": document.tracking_number,
        "returnReason": document.reason,
        "remark": document.customer_note,
        "sourcePlatformCode": terms.source_platform,
        "shopNick": terms.shop_nick,
    }
    lines = [
        _back(line, document, terms, number) for number, line in enumerate(document.lines, start=1)
    ]
    own = {
        "channelReturnId": document.channel_return_id,
        "channelOrderId": document.channel_order_id,
        "requestedAt": show_instant(document.requested_at),
    }
    return write(
        {"returnOrder": order, "orderLines": lines, "extendProps": extended(document, own)}
    )


def return_kind(document: Return) -> str:
    """Their kind of a return."""
    return RETURNS[document.kind]


def _carrier(document: Return, at: Context) -> str | None:
    """Their code of the carrier with which it comes; None where no list has it, which decides
    nothing: it goes by its name.
    """
    codes = at.codes.get("carriers", {})
    return next((code for code, ours in codes.items() if ours == document.carrier), None)


def _back(line: ReturnLine, document: Return, terms: Terms, number: int) -> dict[str, Any]:
    return {
        "orderLineNo": str(line.line_no or number),
        "sourceOrderCode": document.channel_order_id,
        "subSourceOrderCode": line.channel_line_id,
        "ownerCode": terms.owner_code,
        "itemCode": present(line.sku, f"lines.{number - 1}.sku"),
        "planQty": whole(line.quantity, f"lines.{number - 1}.quantity"),
        "orderFlag": terms.return_flag,
        "returnReason": line.reason or document.reason or NO_REASON,
    }
