"""Returns that ShipHero is told to expect. Source: the published schema, `return_create`.

`partner_id` is our number of the return. No label is bought there: whoever sends it back has one,
or does without.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from hub.model.errors import BadData
from hub.model.returns import Return
from mappings.kit import Context
from mappings.kit.fields import needed
from mappings.shiphero.outward import Terms, graphql_id

OVER = frozenset({"cancelled", "rejected"})
_EXPECTED = frozenset({"approved", "awaiting_goods"})
_UNSAID, _OTHER = "not said", "other"
_ADDRESS = ("address1", "address2", "city", "state", "zip", "country", "phone")


def order_number(document: Return) -> str:
    """What the customer calls the order, and so does ShipHero; else what the channel calls it."""
    told = document.attributes.get("order_number")
    return told if isinstance(told, str) and told else document.channel_order_id


def order_of(document: Return, nodes: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Of the orders under a number the one that holds the articles that come back."""
    named = [it for it in nodes if it.get("order_number") == order_number(document)]
    wanted = {line.sku for line in document.lines}
    return next((it for it in named if wanted <= _skus(it)), named[0] if named else None)


def return_of(document: Return, nodes: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Of the returns of an order the one under our number."""
    ours = (it for it in nodes if it.get("partner_id") == document.return_id and it.get("id"))
    return next(ours, None)


def returning(terms: Terms, document: Return, order: Mapping[str, Any]) -> dict[str, Any]:
    """`CreateReturnInput` for what comes back of an order of theirs. BadData where it is not to be
    expected.
    """
    told = encoded(terms, document)
    return {
        **told,
        "order_id": str(order["id"]),
        "address": _address(order.get("shipping_address")),
    }


def encoded(terms: Terms, document: Return, _: Context | None = None) -> dict[str, Any]:
    """`CreateReturnInput` as far as the return tells it: `order_id` and `address` are those of the
    order, which is asked for.
    """
    if document.status not in _EXPECTED:
        message = f"an approved return is expected, it is {document.status}"
        raise BadData(message, path="status", code="not_approved")
    warehouse = needed(terms.warehouse, "warehouse_id", "a setting of the connection, and needed")
    told = {
        "partner_id": document.return_id,
        "warehouse_id": graphql_id("Warehouse", warehouse),
        "return_reason": document.reason or _UNSAID,
        "label_type": "SELF_RETURN",
        "label_cost": "0.00",
        "create_label": False,
        "display_issue_refund": False,
        "dimensions": dict.fromkeys(("weight", "height", "width", "length"), "0"),
        "shipping_carrier": document.carrier or _OTHER,
        "shipping_method": terms.method,
        "tracking_number": document.tracking_number,
        "line_items": _lines(document),
        "customer_account_id": terms.customer,
    }
    return {name: value for name, value in told.items() if value is not None}


def _lines(document: Return) -> list[dict[str, Any]]:
    """An article once, with all its pieces."""
    pieces, reasons = Counter[str](), dict[str, str]()
    for place, line in enumerate(document.lines):
        sku = needed(line.sku, f"lines.{place}.sku")
        pieces[sku] += int(line.quantity)
        reasons.setdefault(sku, line.reason or document.reason or _UNSAID)
    return [
        {"sku": sku, "quantity": count, "return_reason": reasons[sku]}
        for sku, count in pieces.items()
    ]


def _address(there: Any) -> dict[str, str]:
    """Whence it comes: where the order went, as it stands there."""
    told = there if isinstance(there, dict) else {}
    names = (told.get("first_name"), told.get("last_name"))
    name = " ".join(str(part) for part in names if part) or told.get("company")
    found = {"name": name, **{field: told.get(field) for field in _ADDRESS}}
    return {field: str(value) for field, value in found.items() if value}


def _skus(order: Mapping[str, Any]) -> set[str]:
    lines = order.get("line_items")
    edges = lines.get("edges") if isinstance(lines, dict) else None
    nodes = [it.get("node") for it in edges or () if isinstance(it, dict)]
    return {str(node.get("sku")) for node in nodes if isinstance(node, dict)}
