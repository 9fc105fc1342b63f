"""What ShipHero posts: its kind, what it is about, and what must be asked for beside it."""

import json
from typing import Any

from adapters.shiphero.api import Hero
from hub.model.errors import BadData
from mappings.reading import read_json_object

_BY_CONTENT = {
    "fulfillment": "Shipment Update",
    "inventory": "Inventory Update",
    "purchase_order": "PO Update",
}
"""What stands in a body -> its kind, where it does not say that."""
_TYPES = {"INVENTORY_UPDATE": "Inventory Update"}
_ASKS = frozenset({"Shipment Update", "Order Packed Out"})
UNDATED = frozenset({"Inventory Update"})
"""Kinds that may say the same twice and mean it."""


def about(raw: bytes) -> tuple[str, str | None]:
    """The kind of a delivery, and what must be worked in order."""
    try:
        body = read_json_object(raw)
    except BadData:
        return "", None
    told = body.get("webhook_type") or next((it for it in _BY_CONTENT if it in body), "")
    topic = told if isinstance(told, str) else ""
    topic = _BY_CONTENT.get(topic) or _TYPES.get(topic, topic)
    inner = next((it for name in _BY_CONTENT if isinstance(it := body.get(name), dict)), body)
    names = ("partner_order_id", "order_number", "po_number", "sku")
    key = next((it for name in names if isinstance(it := inner.get(name), str) and it), None)
    return topic, key


def completed(hero: Hero, topic: str, raw: bytes) -> bytes:
    """A shipment with how its order stands, and a word that names no order of ours with the order
    that it means.
    """
    if topic not in _ASKS:
        return raw
    read_json_object(raw)  # whatever is wrong with it is said as ever
    body: dict[str, Any] = json.loads(raw)
    inner = body.get("fulfillment")
    where = inner if isinstance(inner, dict) else body
    number = where.get("order_uuid")
    if "order" in body or not isinstance(number, str) or not number:
        return raw
    order = hero.one("standing", "order", id=number)
    return json.dumps({**body, "order": order}).encode() if order else raw
