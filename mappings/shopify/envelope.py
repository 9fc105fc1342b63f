"""Takes a payload out of its wrapping: `{"order": …}`, `{"orders": […]}`, or a recorded request.

Webhook bodies are the bare resource; REST answers wrap it by name, lists by the plural. A recording
of a whole request holds `headers` and `body`.
"""

import re
from typing import Any

from hub.model.errors import BadData, Ignored
from mappings.kit.readers import envelope
from mappings.reading import Warn, silently
from mappings.shopify.values import identity


def resources(raw: bytes, name: str, warn: Warn = silently) -> list[dict[str, Any]]:
    """The resources of that name in a body. The refunds of an order may be read out of it."""
    return envelope.resources(raw, warn, around=("body", f"{name}s", name), marks=frozenset())


def about(topic: str, raw: bytes) -> str | None:
    """The order (or product) that a delivery is about: deliveries of one are worked in order.

    None where the body does not say; its decoder tells what is wrong with it.
    """
    name, field = _ABOUT.get(topic) or _ABOUT.get(topic.partition("/")[0]) or ("", "")
    if not name:
        return None
    try:
        tree = next(iter(resources(raw, name)), {})
    except (BadData, Ignored):
        return None
    gid = tree.get("admin_graphql_api_id") if field == "id" else None
    number = identity(tree.get(field), gid)
    if not isinstance(number, str) or not _NUMBER.fullmatch(number):
        return None
    return f"product:{number}" if name == "product" else number


_NUMBER = re.compile(r"[0-9]{1,30}", re.ASCII)
_ABOUT = {
    "orders/edited": ("order_edit", "order_id"),
    "orders": ("order", "id"),
    "refunds": ("refund", "order_id"),
    "fulfillments": ("fulfillment", "order_id"),
    "products": ("product", "id"),
}
"""Topic, or its first half -> the resource and the field that names what it is about."""
