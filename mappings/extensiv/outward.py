"""What Extensiv is told: the order that it ships, the goods that it is to expect.

Source: the collections of requests. `ReferenceNum` is our number; whether it is unique is a setting
of the customer's there, so that it is looked for first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from hub.model.document import ZERO, show_instant
from hub.model.errors import BadData
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentOrder
from hub.model.stock import InboundNotice
from mappings.extensiv.hal import plain
from mappings.extensiv.wire import Order, Receiver
from mappings.kit import Context, Encoders, shape
from mappings.kit.fields import needed


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose goods they are and where, by the numbers that Extensiv gave."""

    customer_id: int
    facility_id: int


def encoders(terms: Terms) -> Encoders:
    """The encode table of a connection with these terms."""
    return {
        FulfilmentOrder: partial(_order, terms),
        FulfilmentCancellation: _cancellation,
        InboundNotice: partial(_notice, terms),
    }


def _order(terms: Terms, document: FulfilmentOrder, at: Context) -> dict[str, Any]:
    """The body of POST /orders. What is not known is left out."""
    if document.cash_on_delivery:
        message = "nothing is collected on delivery there"
        raise BadData(message, path="cash_on_delivery", code="not_supported")
    for place, line in enumerate(document.lines):
        if line.quality != "good":
            message = "only pieces in good condition can be ordered there"
            raise BadData(message, path=f"lines.{place}.quality", code="not_supported")
    said = [document.note, document.gift_message and f"Gift message: {document.gift_message}"]
    return _told(
        {
            **_whose(terms),
            "ReferenceNum": document.fulfilment_order_id,
            "PoNum": document.order_number,
            "Notes": "\n".join(filter(None, said)),
            "ShippingNotes": document.delivery.instructions,
            "RoutingInfo": _routing(document, at),
            "ShipTo": _address(document),
            "OrderItems": [
                _told(
                    {
                        "ItemIdentifier": {"Sku": line.sku},
                        "Qty": _number(line.quantity),
                        "LotNumber": line.batch,
                    }
                )
                for line in document.lines
            ],
        }
    )


def _cancellation(document: FulfilmentCancellation, _: Context) -> dict[str, Any]:
    """The body of POST /orders/{id}/canceler."""
    return {"Reason": document.reason or "cancelled by the merchant"}


def _notice(terms: Terms, document: InboundNotice, _: Context) -> dict[str, Any]:
    """The body of POST /inventory/receivers."""
    expected = document.expected_at
    return _told(
        {
            **_whose(terms),
            "ReferenceNum": document.inbound_notice_id,
            "ExpectedDate": expected and show_instant(expected),
            "ReceiveItems": [
                _told(
                    {
                        "ItemIdentifier": {"Sku": line.sku},
                        "Qty": _number(line.quantity),
                        "LotNumber": line.batch,
                        "ExpirationDate": line.expires_on,
                    }
                )
                for line in document.lines
            ],
        }
    )


def same_lines(document: FulfilmentOrder | InboundNotice, there: Any, at: Context) -> bool:
    """Whether what is there holds what ours does; what names no lines may."""
    if isinstance(document, FulfilmentOrder):
        items = shape(Order, plain(there), at).order_items
    else:
        items = shape(Receiver, plain(there), at).receive_items
    ours, theirs = dict[str, Decimal](), dict[str, Decimal]()
    for line in document.lines:
        ours[line.sku] = ours.get(line.sku, ZERO) + line.quantity
    for item in items:
        name = item.article.sku or ""
        theirs[name] = theirs.get(name, ZERO) + (item.qty or ZERO)
    return not theirs or ours == theirs


def _whose(terms: Terms) -> dict[str, Any]:
    return {
        "CustomerIdentifier": {"Id": terms.customer_id},
        "FacilityIdentifier": {"Id": terms.facility_id},
    }


def _routing(document: FulfilmentOrder, at: Context) -> dict[str, Any]:
    """Their names of carrier and service where the code lists have them, else ours."""
    wanted = {document.delivery.method, document.delivery.service} - {None}
    modes = at.codes.get("shipping_methods", {}).items()
    mode = next((code for code, ours in modes if ours in wanted), document.delivery.service)
    return _told({"Carrier": document.delivery.carrier, "Mode": mode})


def _address(document: FulfilmentOrder) -> dict[str, Any]:
    to = needed(document.ship_to, "ship_to")
    first, *others = to.lines or (None,)
    return _told(
        {
            "CompanyName": to.company,
            "Name": needed(to.name or to.company, "ship_to.name"),
            "Address1": needed(first, "ship_to.lines"),
            "Address2": ", ".join(each for each in (*others, to.district) if each),
            "City": needed(to.city, "ship_to.city"),
            "State": to.region_code or to.region,
            "Zip": to.postal_code,
            "Country": needed(to.country, "ship_to.country"),
            "PhoneNumber": to.phone,
            "EmailAddress": to.email,
        }
    )


def _number(count: Decimal) -> int | float:
    return int(count) if count == int(count) else float(count)


def _told(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in tree.items() if value not in (None, "", [], {})}
