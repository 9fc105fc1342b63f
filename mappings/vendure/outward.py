"""What a Vendure shop is told, as the inputs of its mutations.

Nothing there is keyed. What can be recognised again says whose it is: a reason, or the method of a
fulfilment without a tracking number, ends with our number.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from hub.model.errors import Rejected
from hub.model.fulfilment import Shipment, ShippedOrderLine
from hub.model.money import unit
from hub.model.order import CancelledLine, OrderCancellation, Refund, RefundLine
from hub.model.stock import StockLevel
from mappings.kit import Context, Encoders
from mappings.kit.marks import marked, order_of

MOST = 1_000_000_000


def shipment(document: Shipment, _at: Context) -> dict[str, Any]:
    """One fulfilment of `addFulfillmentToOrder`, with all its tracking numbers as one text."""
    numbers = dict.fromkeys(it.tracking_number for it in document.packages if it.tracking_number)
    carriers = dict.fromkeys(it.carrier_name or it.carrier or "" for it in document.packages)
    method = ", ".join(filter(None, carriers)) or "Shipped"
    if not numbers:
        method = marked(method, document)
    arguments = {"method": method, "trackingCode": ", ".join(numbers)}
    return {
        "lines": _pieces(order_of(document).lines),
        "handler": {
            "code": "manual-fulfillment",
            "arguments": [{"name": name, "value": value} for name, value in arguments.items()],
        },
    }


def stock_level(document: StockLevel, _at: Context) -> dict[str, Any]:
    """What may be sold. The shop takes what is on hand: it adds what it has allocated itself."""
    return {"sku": document.sku, "available": min(max(int(document.available), 0), MOST)}


def refund(document: Refund, _at: Context, places: int | None = None) -> dict[str, Any]:
    """Money that went back elsewhere: an amount; 3.7 also wants the fields that it replaces.
    `places`: of the shop's amounts, where they are not the currency's own.
    """
    step = unit(document.currency) if places is None else Decimal(1).scaleb(-places)
    if document.amount % step:
        message = f"the shop keeps amounts in steps of {step}"
        raise Rejected(message, path="amount", code="bad_number")
    return {
        "amount": int(document.amount / step),
        "lines": _pieces(document.lines),
        "shipping": 0,
        "adjustment": 0,
        "reason": marked(document.reason, document),
    }


def order_cancellation(document: OrderCancellation, _at: Context) -> dict[str, Any]:
    """Pieces that will not be sent; all of them, and the way of shipping, where nothing was."""
    return {
        "orderId": document.channel_order_id,
        "cancelShipping": document.whole,
        **({} if document.whole else {"lines": _pieces(document.lines)}),
        "reason": marked("Will not be sent", document),
    }


def _pieces(lines: Iterable[ShippedOrderLine | RefundLine | CancelledLine]) -> list[dict[str, Any]]:
    return [
        {"orderLineId": line.channel_line_id, "quantity": int(line.quantity)}
        for line in lines
        if line.channel_line_id and line.quantity
    ]


ENCODE: Encoders = {
    OrderCancellation: order_cancellation,
    Refund: refund,
    Shipment: shipment,
    StockLevel: stock_level,
}
