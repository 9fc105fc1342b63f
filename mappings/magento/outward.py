"""What a Magento shop is told, as the bodies of its REST calls. Comments end with our number."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO
from hub.model.errors import BadData
from hub.model.fulfilment import Shipment
from hub.model.money import round_to
from hub.model.order import OrderCancellation, Refund
from hub.model.stock import StockLevel
from mappings.kit import Context, Encoders
from mappings.kit.marks import marked, order_of

Tree = dict[str, Any]
_CARRIERS = frozenset({"dhl", "fedex", "ups", "usps"})
"""What Magento knows by our own codes; any other is `custom`, under its title."""


def shipment(document: Shipment, _: Context, order: Sequence[Tree] = ()) -> Tree:
    """What left (`POST /V1/order/{id}/ship`). `order`: the rows of the order. Of bundles that ship
    together Magento wants the bundle, of others the parts, and passes over the rest: both are told.
    """
    pieces = {it.channel_line_id: int(it.quantity) for it in order_of(document).lines}
    rows = {str(it["item_id"]): it for it in order}
    for number, count in list(pieces.items()):
        part = rows.get(str(number), {})
        if bundle := rows.get(str(part.get("parent_item_id"))):
            whole = int(bundle["qty_ordered"]) * count // int(part["qty_ordered"])
            pieces[str(bundle["item_id"])] = whole
    packages = {it.tracking_number: it for it in document.packages if it.tracking_number}
    return {
        "items": [
            {"order_item_id": int(it), "qty": count} for it, count in pieces.items() if it and count
        ],
        "tracks": [
            {
                "track_number": number,
                "title": it.carrier_name or it.carrier or "Carrier",
                "carrier_code": it.carrier if it.carrier in _CARRIERS else "custom",
            }
            for number, it in packages.items()
        ],
        "comment": _comment(marked("Shipped.", document)),
    }


def stock_level(document: StockLevel, _: Context, promised: Decimal = ZERO) -> Tree:
    """A level as a source has it (`POST /V1/inventory/source-items`), with what is promised."""
    pieces = max(int(document.available + promised), 0)
    return {"sku": document.sku, "quantity": pieces, "status": int(pieces > 0)}


def refund(document: Refund, _: Context, order: Mapping[str, Any] | None = None) -> Tree:
    """Money back, offline (`POST /V1/order/{id}/refund`): all of it as an adjustment, so that it is
    ours to the last cent and not what Magento reckons of rows. What is not named would be refunded
    whole: so shipping is named with nothing, and an item with no pieces. Adjustments are of the
    shop's own currency.
    """
    order = order or {"items": ()}
    rate = Decimal(order.get("base_to_order_rate") or 1)
    own = round_to(document.amount / rate, order.get("base_currency_code") or document.currency)
    if round_to(own * rate, document.currency) != document.amount:
        message = "no amount of the shop's own currency comes to it to the cent"
        raise BadData(message, path="amount", code="bad_amount")
    return {
        "items": [{"order_item_id": int(it["item_id"]), "qty": 0} for it in order["items"][:1]],
        "arguments": {"shipping_amount": 0, "adjustment_positive": float(own)},
        "comment": _comment(marked(document.reason, document)),
    }


def order_cancellation(document: OrderCancellation, _: Context) -> Tree:
    """Of a part a shop has only a comment (`POST /V1/orders/{id}/comments`)."""
    pieces = ", ".join(f"{int(it.quantity)} of {it.sku}" for it in document.lines)
    told = {**_comment(marked(f"Will not be sent: {pieces}.", document)), "is_customer_notified": 0}
    return {"statusHistory": {**told, "parent_id": int(document.channel_order_id)}}


def _comment(words: str) -> Tree:
    return {"comment": words, "is_visible_on_front": 0}


ENCODE: Encoders = {
    OrderCancellation: order_cancellation,
    Refund: refund,
    Shipment: shipment,
    StockLevel: stock_level,
}
