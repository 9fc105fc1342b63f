"""A small order in the wire's own form, valid by default; tests change what they are about."""

import json
from typing import Any

from hub.model.order import SalesOrder
from mappings.kit import Context, decode
from mappings.shopify import DECODE


def line(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One line, 10.00 a piece."""
    return {
        "id": number,
        "sku": f"S-{number}",
        "title": "Thing",
        "quantity": 1,
        "price": "10.00",
        **changes,
    }


def order(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An order of these lines; its total is that of one line."""
    return {
        "id": 1001,
        "name": "#1",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "currency": "EUR",
        "taxes_included": True,
        "financial_status": "paid",
        "total_price": "10.00",
        "line_items": list(lines) or [line()],
        **changes,
    }


def read(tree: Any, topic: str = "orders/updated", at: Context | None = None) -> SalesOrder:
    """The one sales order of a tree."""
    (found,) = decode(DECODE, topic, json.dumps(tree).encode(), at or Context("shop"))
    assert isinstance(found, SalesOrder)
    return found
