"""A notification about an order (FULFILLMENT_ORDER_STATUS) -> how far the order is.

It comes by a queue and is a hint: it names no pieces, so that what left is read with the order.
"""

from typing import Any

from hub.model.document import Document
from hub.model.errors import BadData, Ignored
from mappings.amazon_mcf import wire
from mappings.amazon_mcf.orders import told_of
from mappings.kit import Context, shape
from mappings.reading import read_json_object

_ABOUT = "fulfillmentOrderStatusNotification"


def decode(raw: bytes, at: Context) -> list[Document]:
    """How the order stands that it is about."""
    body = _in_small(read_json_object(raw, at.warn)).get("payload")
    told = body.get(_ABOUT) if isinstance(body, dict) else None
    if not isinstance(told, dict):
        raise BadData("it is about no order", path=f"Payload.{_ABOUT}", code="missing_field")
    documents = told_of(shape(wire.Result, {"fulfillmentOrder": told}, at), at)
    if not documents:
        raise Ignored("no_consequence", "nothing is said of progress")
    return documents


def _in_small(tree: Any) -> Any:
    """Names as the API writes them: the first letter small."""
    if isinstance(tree, dict):
        return {name[:1].lower() + name[1:]: _in_small(value) for name, value in tree.items()}
    return [_in_small(value) for value in tree] if isinstance(tree, list) else tree
