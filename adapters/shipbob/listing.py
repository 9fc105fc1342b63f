"""Asks ShipBob what changed: orders, with their shipments, by their last update; and all inventory
levels, which name no time, as a count of now.

Orders are in the order of creation, not of change: a page leaves the cursor where it was, and only
when all were read it moves to the latest change. Levels are paged by the link to the next page.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from adapters.kit.paging import by_cursor, by_page
from adapters.kit.session import Session
from adapters.kit.signature import digest
from adapters.ports import Clock, Cursor, Delivery, Listed, Page
from hub.model.document import show_instant
from hub.model.errors import BadData, TryLater
from mappings.kit.times import moment

_MOST = 250
_LEVELS = "/inventory-level"


def listing(session: Session, clock: Clock, topic: str, since: Cursor) -> Iterator[Page]:
    """What changed since a cursor."""
    return _orders(session, since) if topic == "orders" else _levels(session, clock)


def _orders(session: Session, since: Cursor) -> Iterator[Page]:
    query = {"SortOrder": "Oldest", "Limit": str(_MOST)}
    if since.at is not None:
        query["LastUpdateStartDate"] = show_instant(since.at)

    def fetch(number: int) -> tuple[list[dict[str, Any]], bool]:
        rows = _objects(_asked(session, "/order", {**query, "Page": str(number)}))
        return rows, len(rows) >= _MOST

    latest, held = since.at, list[Listed]()  # the last page bears the cursor: one is held back
    for rows in by_page(fetch):
        if held:
            yield Page(held, since)
        latest = max(filter(None, (latest, *map(_changed, rows))), default=None)
        held = [_listed("order", row, row.get("reference_id")) for row in rows]
    if held:
        yield Page(held, Cursor(latest))


def _levels(session: Session, clock: Clock) -> Iterator[Page]:
    """Each page of levels is one delivery, with the time at which it was asked."""

    def fetch(where: str | None) -> tuple[list[dict[str, Any]], str | None]:
        tree = _asked(session, where or _LEVELS, {} if where else {"PageSize": str(_MOST)})
        return _objects(tree.get("items") or []), _below(tree.get("next"))

    for levels, _ in by_cursor(fetch):
        now = clock()
        if levels:
            told = [{**level, "at": show_instant(now)} for level in levels]
            yield Page([_listed("inventory_level", {"items": told})], Cursor(now))


def _below(link: str | None) -> str | None:
    """A link to the next page as a path: it may be whole, begin at the host, or be a query."""
    return link and f"{_LEVELS}?{link.partition('?')[2]}"


def _asked(session: Session, path: str, query: dict[str, str]) -> Any:
    try:
        return json.loads(session.call("GET", path, query=query, read="bytes"))
    except (ValueError, RecursionError):
        raise TryLater("ShipBob answered no JSON") from None


def _objects(rows: Any) -> list[dict[str, Any]]:
    if not isinstance(rows, list):
        raise TryLater("ShipBob answered no list")
    return [row for row in rows if isinstance(row, dict)]


def _listed(topic: str, tree: dict[str, Any], key: Any = None) -> Listed:
    raw = json.dumps(tree).encode()
    content = digest(topic.encode() + b"\n" + raw)
    return Listed(Delivery(topic, content, key if isinstance(key, str) and key else None), raw)


def _changed(order: dict[str, Any]) -> datetime | None:
    """The latest of its own times and of those of its shipments. What is no time is passed by:
    whoever reads the order says so.
    """
    found: list[datetime] = []
    for each in (order, *(order.get("shipments") or ())):
        with suppress(BadData):
            found.append(moment(each.get("last_update_at") or each.get("created_date"), UTC))
    return max(found, default=None)
