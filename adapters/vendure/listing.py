"""Asks a shop what changed, the oldest first.

An order's `updatedAt` does not move with all that happens to it (a refund, a payment, some changes
of state): what was placed of late is asked for whole beside it. Equal bytes are one message.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from adapters.kit.graphql import GraphQL
from adapters.kit.paging import by_offset, changes
from adapters.kit.tellings import listed
from adapters.ports import Clock, Cursor, Listed, Page
from adapters.vendure.admin import OPERATIONS, answer

MOST = 50
_BEFORE = timedelta(milliseconds=1)
_LATE = timedelta(days=45)
_PLACED = {"active": {"eq": False}, "orderPlacedAt": {"isNull": False}}
_FIELDS = {"orders": ("orders", _PLACED), "products": ("productVariants", {})}
"""Topic -> the field that is asked for, and what of it is wanted."""
Row = dict[str, Any]
"""A resource, alone in the answer that it came in."""


def listing(admin: GraphQL, clock: Clock, topic: str, since: Cursor) -> Iterator[Page]:
    """What changed since a cursor, page by page."""
    if topic == "recent":
        wanted = {**_PLACED, "orderPlacedAt": {"after": _written(clock() - _LATE)}}
        options = {"filter": wanted, "sort": {"id": "ASC"}}
        pages = by_offset(lambda skip: (rows(admin, "orders", {**options, "skip": skip}), None))
        told = partial(_told, "orders")
        yield from (Page([it for row in page for it in told(row)], since) for page in pages)
        return
    field, own = _FIELDS[topic]

    def fetch(place: datetime, page: int) -> list[Row]:
        wanted = {**own, "updatedAt": {"after": _written(place - _BEFORE)}}
        options = {"filter": wanted, "sort": {"updatedAt": "ASC"}, "skip": (page - 1) * MOST}
        return rows(admin, field, options)

    def place(row: Row) -> tuple[datetime, str]:
        item = item_of(field, row)
        return datetime.fromisoformat(item["updatedAt"]), str(item["id"])

    yield from changes(since, fetch, place, partial(_told, field))


def rows(admin: GraphQL, field: str, options: Mapping[str, Any]) -> list[Row]:
    """The resources of an answer, each alone in it."""
    data = admin.ask(OPERATIONS[field], {"options": {"take": MOST, **options}})
    items = (data.get(field) or {}).get("items") or []
    return [{**data, field: {"items": [item]}} for item in items]


def item_of(field: str, row: Row) -> Any:
    """The resource itself."""
    return row[field]["items"][0]


def _told(field: str, row: Row) -> Iterator[Listed]:
    """What a resource tells."""
    told = _variant if field == "productVariants" else _order
    return told(item_of(field, row), answer(row))


def _variant(item: Any, raw: bytes) -> Iterator[Listed]:
    if item.get("sku"):
        yield listed("product", raw, f"product:{item['id']}")


def _order(item: Any, raw: bytes) -> Iterator[Listed]:
    """An order, and its refunds where one is settled."""
    number = str(item["id"])
    yield listed("order", raw, number)
    refunds = [it for payment in item.get("payments") or [] for it in payment.get("refunds") or []]
    if any(it.get("state") == "Settled" for it in refunds):
        yield listed("refund", raw, number)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
