"""What ShipHero is told: orders, and what to expect. The inputs of its mutations.

Source: the published schema. `partner_order_id` and `po_number` are our numbers; money is text,
times are UTC.
"""

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from hub.model.document import ZERO, Address, plain
from hub.model.errors import BadData
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentLine, FulfilmentOrder
from hub.model.stock import InboundLine, InboundNotice
from mappings.kit import Context, Encoders
from mappings.kit.fields import needed
from mappings.shiphero.parcels import key

_CENTS = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed with ShipHero, beside what a document says. `customer`: the account of a
    3PL's client; `vendor`: of purchase orders.
    """

    shop: str = "Order Hub"
    warehouse: str | None = None
    customer: str | None = None
    vendor: str | None = None
    method: str = "Standard"


def encoders(terms: Terms) -> Encoders:
    """The encode table of orders and of what to expect from suppliers."""
    return {
        FulfilmentOrder: partial(_order, terms),
        FulfilmentCancellation: partial(_cancellation, terms),
        InboundNotice: partial(_purchase_order, terms),
    }


def _order(terms: Terms, document: FulfilmentOrder, at: Context) -> dict[str, Any]:
    """`CreateOrderInput`. What is not known is left out."""
    if document.cash_on_delivery:
        message = "nothing is collected on delivery there"
        raise BadData(message, path="cash_on_delivery", code="not_supported")
    to = needed(document.ship_to, "ship_to")
    goods = sum(((it.unit_price or ZERO) * it.quantity for it in document.lines), ZERO)
    lines = enumerate(document.lines)
    told = {
        "order_number": document.order_number,
        "partner_order_id": document.fulfilment_order_id,
        "shop_name": terms.shop,
        "fulfillment_status": "pending",
        "order_date": _time(document.created_at),
        "email": to.email,
        "subtotal": _money(goods) if goods else None,
        "total_price": _money(goods) if goods else None,
        "line_items": [_line(terms, document, place, it) for place, it in lines],
        **_changeable(terms, document, at),
    }
    return _known({**told, "customer_account_id": terms.customer})


def changed(terms: Terms, document: FulfilmentOrder, order_id: str, at: Context) -> dict[str, Any]:
    """`UpdateOrderInput`: all that may change of an order but its lines."""
    told = _changeable(terms, document, at)
    return _known({"order_id": order_id, **told, "customer_account_id": terms.customer})


def _changeable(terms: Terms, document: FulfilmentOrder, at: Context) -> dict[str, Any]:
    to = needed(document.ship_to, "ship_to")
    said = (document.delivery.instructions, document.note)
    return {
        "shipping_address": _address(to, strict=True),
        "billing_address": document.bill_to and _address(document.bill_to, strict=False),
        "shipping_lines": _way(terms, document, at),
        "required_ship_date": document.ship_by and _time(document.ship_by),
        "packing_note": "\n".join(text for text in said if text),
        "gift_note": document.gift_message,
    }


def _cancellation(terms: Terms, document: FulfilmentCancellation, _: Context) -> dict[str, Any]:
    """`CancelOrderInput`. `order_id` is theirs: it is asked for where nobody knows it."""
    told = {
        "order_id": document.warehouse_reference,
        "reason": document.reason or "cancelled",
        "customer_account_id": terms.customer,
    }
    return _known(told)


def _purchase_order(terms: Terms, document: InboundNotice, _: Context) -> dict[str, Any]:
    """`CreatePurchaseOrderInput`. It goes to the warehouse that the connection names."""
    if document.kind == "return":
        message = "a return is no purchase order"
        raise BadData(message, path="kind", code="not_supported")
    costs = sum(((it.unit_cost or ZERO) * it.quantity for it in document.lines), ZERO)
    told = {
        "po_number": document.inbound_notice_id,
        "partner_order_number": document.inbound_notice_id,
        "po_date": document.expected_at and _time(document.expected_at),
        "warehouse_id": terms.warehouse and graphql_id("Warehouse", terms.warehouse),
        "vendor_id": terms.vendor,
        "po_note": document.supplier,
        "fulfillment_status": "pending",
        "subtotal": _money(costs),
        "shipping_price": "0.00",
        "total_price": _money(costs),
        "line_items": [_expected(place, it) for place, it in enumerate(document.lines)],
        "customer_account_id": terms.customer,
    }
    return _known(told)


def same_lines(wanted: Iterable[FulfilmentLine | InboundLine], there: Mapping[str, Any]) -> bool:
    """Whether an order of theirs holds as much of each article. One that names no lines may."""
    ours, theirs = Counter[str](), Counter[str]()
    for line in wanted:
        ours[line.sku] += int(line.quantity)
    edges = (there.get("line_items") or {}).get("edges") or []
    for node in (edge.get("node") or {} for edge in edges):
        theirs[str(node.get("sku"))] += int(node.get("quantity") or 0)
    return not theirs or ours == theirs


def graphql_id(kind: str, told: str) -> str:
    """An id as the API takes it: of a bare number, the one that it is called there."""
    return b64encode(f"{kind}:{told}".encode()).decode() if told.isdigit() else told


def _line(
    terms: Terms, document: FulfilmentOrder, place: int, line: FulfilmentLine
) -> dict[str, Any]:
    if line.quality != "good":
        message = "orders there know no qualities"
        raise BadData(message, path=f"lines.{place}.quality", code="not_supported")
    return _known(
        {
            "sku": line.sku,
            "partner_line_item_id": key(document.fulfilment_order_id, line.line_no),
            "quantity": int(line.quantity),
            "price": _money(line.unit_price or ZERO),
            "product_name": line.title or line.sku,
            "warehouse_id": terms.warehouse and graphql_id("Warehouse", terms.warehouse),
        }
    )


def _expected(place: int, line: InboundLine) -> dict[str, Any]:
    if line.quantity % 1 or line.quality != "good":
        message = "whole pieces of good quality are expected"
        raise BadData(message, path=f"lines.{place}", code="not_supported")
    return {
        "sku": line.sku,
        "quantity": int(line.quantity),
        "price": _money(line.unit_cost or ZERO),
        "expected_weight_in_lbs": "0.00",
        "partner_line_item_id": str(line.line_no),
        "fulfillment_status": "pending",
    }


def _way(terms: Terms, document: FulfilmentOrder, at: Context) -> dict[str, Any]:
    """How it travels: their carrier and method by the code list, else the usual words."""
    wanted = {document.delivery.method, document.delivery.service} - {None}
    named = (code for code, ours in at.codes.get("services", {}).items() if ours in wanted)
    carrier, _, method = next(named, "").partition("/")
    title = document.delivery.method or document.delivery.service or terms.method
    return _known({"title": title, "price": "0.00", "carrier": carrier, "method": method})


def _address(to: Address, *, strict: bool) -> dict[str, Any]:
    first, _, last = (to.name or "").rpartition(" ")
    if strict:
        needed(to.name or to.company, "ship_to.name")
        needed(to.lines[0] if to.lines else None, "ship_to.lines")
        needed(to.city, "ship_to.city")
        needed(to.country, "ship_to.country")
    return _known(
        {
            "first_name": first or last or to.company,
            "last_name": last if first else None,
            "company": to.company,
            "address1": to.lines[0] if to.lines else None,
            "address2": ", ".join(text for text in (*to.lines[1:], to.district) if text),
            "city": to.city,
            "state": to.region or to.region_code,
            "state_code": to.region_code,
            "zip": to.postal_code,
            "country": to.country,
            "country_code": to.country,
            "email": to.email,
            "phone": to.phone,
        }
    )


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def _money(amount: Decimal) -> str:
    return plain(
        amount if -int(amount.as_tuple().exponent) >= 2 else amount.quantize(Decimal("0.01"))
    )


def _known(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in tree.items() if value not in (None, "", [], {})}
