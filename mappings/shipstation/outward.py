"""What ShipStation is told: the order that it ships, or that it must not.

Source: API v1, `POST /orders/createorder`. `orderKey` is the key by which the same order is told
again: it is our number. Times are US Pacific and name no zone.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from hub.model.document import Address
from hub.model.errors import BadData
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentLine, FulfilmentOrder
from mappings.kit import Context, Encoders, shape
from mappings.kit.fields import needed
from mappings.shipstation.contents import key
from mappings.shipstation.orders import here
from mappings.shipstation.wire import PACIFIC, Order

_STREETS = 3
_WRITABLE = """
orderNumber orderKey orderDate paymentDate shipByDate customerUsername customerEmail billTo shipTo
items amountPaid taxAmount shippingAmount customerNotes internalNotes gift giftMessage paymentMethod
requestedShippingService carrierCode serviceCode packageCode confirmation shipDate weight dimensions
insuranceOptions internationalOptions advancedOptions tagIds
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed with ShipStation, beside what the order says. `currency`: of its costs."""

    store_id: int | None = None
    warehouse_id: int | None = None
    currency: str = "USD"


def encoders(terms: Terms) -> Encoders:
    """The encode table of a connection with these terms."""
    return {FulfilmentOrder: partial(_order, terms), FulfilmentCancellation: _cancellation}


def _order(terms: Terms, document: FulfilmentOrder, at: Context) -> dict[str, Any]:
    """The body of POST /orders/createorder. What is not known is left out."""
    if document.cash_on_delivery:
        message = "nothing is collected on delivery there"
        raise BadData(message, path="cash_on_delivery", code="not_supported")
    to = needed(document.ship_to, "ship_to")
    said = (document.delivery.instructions, document.note)
    told = {
        "orderNumber": document.order_number,
        "orderKey": document.fulfilment_order_id,
        "orderDate": _local(document.created_at),
        "shipByDate": document.ship_by and _local(document.ship_by),
        "orderStatus": "awaiting_shipment",
        "customerEmail": to.email,
        "billTo": _billed(document.bill_to or to, to),
        "shipTo": _address(to),
        "items": [_item(document, at_place) for at_place in range(len(document.lines))],
        "internalNotes": "\n".join(text for text in said if text),
        "gift": True if document.gift_message else None,
        "giftMessage": document.gift_message,
        "requestedShippingService": document.delivery.method or document.delivery.service,
        **_way(document, at),
        "insuranceOptions": _insured(document.insured_value),
        "advancedOptions": _known(
            {"warehouseId": terms.warehouse_id, "storeId": terms.store_id, "source": "Order Hub"}
        ),
    }
    return _known(told)


def _cancellation(document: FulfilmentCancellation, _: Context) -> dict[str, Any]:
    """Which order is to be cancelled. There is no call for that: it is told again as cancelled."""
    told = {"orderId": document.warehouse_reference, "orderKey": document.fulfilment_order_id}
    return _known({**told, "orderStatus": "cancelled"})


def cancelled(there: Mapping[str, Any]) -> dict[str, Any]:
    """An order of theirs, told again as cancelled."""
    told = {name: _bare(there.get(name)) for name in _WRITABLE.split()}
    return {**_known(told), "orderStatus": "cancelled"}


def same_lines(document: FulfilmentOrder, there: Mapping[str, Any], at: Context) -> bool:
    """Whether an order of theirs holds what ours does. One that was put together with others, or
    taken apart, may.
    """
    order = shape(Order, dict(there), here(at))
    if not order.is_whole:
        return True
    ours, theirs = Counter[str](), Counter[str]()
    for line in document.lines:
        ours[line.sku] += int(line.quantity)
    for item in order.items:
        if not item.adjustment:
            theirs[item.sku or ""] += int(item.quantity or 0)
    return ours == theirs


def _item(document: FulfilmentOrder, at_place: int) -> dict[str, Any]:
    line: FulfilmentLine = document.lines[at_place]
    if line.quality != "good":
        message = "its stock knows no qualities"
        raise BadData(message, path=f"lines.{at_place}.quality", code="not_supported")
    return _known(
        {
            "lineItemKey": key(document.fulfilment_order_id, line.line_no),
            "sku": line.sku,
            "name": line.title or line.sku,
            "quantity": int(line.quantity),
            "unitPrice": _number(line.unit_price),
            "options": [{"name": "Lot", "value": line.batch}] if line.batch else None,
        }
    )


def _way(document: FulfilmentOrder, at: Context) -> dict[str, Any]:
    """Their carrier and service for the way that it must travel, where a code list names them."""
    wanted = {document.delivery.method, document.delivery.service} - {None}
    named = (code for code, ours in at.codes.get("services", {}).items() if ours in wanted)
    carrier, _, service = next(named, "").partition("/")
    return {"carrierCode": carrier, "serviceCode": service}


def _address(to: Address) -> dict[str, Any]:
    lines = [*to.lines, *([to.district] if to.district else [])]
    first = needed(lines[0] if lines else None, "ship_to.lines")
    streets = [first, *lines[1:2], ", ".join(lines[2:])]
    return _known(
        {
            "name": needed(to.name or to.company, "ship_to.name"),
            "company": to.company,
            **{f"street{n + 1}": street for n, street in enumerate(streets[:_STREETS])},
            "city": needed(to.city, "ship_to.city"),
            "state": to.region_code or to.region,
            "postalCode": to.postal_code,
            "country": needed(to.country, "ship_to.country"),
            "phone": to.phone,
        }
    )


def _billed(to: Address, else_to: Address) -> dict[str, Any]:
    """Whom it is billed to: a name must be there, all else may."""
    name = to.name or to.company or else_to.name or else_to.company
    streets = {f"street{n + 1}": line for n, line in enumerate(to.lines[:_STREETS])}
    return _known(
        {
            "name": needed(name, "ship_to.name"),
            "company": to.company,
            **streets,
            "city": to.city,
            "state": to.region_code or to.region,
            "postalCode": to.postal_code,
            "country": to.country,
            "phone": to.phone,
        }
    )


def _insured(value: Decimal | None) -> dict[str, Any] | None:
    if not value:
        return None
    return {"provider": "carrier", "insureShipment": True, "insuredValue": _number(value)}


def _local(at: datetime) -> str:
    return at.astimezone(PACIFIC).strftime("%Y-%m-%dT%H:%M:%S.0000000")


def _number(amount: Decimal | None) -> float | None:
    """A JSON number: its shortest spelling is the amount as it was."""
    return None if amount is None else float(amount)


def _bare(tree: Any) -> Any:
    """What is there of it: null is no text in what they take."""
    if isinstance(tree, dict):
        return {name: _bare(value) for name, value in tree.items() if value is not None}
    return [_bare(value) for value in tree] if isinstance(tree, list) else tree


def _known(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in tree.items() if value not in (None, "", [], {})}
