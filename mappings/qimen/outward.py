"""What a warehouse is told: deliveryorder.create, order.cancel, deliveryorder.query.

Every field that the API calls mandatory is filled, from the order or from the connection's terms,
so that a strict warehouse takes it. The sender is left out unless it is known whole.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from xml.sax.saxutils import escape

from hub.model.document import ZERO, Address, pieces
from hub.model.errors import BadData
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentLine, FulfilmentOrder
from mappings.kit import Context

CLOCK = "%Y-%m-%d %H:%M:%S"
_CENT = Decimal("0.01")
_ENTRIES = {"orderLines": "orderLine"}
_MARKUP = re.compile("[&<>]")


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose name and address stand on the parcel."""

    name: str
    mobile: str
    province: str
    city: str
    address: str
    area: str | None = None
    postal_code: str | None = None
    country: str | None = None
    company: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed with the warehouse, beside what the order says."""

    owner_code: str
    warehouse_code: str
    shop_nick: str | None = None
    logistics_code: str = "OTHER"
    order_type: str = "JYCK"
    source_platform: str = "OTHER"
    unknown_mobile: str = "00000000000"
    sender: Sender | None = None


def create(document: FulfilmentOrder, terms: Terms, at: Context) -> bytes:
    """deliveryorder.create."""
    made, goods = _clock(document.created_at, at.zone), _money(_goods(document))
    delivery, collect = document.delivery, document.cash_on_delivery
    order = {
        "deliveryOrderCode": document.fulfilment_order_id,
        "orderType": terms.order_type,
        "warehouseCode": terms.warehouse_code,
        "orderFlag": "COD" if collect else None,
        "sourcePlatformCode": terms.source_platform,
        "createTime": made,
        "placeOrderTime": made,
        "operateTime": made,
        "shopNick": terms.shop_nick or document.merchant,
        "totalAmount": goods,
        "itemAmount": goods,
        "arAmount": _money(collect.amount) if collect else None,
        "logisticsCode": _carrier(delivery.carrier, terms, at),
        "senderInfo": _sender(terms.sender),
        "receiverInfo": _receiver(document, terms),
        "insuranceFlag": "Y" if document.insured_value else None,
        "insurance": {"amount": _money(document.insured_value)} if document.insured_value else None,
        "buyerMessage": document.note,
        "sellerMessage": delivery.instructions,
        "remark": document.gift_message,
        "serviceCode": delivery.service,
        "ownerCode": terms.owner_code,
        "latestDeliveryTime": _clock(document.ship_by, at.zone) if document.ship_by else None,
        "oaidOrderSourceCode": document.channel_order_id if _oaid(document) else None,
    }
    lines = [_line(line, document, terms, at) for line in document.lines]
    numbers = {"orderNumber": document.order_number, "revision": str(document.revision)}
    return write({"deliveryOrder": order, "orderLines": lines, "extendProps": numbers})


def cancel(document: FulfilmentCancellation, terms: Terms) -> bytes:
    """order.cancel."""
    return write(
        {
            "warehouseCode": terms.warehouse_code,
            "ownerCode": terms.owner_code,
            "orderCode": document.fulfilment_order_id,
            "orderId": document.warehouse_reference,
            "orderType": terms.order_type,
            "cancelReason": document.reason,
        }
    )


def query(fulfilment_order: str, terms: Terms) -> bytes:
    """deliveryorder.query."""
    return write(
        {
            "ownerCode": terms.owner_code,
            "warehouseCode": terms.warehouse_code,
            "orderCode": fulfilment_order,
            "page": "1",
            "pageSize": "100",
        }
    )


def write(tree: Mapping[str, Any]) -> bytes:
    """A request body. What is None is left out."""
    head = '<?xml version="1.0" encoding="utf-8"?>'
    return f"{head}<request>{_inside(tree)}</request>".encode()


def _inside(tree: Mapping[str, Any]) -> str:
    return "".join(
        [
            f"<{name}>{_text(value)}</{name}>" if type(value) is str else _element(name, value)
            for name, value in tree.items()
            if value is not None
        ]
    )


def _element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>{_inside(value)}</{name}>"
    if isinstance(value, list):
        entries = "".join([_element(_ENTRIES[name], entry) for entry in value])
        return f"<{name}>{entries}</{name}>"
    return f"<{name}>{_text(str(value))}</{name}>"


def _text(value: str) -> str:
    return escape(value) if _MARKUP.search(value) else value


def _line(
    line: FulfilmentLine, document: FulfilmentOrder, terms: Terms, at: Context
) -> dict[str, str | None]:
    return {
        "orderLineNo": str(line.line_no),
        "sourceOrderCode": document.channel_order_id,
        "ownerCode": terms.owner_code,
        "itemCode": line.sku,
        "itemId": line.item_code,
        "inventoryType": at.theirs("qualities", line.quality, path="lines.quality"),
        "itemName": line.title or line.sku,
        "planQty": pieces(line.quantity),
        "actualPrice": _money(line.unit_price or ZERO),
        "batchCode": line.batch,
    }


def _carrier(carrier: str | None, terms: Terms, at: Context) -> str:
    if carrier is None:
        return terms.logistics_code
    return at.theirs("carriers", carrier, path="delivery.carrier")


def _receiver(document: FulfilmentOrder, terms: Terms) -> dict[str, str | None]:
    to = document.ship_to
    if to is None:
        raise BadData("an address is expected", path="ship_to", code="missing_field")
    city = to.city or to.district or to.region
    bill = document.bill_to or Address()
    return {
        "company": to.company,
        "name": _present(to.name or to.company, "ship_to.name"),
        "zipCode": to.postal_code,
        "mobile": to.phone or bill.phone or terms.unknown_mobile,
        "email": to.email,
        "countryCode": to.country,
        "province": _present(to.region or to.region_code or city, "ship_to.region"),
        "city": _present(city, "ship_to.city"),
        "area": to.district,
        "detailAddress": _present(" ".join(to.lines) or None, "ship_to.lines"),
        "oaid": _oaid(document),
    }


def _oaid(document: FulfilmentOrder) -> str | None:
    """The platform's id of a receiver whose data it does not give away in clear."""
    found = document.attributes.get("oaid")
    return found if isinstance(found, str) else None


def _sender(sender: Sender | None) -> dict[str, str | None] | None:
    if sender is None:
        return None
    return {
        "company": sender.company,
        "name": sender.name,
        "zipCode": sender.postal_code,
        "mobile": sender.mobile,
        "countryCode": sender.country,
        "province": sender.province,
        "city": sender.city,
        "area": sender.area,
        "detailAddress": sender.address,
    }


def _present(text: str | None, path: str) -> str:
    if text is None:
        raise BadData("Qimen wants a text here", path=path, code="missing_field")
    return text


def _goods(document: FulfilmentOrder) -> Decimal:
    return sum((line.quantity * (line.unit_price or ZERO) for line in document.lines), ZERO)


def _money(amount: Decimal) -> str:
    """Two places, as Qimen writes amounts."""
    return format(amount.quantize(_CENT, rounding=ROUND_HALF_UP), "f")


def _clock(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime(CLOCK)
