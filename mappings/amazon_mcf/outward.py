"""What Amazon is told: the order that it ships, and how it is changed.

Source: fulfillmentOutbound 2020-07-01. `sellerFulfillmentOrderId` is our number, unique at a
seller; the numbers of our lines are the ids of its items.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from hub.model.document import show_instant
from hub.model.errors import BadData
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentLine, FulfilmentOrder
from mappings.amazon_mcf.wire import Result
from mappings.kit import Context, Encoders, shape
from mappings.kit.fields import needed

_LONGEST_ID, _LONGEST_SKU, _LONGEST_COMMENT, _LONGEST_GIFT, _LONGEST_HOW = 40, 50, 750, 512, 250
_MOST_LINES = 100
_AT_ONCE_ONLY = frozenset({"sellerFulfillmentOrderId", "deliveryPreferences"})
"""What an order is made with and cannot be changed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed with Amazon, beside what the order says. `comment` stands on the packing
    slip; `features` are required of Amazon, such as BLOCK_AMZL.
    """

    marketplace_id: str
    speed: str = "Standard"
    policy: str = "FillOrKill"
    comment: str = "Thank you for your order."
    features: tuple[str, ...] = ()


def encoders(terms: Terms) -> Encoders:
    """The encode table of a connection with these terms."""
    return {FulfilmentOrder: partial(_order, terms), FulfilmentCancellation: _cancellation}


def change_of(order: Mapping[str, Any]) -> dict[str, Any]:
    """The body of updateFulfillmentOrder, of that of createFulfillmentOrder."""
    return {name: value for name, value in order.items() if name not in _AT_ONCE_ONLY}


def _order(terms: Terms, document: FulfilmentOrder, at: Context) -> dict[str, Any]:
    """The body of createFulfillmentOrder. What is not known is left out."""
    if document.cash_on_delivery:
        message = "nothing is collected on delivery there"
        raise BadData(message, path="cash_on_delivery", code="not_supported")
    if len(document.lines) > _MOST_LINES:
        raise BadData(f"at most {_MOST_LINES} lines are taken", path="lines", code="too_long")
    how = document.delivery.instructions
    return _told(
        {
            "marketplaceId": terms.marketplace_id,
            "sellerFulfillmentOrderId": _short_enough(
                document.fulfilment_order_id, _LONGEST_ID, "fulfilment_order_id"
            ),
            "displayableOrderId": " ".join(document.order_number.split())[:_LONGEST_ID],
            "displayableOrderDate": show_instant(document.created_at),
            "displayableOrderComment": (document.note or terms.comment)[:_LONGEST_COMMENT],
            "shippingSpeedCategory": _speed(document, terms, at),
            "destinationAddress": _address(document),
            "deliveryPreferences": how and {"deliveryInstructions": how[:_LONGEST_HOW]},
            "fulfillmentAction": "Ship",
            "fulfillmentPolicy": terms.policy,
            "featureConstraints": [
                {"featureName": name, "featureFulfillmentPolicy": "Required"}
                for name in terms.features
            ],
            "items": [_item(document, line) for line in document.lines],
        }
    )


def _cancellation(document: FulfilmentCancellation, _: Context) -> dict[str, Any]:
    """Which order is to be cancelled. There is no body."""
    return {"sellerFulfillmentOrderId": document.fulfilment_order_id}


def same_lines(document: FulfilmentOrder, there: dict[str, Any], at: Context) -> bool:
    """Whether an order of theirs holds what ours does; one that names no lines may."""
    ours, theirs = Counter[str](), Counter[str]()
    for line in document.lines:
        ours[line.sku] += int(line.quantity)
    for item in shape(Result, there, at).fulfillment_order_items:
        theirs[item.seller_sku or ""] += int(item.quantity or 0)
    return not theirs or ours == theirs


def _speed(document: FulfilmentOrder, terms: Terms, at: Context) -> str:
    """Their name for the way it must travel, by the code list; else the usual one."""
    wanted = {document.delivery.method, document.delivery.service} - {None}
    named = (code for code, ours in at.codes.get("shipping_methods", {}).items() if ours in wanted)
    return next(named, terms.speed)


def _address(document: FulfilmentOrder) -> dict[str, Any]:
    to = needed(document.ship_to, "ship_to")
    first, second, *others = [*to.lines, None, None]
    names = [to.name, to.company] if to.name else [to.company, None]
    return _told(
        {
            "name": needed(names[0], "ship_to.name"),
            "addressLine1": needed(first, "ship_to.lines"),
            "addressLine2": second,
            "addressLine3": ", ".join(filter(None, [*others, names[1]])),
            "city": to.city,
            "districtOrCounty": to.district,
            "stateOrRegion": to.region_code or to.region,
            "postalCode": needed(to.postal_code, "ship_to.postal_code"),
            "countryCode": needed(to.country, "ship_to.country"),
            "phone": to.phone,
        }
    )


def _item(document: FulfilmentOrder, line: FulfilmentLine) -> dict[str, Any]:
    place = f"lines.{document.lines.index(line)}"
    if line.quality != "good":
        message = "only pieces in good condition are shipped there"
        raise BadData(message, path=f"{place}.quality", code="not_supported")
    gift = document.gift_message if line is document.lines[0] else None
    return _told(
        {
            "sellerSku": _short_enough(line.sku, _LONGEST_SKU, f"{place}.sku"),
            "sellerFulfillmentOrderItemId": str(line.line_no),
            "quantity": int(line.quantity),
            "giftMessage": gift and gift[:_LONGEST_GIFT],
        }
    )


def _short_enough(told: str, most: int, path: str) -> str:
    if len(told) > most:
        raise BadData(f"at most {most} characters are taken", path=path, code="too_long")
    return told


def _told(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in tree.items() if value not in (None, "", [])}
