"""deliveryorder.create, stockout.create and order.cancel, read back."""

from decimal import Decimal
from typing import Any

from hub.model.document import Address, Document
from hub.model.fulfilment import (
    CashOnDelivery,
    FulfilmentCancellation,
    FulfilmentDelivery,
    FulfilmentLine,
    FulfilmentOrder,
)
from hub.model.stock import InboundCancellation
from mappings.qimen.fields import CURRENCY, Reader, needed, pieces
from mappings.qimen.kinds import ENTERS_AS, INBOUND
from mappings.qimen.requests.common import currency, free_map, line_numbers, number, own_props
from mappings.qimen.tree import Node

_OWN = ("orderNumber", "revision", "currency", "channelOrderId")


def order(reader: Reader, request: Node) -> list[Document]:
    """deliveryorder.create."""
    head = request.child("deliveryOrder")
    delivery = FulfilmentDelivery(
        service=head.text("serviceCode"),
        carrier=reader.carrier(head, path="deliveryOrder"),
        instructions=head.text("sellerMessage"),
    )
    said = {
        "ship_by": reader.moment(head, "latestDeliveryTime", path="deliveryOrder"),
        "delivery": delivery,
        "cash_on_delivery": _collect(reader, request, head),
        "insured_value": _insured(reader, head),
        "gift_message": head.text("remark"),
        "note": head.text("buyerMessage"),
    }
    return [_order(reader, request, head, said)]


def stockout(reader: Reader, request: Node) -> list[Document]:
    """stockout.create."""
    head = request.child("deliveryOrder")
    said = {
        "ship_by": reader.moment(head, "scheduleDate", path="deliveryOrder"),
        "delivery": FulfilmentDelivery(carrier=reader.carrier(head, path="deliveryOrder")),
        "note": head.text("remark"),
    }
    return [_order(reader, request, head, said)]


def _order(reader: Reader, request: Node, head: Node, said: dict[str, Any]) -> FulfilmentOrder:
    code = needed(head, "deliveryOrderCode", path="deliveryOrder")
    lines, props = request.entries("orderLines"), free_map(request, head)
    when = reader.when(head, "createTime", "operateTime", path="deliveryOrder")
    sources = [reader.reference(line, "sourceOrderCode", path="orderLines") for line in lines]
    channel = (
        next(filter(None, sources), None)
        or reader.reference(props, "channelOrderId", path="extendProps")
        or code
    )
    numbers = line_numbers(lines)
    return FulfilmentOrder(
        source=reader.at.source(code, occurred_at=when),
        fulfilment_order_id=code,
        order_number=reader.reference(props, "orderNumber", path="extendProps") or channel,
        channel_order_id=channel,
        merchant=reader.reference(head, "shopNick", path="deliveryOrder") or reader.at.merchant,
        warehouse=reader.at.connection,
        revision=number(props, "revision") or 1,
        created_at=when,
        ship_to=_receiver(reader, head.child("receiverInfo")),
        lines=tuple(_line(reader, *it) for it in zip(numbers, lines, strict=True)),
        attributes=_kept(head, props),
        **said,
    )


def _kept(head: Node, props: Node) -> dict[str, Any]:
    kept = own_props(props, _OWN)
    for name in ("orderType", "targetWarehouseCode"):
        if (text := head.text(name)) is not None:
            kept[name] = text
    oaid = head.child("receiverInfo").text("oaid")
    return {**kept, "oaid": oaid} if oaid else kept


def _line(reader: Reader, number_: int, node: Node) -> FulfilmentLine:
    path = f"orderLines.{number_ - 1}"
    price = reader.amount(node, "actualPrice", path=path)
    return FulfilmentLine(
        line_no=number_,
        sku=needed(node, "itemCode", path=path),
        item_code=reader.reference(node, "itemId", path=path),
        title=node.text("itemName"),
        quantity=pieces(node, "planQty", path=path),
        unit_price=price,
        quality=reader.quality(node, path=f"{path}.inventoryType") or "good",
        batch=node.text("batchCode"),
    )


def _receiver(reader: Reader, node: Node) -> Address | None:
    if node.absent:
        return None
    country = node.text("countryCode")
    street = node.text("detailAddress")
    return Address(
        name=node.text("name"),
        company=node.text("company"),
        lines=(street,) if street else (),
        district=node.text("area"),
        city=node.text("city"),
        region=node.text("province"),
        postal_code=node.text("zipCode"),
        country=reader.at.country(country, path="receiverInfo.countryCode"),
        phone=node.first("mobile", "tel"),
        email=node.text("email"),
    )


def _collect(reader: Reader, request: Node, head: Node) -> CashOnDelivery | None:
    marks = (head.text("orderFlag") or "").upper().split("^")
    amount = reader.amount(head, "arAmount", path="deliveryOrder")
    if "COD" not in marks or not amount:
        return None
    told = currency(free_map(request, head))
    return CashOnDelivery(amount=amount, currency=told or CURRENCY)


def _insured(reader: Reader, head: Node) -> Decimal | None:
    amount = reader.amount(head.child("insurance"), "amount", path="deliveryOrder.insurance")
    return amount or None


def cancellation(reader: Reader, request: Node) -> list[Document]:
    """order.cancel of an outbound order, or of an inbound notice."""
    kind = (request.text("orderType") or "").upper()
    code = needed(request, "orderCode", path="request")
    if not kind or kind in ENTERS_AS or kind in INBOUND:
        return [_of_a_notice(reader, request, code, kind)]
    return [
        FulfilmentCancellation(
            source=reader.at.source(f"{code}:cancel"),
            fulfilment_order_id=code,
            warehouse=reader.at.connection,
            warehouse_reference=reader.reference(request, "orderId", path="request"),
            requested_at=reader.clock(),
            reason=request.text("cancelReason"),
            attributes={"orderType": kind},
        )
    ]


def _of_a_notice(reader: Reader, request: Node, code: str, kind: str) -> InboundCancellation:
    return InboundCancellation(
        source=reader.at.source(f"{code}:cancel"),
        inbound_notice_id=code,
        warehouse=reader.at.connection,
        warehouse_reference=reader.reference(request, "orderId", path="request"),
        requested_at=reader.clock(),
        reason=request.text("cancelReason"),
        attributes={"orderType": kind} if kind else {},
    )
