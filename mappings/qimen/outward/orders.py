"""Outbound orders: deliveryorder.create for customers, stockout.create for all other goods that
leave (other businesses, other warehouses, suppliers).

Every field that the API calls mandatory is filled, from the order or from the connection's terms,
so that a strict warehouse takes it. The sender is left out unless it is known whole.
"""

from decimal import Decimal
from typing import Any

from hub.model.document import ZERO, Address, pieces
from hub.model.errors import BadData
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentLine, FulfilmentOrder
from mappings.kit import Context
from mappings.qimen.kinds import LEAVES_AS, STOCKOUTS
from mappings.qimen.outward.terms import Terms
from mappings.qimen.outward.writing import (
    carrier,
    clock,
    extended,
    money,
    present,
    sender,
    write,
)


def kind_of(document: FulfilmentOrder | FulfilmentCancellation, terms: Terms) -> str:
    """Qimen's kind of an outbound order: what its attribute `orderType` says, else what its
    delivery method means, else the connection's.
    """
    named = document.attributes.get("orderType")
    if isinstance(named, str) and named:
        return named
    delivery = document.delivery if isinstance(document, FulfilmentOrder) else None
    method = (delivery.method or "") if delivery else ""
    return LEAVES_AS.get(method.lower(), terms.order_type)


def leaves_as_stock(document: FulfilmentOrder | FulfilmentCancellation, terms: Terms) -> bool:
    """Whether an order is a stockout."""
    return kind_of(document, terms) in STOCKOUTS


def create(document: FulfilmentOrder, terms: Terms, at: Context) -> bytes:
    """deliveryorder.create or stockout.create, as its kind wants."""
    if leaves_as_stock(document, terms):
        return _stockout(document, terms, at)
    return _delivery(document, terms, at)


def _delivery(document: FulfilmentOrder, terms: Terms, at: Context) -> bytes:
    made, goods = clock(document.created_at, at.zone), money(_goods(document))
    delivery, collect = document.delivery, document.cash_on_delivery
    order = {
        "deliveryOrderCode": document.fulfilment_order_id,
        "orderType": kind_of(document, terms),
        "warehouseCode": terms.warehouse_code,
        "orderFlag": "COD" if collect else None,
        "sourcePlatformCode": terms.source_platform,
        "createTime": made,
        "placeOrderTime": made,
        "operateTime": made,
        "shopNick": terms.shop_nick or document.merchant,
        "totalAmount": goods,
        "itemAmount": goods,
        "arAmount": money(collect.amount) if collect else None,
        "logisticsCode": carrier(delivery.carrier, terms, at, "delivery.carrier"),
        "senderInfo": sender(terms),
        "receiverInfo": _receiver(document, terms),
        "insuranceFlag": "Y" if document.insured_value else None,
        "insurance": {"amount": money(document.insured_value)} if document.insured_value else None,
        "buyerMessage": document.note,
        "sellerMessage": delivery.instructions,
        "remark": document.gift_message,
        "serviceCode": delivery.service,
        "ownerCode": terms.owner_code,
        "latestDeliveryTime": clock(document.ship_by, at.zone) if document.ship_by else None,
        "oaidOrderSourceCode": document.channel_order_id if _oaid(document) else None,
    }
    lines = [_delivery_line(line, document, terms, at) for line in document.lines]
    return write({"deliveryOrder": order, "orderLines": lines, "extendProps": _numbers(document)})


def _stockout(document: FulfilmentOrder, terms: Terms, at: Context) -> bytes:
    delivery = document.delivery
    remarks = (document.note, delivery.instructions, document.gift_message)
    place = document.attributes.get("targetWarehouseCode")
    order = {
        "totalOrderLines": str(len(document.lines)),
        "deliveryOrderCode": document.fulfilment_order_id,
        "orderType": kind_of(document, terms),
        "warehouseCode": terms.warehouse_code,
        "createTime": clock(document.created_at, at.zone),
        "scheduleDate": clock(document.ship_by, at.zone)[:10] if document.ship_by else None,
        "logisticsCode": carrier(delivery.carrier, terms, at, "delivery.carrier"),
        "senderInfo": sender(terms),
        "receiverInfo": _receiver(document, terms),
        "remark": "; ".join(filter(None, remarks)) or None,
        "targetWarehouseCode": place if isinstance(place, str) else None,
    }
    lines = [_line(line, terms, at) for line in document.lines]
    numbers = {**_numbers(document), "channelOrderId": document.channel_order_id}
    return write({"deliveryOrder": order, "orderLines": lines, "extendProps": numbers})


def _numbers(document: FulfilmentOrder) -> dict[str, str]:
    collect = document.cash_on_delivery
    own = {
        "orderNumber": document.order_number,
        "revision": str(document.revision),
        "currency": collect.currency if collect else None,
    }
    return extended(document, own) or {}


def _line(line: FulfilmentLine, terms: Terms, at: Context) -> dict[str, Any]:
    return {
        "orderLineNo": str(line.line_no),
        "ownerCode": terms.owner_code,
        "itemCode": line.sku,
        "itemId": line.item_code,
        "inventoryType": at.theirs("qualities", line.quality, path="lines.quality"),
        "itemName": line.title or line.sku,
        "planQty": pieces(line.quantity),
        "batchCode": line.batch,
    }


def _delivery_line(
    line: FulfilmentLine, document: FulfilmentOrder, terms: Terms, at: Context
) -> dict[str, Any]:
    return {
        **_line(line, terms, at),
        "sourceOrderCode": line.attributes.get("channel_order_id", document.channel_order_id),
        "actualPrice": money(line.unit_price or ZERO),
    }


def _receiver(document: FulfilmentOrder, terms: Terms) -> dict[str, str | None]:
    to = document.ship_to
    if to is None:
        raise BadData("an address is expected", path="ship_to", code="missing_field")
    city = to.city or to.district or to.region
    bill = document.bill_to or Address()
    receiver = {
        "company": to.company,
        "name": present(to.name or to.company, "ship_to.name"),
        "zipCode": to.postal_code,
        "mobile": to.phone or bill.phone or terms.unknown_mobile,
        "email": to.email,
        "countryCode": to.country,
        "province": present(to.region or to.region_code or city, "ship_to.region"),
        "city": present(city, "ship_to.city"),
        "area": to.district,
        "detailAddress": present(" ".join(to.lines) or None, "ship_to.lines"),
    }
    return receiver if leaves_as_stock(document, terms) else {**receiver, "oaid": _oaid(document)}


def _oaid(document: FulfilmentOrder) -> str | None:
    """The platform's id of a receiver whose data it does not give away in clear."""
    given = document.attributes.get("oaid")
    return given if isinstance(given, str) else None


def _goods(document: FulfilmentOrder) -> Decimal:
    return sum((line.quantity * (line.unit_price or ZERO) for line in document.lines), ZERO)
