"""Asks ShipStation what changed: labels made and labels voided, orders marked as shipped, and how
orders stand.

What is asked for is US Pacific, like what is answered. Fulfillments name no order of ours: the
order is fetched when one is worked.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from adapters.kit.tellings import listed
from adapters.ports import Cursor, Page
from adapters.shipstation.api import Api, Row
from hub.model.errors import BadData
from mappings.kit.times import moment
from mappings.shipstation import PACIFIC


@dataclass(frozen=True, slots=True)
class _List:
    """Where a list lies, by which time it goes, and in which order it comes."""

    name: str
    since: str
    time: str
    further: Mapping[str, str] = field(default_factory=dict)
    by_store: bool = True


_ITEMS = {"includeShipmentItems": "true"}
_OLDEST_FIRST = {"sortBy": "CreateDate", "sortDir": "ASC"}
LISTS = {
    "shipments": _List("shipments", "createDateStart", "createDate", {**_OLDEST_FIRST, **_ITEMS}),
    "voided": _List("shipments", "voidDateStart", "voidDate", {**_OLDEST_FIRST, **_ITEMS}),
    "fulfillments": _List(
        "fulfillments", "createDateStart", "createDate", _OLDEST_FIRST, by_store=False
    ),
    "orders": _List(
        "orders", "modifyDateStart", "modifyDate", {"sortBy": "ModifyDate", "sortDir": "ASC"}
    ),
}
"""Topic -> its list. Voided labels come in the order in which they were made."""


def listing(api: Api, store_id: int | None, topic: str, since: Cursor) -> Iterator[Page]:
    """What changed since a cursor: it moves when all was read, for one list is in another order."""
    where = LISTS[topic]
    query = dict(where.further)
    if since.at is not None:
        query[where.since] = written(since.at)
    if store_id is not None and where.by_store:
        query["storeId"] = str(store_id)
    latest, held = since.at, list[Row]()
    for rows in api.pages(f"/{where.name}", where.name, query):
        if held:
            yield _page(where, held, since)
        latest = max(
            filter(None, (latest, *(_time(row, where.time) for row in rows))), default=None
        )
        held = list(rows)
    if held:
        yield _page(where, held, Cursor(latest))


def written(at: datetime) -> str:
    """A moment as their queries take it."""
    return at.astimezone(PACIFIC).strftime("%Y-%m-%d %H:%M:%S")


def _page(where: _List, rows: list[Row], after: Cursor) -> Page:
    changes = []
    for row in rows:
        key = row.get("orderKey")
        raw = json.dumps({where.name: [row]}).encode()
        changes.append(listed(where.name, raw, key if isinstance(key, str) and key else None))
    return Page(changes, after)


def _time(row: Row, name: str) -> datetime | None:
    with suppress(BadData):
        return moment(row.get(name), PACIFIC)
    return None
