"""By what a channel that takes no key shows that it has something of ours: a note or a reason that
ends with our number; and the order behind what it is told.
"""

import re

from hub.model.errors import BadData
from hub.model.fulfilment import Shipment, ShippedOrder
from hub.model.order import OrderCancellation, Refund
from hub.model.returns import Return

_OURS = re.compile(r"\s*\(Order Hub no\. (\S{1,200})\)")

_Marked = Shipment | Refund | Return | OrderCancellation


def mark(document: _Marked) -> str:
    """What stands in words about this document and in no others."""
    match document:
        case Shipment():
            number = f"{document.fulfilment_order_id}/{document.source.id}"
        case Refund():
            number = document.refund_id
        case Return():
            number = document.return_id
        case OrderCancellation():
            number = document.source.id
    return f"(Order Hub no. {number})"


def marked(words: str | None, document: _Marked) -> str:
    """Words that end with the document's mark."""
    return f"{words or ''} {mark(document)}".lstrip()


def unmarked(words: str | None) -> tuple[str | None, str | None]:
    """The words alone, and our number in them; None where they are not ours."""
    match = _OURS.search(words or "")
    return (words, None) if match is None else (match.string[: match.start()] or None, match[1])


def order_of(shipment: Shipment) -> ShippedOrder:
    """The order behind a shipment; the hub adds it before it tells a channel."""
    if shipment.order is None:
        raise BadData("a channel needs to know the order", path="order", code="missing_field")
    return shipment.order
