"""An order as the Admin GraphQL API shows it, in the shape of REST, so that one decoder reads
both.

Names become snake_case, pages (`nodes`, `edges`) lists, enums lower case, gids plain ids beside
their gid; what is called otherwise is in RENAMED. A query asks for what it likes: what it left
out is missing.
"""

import re
from functools import lru_cache
from typing import Any

from mappings.kit import word
from mappings.shopify.values import identity

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ORDER = "gid://shopify/Order/"
_MOST_DEPTH = 30

RENAMED = {
    "allocated_amount_set": "amount_set",
    "country_code_v2": "country_code",
    "custom_attributes": "properties",
    "display_financial_status": "financial_status",
    "display_fulfillment_status": "fulfillment_status",
    "fulfillment_line_items": "line_items",
    "original_price_set": "price_set",
    "original_unit_price_set": "price_set",
    "presentment_currency_code": "presentment_currency",
}
"""snake_case of GraphQL's name -> REST's name."""

ENUMS = frozenset(
    {"cancel_reason", "financial_status", "fulfillment_status", "kind", "restock_type", "status"}
)
LINKS = {"variant": "variant_id", "product": "product_id"}
TIMES = ("created_at", "processed_at", "updated_at", "cancelled_at", "closed_at")
RECORDED = ("capturedAt", "recordedAt")


def orders(tree: dict[str, Any]) -> list[dict[str, Any]]:
    """The orders in a GraphQL node, answer or recording, as REST; the tree itself where it is REST.

    Of several views of one order the fullest counts.
    """
    if "admin_graphql_api_id" in tree or (tree.get("id") and not _is_order(tree)):
        return [tree]
    fullest: dict[str, dict[str, Any]] = {}
    for node in _nodes(tree):
        known = fullest.get(node["id"])
        if known is None or len(node) > len(known):
            fullest[node["id"]] = node
    recorded = next((tree[name] for name in RECORDED if name in tree), None)
    return [_order(node, recorded) for node in fullest.values()] or [tree]


def _is_order(node: Any) -> bool:
    return isinstance(node, dict) and str(node.get("id") or "").startswith(_ORDER)


def _nodes(tree: Any) -> list[dict[str, Any]]:
    if isinstance(tree, list):
        return [found for one in tree for found in _nodes(one)]
    if not isinstance(tree, dict):
        return []
    inner = [one for one in tree.values() if isinstance(one, dict | list)]
    own = [tree] if _is_order(tree) else []
    return own + [found for one in inner for found in _nodes(one)]


def _order(node: dict[str, Any], recorded: Any) -> dict[str, Any]:
    order: dict[str, Any] = as_rest(node)
    order["currency"] = order.pop("currency_code", None)
    order["note_attributes"] = order.pop("properties", None)
    owed = _object(order.pop("total_outstanding_set", None))
    order["total_outstanding"] = _object(owed.get("shop_money")).get("amount")
    for line in _objects(order.get("line_items")):
        line.setdefault("quantity", 1)
    for sent in _objects(order.get("fulfillments")):
        sent["line_items"] = [
            {**_object(line.get("line_item")), "quantity": line.get("quantity")}
            for line in _objects(sent.get("line_items"))
        ]
    if not any(order.get(name) for name in TIMES):
        order["created_at"] = recorded
    return order


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list. What is none is for the wire model to judge."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def as_rest(value: Any, depth: int = 0) -> Any:
    """A node as REST would show it."""
    if depth > _MOST_DEPTH:
        return None
    if isinstance(value, list):
        return [as_rest(one, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    if "nodes" in value or "edges" in value:
        nodes = [edge.get("node") for edge in _objects(value.get("edges"))]
        return as_rest(value.get("nodes") or nodes, depth + 1)
    found = dict(_field(name, one, depth) for name, one in value.items())
    number = identity(None, value.get("id"))
    return {**found, "id": number, "admin_graphql_api_id": value["id"]} if number else found


@lru_cache(maxsize=1000)
def _snake(name: str) -> str:
    """What REST calls a field."""
    snake = _HUMP.sub("_", name).lower()
    return RENAMED.get(snake, snake)


def _field(name: str, value: Any, depth: int) -> tuple[str, Any]:
    snake = _snake(name)
    if snake in LINKS:
        return LINKS[snake], identity(None, value.get("id")) if isinstance(value, dict) else None
    if snake == "fulfillment_service" and isinstance(value, dict):
        return snake, value.get("handle") or value.get("serviceName")
    if snake in ENUMS and isinstance(value, str):
        return snake, word(value)
    return snake, as_rest(value, depth + 1)
