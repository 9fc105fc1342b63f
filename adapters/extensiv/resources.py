"""How Extensiv's resources are asked for: in pages, by its query language, in either writing."""

import json
from collections.abc import Mapping
from typing import Any

from adapters.kit.session import Session
from hub.model.errors import BadData, TryLater
from mappings.extensiv import plain, rows_of

ORDERS, RECEIVERS, STOCK = "/orders", "/inventory/receivers", "/inventory/stocksummaries"
NAMES = {ORDERS: "orders", RECEIVERS: "receivers", STOCK: "summaries"}
"""Path -> what its list is called."""
NUMBERS = {ORDERS: "order_id", RECEIVERS: "receiver_id"}
_MOST = 100
_WHOLE = {"detail": "all", "itemdetail": "all"}


def page(
    session: Session, path: str, number: int, query: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """A page of a list, each row in the one writing that mappings read."""
    whole = {} if path == STOCK else _WHOLE
    asked = {"pgsiz": str(_MOST), "pgnum": str(number), **whole, **(query or {})}
    try:
        raw = session.call("GET", path, query=asked, read="bytes")
        tree = plain(json.loads(raw, parse_float=str))  # every digit is kept
        found = rows_of(tree, (NAMES[path], "resource_list"))
    except (ValueError, RecursionError, BadData):
        raise TryLater("Extensiv answered no list") from None
    return [row for row in found if isinstance(row, dict) and len(row) > 1]


def number_of(row: Mapping[str, Any], path: str) -> str | None:
    """A resource's own number."""
    told = row.get(NUMBERS[path], row.get("id"))
    return (
        str(told) if isinstance(told, int | str) and not isinstance(told, bool) and told else None
    )
