"""Takes resources out of what they come in: bare, listed, in `{"data": …}` or `{"body": …}` of an
app or a recording, in the lists of a batch; and gives those of the legacy API, as sites up to 2.6
and webhooks of its version send them, the names of the present one.
"""

from collections.abc import Mapping
from typing import Any

from hub.model.errors import BadData, Ignored
from mappings.kit.readers import envelope
from mappings.reading import Warn, silently

# fmt: off
_AROUND = (
    "create", "update", "data", "body", "jsonBody", "response",
    "order", "refund", "product", "order_refund", "orders", "refunds", "products", "order_refunds",
)
_LEGACY = {
    "order_number": "number", "title": "name", "note": "customer_note",
    "created_at": "date_created_gmt", "updated_at": "date_modified_gmt",
    "billing_address": "billing", "shipping_address": "shipping",
    "total_shipping": "shipping_total", "method_id": "payment_method",
    "method_title": "payment_method_title",
}
_INSIDE = {
    "fee_lines": {"title": "name"},
    "tax_lines": {"title": "label"},
    "coupon_lines": {"amount": "discount"},
}
# fmt: on


def resources(raw: bytes, warn: Warn = silently) -> list[dict[str, Any]]:
    """The resources of a body."""
    return [named_anew(tree) for tree in envelope.resources(raw, warn, around=_AROUND)]


def named_anew(tree: dict[str, Any]) -> dict[str, Any]:
    """A resource under the names of the present API. `paid` of the payment stands on the order."""
    if "created_at" not in tree:
        return tree
    payment = tree.get("payment_details")
    renamed = _renamed({**tree, **(payment if isinstance(payment, dict) else {})}, _LEGACY)
    for part, names in _INSIDE.items():
        if isinstance(tree.get(part), list):
            renamed[part] = [
                _renamed(it, names) if isinstance(it, dict) else it for it in tree[part]
            ]
    return renamed


def _renamed(tree: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in tree.items()}


def about(topic: str, raw: bytes) -> str | None:
    """What a delivery is about: deliveries of one order (and its refunds) are worked in order."""
    kind = topic.partition(".")[0]
    try:
        (tree,) = resources(raw)
    except (BadData, Ignored, ValueError):
        return None
    number = str(tree.get("parent_id" if kind == "refund" else "id", ""))
    if not number.isascii() or not number.isdigit() or len(number) > 30:
        return None
    return f"product:{number}" if kind == "product" else number
