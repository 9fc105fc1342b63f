"""What ShipBob is told: the order that it ships.

Source: OpenAPI 2026-01, `POST /order`. `reference_id` is unique in a channel: it is our number.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hub.model.document import show_instant
from hub.model.errors import BadData
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentLine, FulfilmentOrder
from hub.model.returns import Return
from mappings.kit import Context, Encoders, shape
from mappings.kit.fields import needed
from mappings.shipbob.returns import returning
from mappings.shipbob.wire import Order


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed with ShipBob, beside what the order says."""

    shipping_method: str = "Standard"
    order_type: str = "DTC"
    location_id: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


def encoders(terms: Terms) -> Encoders:
    """The encode table of a connection with these terms."""
    return {
        FulfilmentOrder: partial(_order, terms),
        FulfilmentCancellation: _cancellation,
        Return: partial(_return, terms),
    }


def _return(terms: Terms, document: Return, _: Context) -> dict[str, Any]:
    """A return without the numbers that only ShipBob knows: by SKU."""
    skus = {line.sku: 0 for line in document.lines if line.sku}
    body = returning(document, terms.location_id, skus)
    names = [{"sku": sku, "quantity": it["quantity"]}
             for sku, it in zip(skus, body["inventory"], strict=True)]  # fmt: skip
    return {**body, "inventory": names}


def _order(terms: Terms, document: FulfilmentOrder, at: Context) -> dict[str, Any]:
    """The body of POST /order. What is not known is left out."""
    if document.cash_on_delivery:
        message = "nothing is collected on delivery there"
        raise BadData(message, path="cash_on_delivery", code="not_supported")
    said = {"Handling instructions": document.delivery.instructions, "Note": document.note}
    tags = {**terms.tags, **said}
    return _told(
        {
            "reference_id": document.fulfilment_order_id,
            "order_number": document.order_number,
            "type": terms.order_type,
            "purchase_date": show_instant(document.created_at),
            "shipping_method": _method(document, terms, at),
            "location_id": terms.location_id,
            "gift_message": document.gift_message,
            "recipient": _recipient(document),
            "products": [_product(line) for line in document.lines],
            "tags": [{"name": name, "value": value} for name, value in tags.items() if value],
        }
    )


def _cancellation(document: FulfilmentCancellation, _: Context) -> dict[str, Any]:
    """Which order is to be cancelled: by its own number where it is known. There is no body."""
    return _told({"id": document.warehouse_reference, "reference_id": document.fulfilment_order_id})


def same_lines(document: FulfilmentOrder, there: dict[str, Any], at: Context) -> bool:
    """Whether an order of theirs holds what ours does; one that names no lines may."""
    ours, theirs = Counter[str](), Counter[str]()
    for line in document.lines:
        ours[line.sku] += int(line.quantity)
    for product in shape(Order, there, at).products:
        names = (product.reference_id, product.sku)
        name = next((each for each in names if each in ours), product.called)
        theirs[name or ""] += int(product.quantity or 0)
    return not theirs or ours == theirs


def _method(document: FulfilmentOrder, terms: Terms, at: Context) -> str:
    """Their name for the way it must travel, by the code list; else the usual one."""
    wanted = {document.delivery.method, document.delivery.service} - {None}
    named = (code for code, ours in at.codes.get("shipping_methods", {}).items() if ours in wanted)
    return next(named, terms.shipping_method)


def _recipient(document: FulfilmentOrder) -> dict[str, Any]:
    to = needed(document.ship_to, "ship_to")
    first, *others = to.lines or (None,)
    return _told(
        {
            "name": needed(to.name or to.company, "ship_to.name"),
            "email": to.email,
            "phone_number": to.phone,
            "address": _told(
                {
                    "company_name": to.company,
                    "address1": needed(first, "ship_to.lines"),
                    "address2": ", ".join(each for each in (*others, to.district) if each),
                    "city": needed(to.city, "ship_to.city"),
                    "state": to.region_code or to.region,
                    "zip_code": to.postal_code,
                    "country": needed(to.country, "ship_to.country"),
                }
            ),
        }
    )


def _product(line: FulfilmentLine) -> dict[str, Any]:
    return {
        "reference_id": line.sku,
        "sku": line.sku,
        "name": line.title or line.sku,
        "quantity": int(line.quantity),
        "external_line_id": line.line_no,
    }


def _told(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in tree.items() if value not in (None, "", [])}
