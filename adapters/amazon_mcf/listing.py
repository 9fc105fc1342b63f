"""Asks Amazon what changed: orders, each then read with its packages, and inventories, which are a
count of now.

Amazon lists an order anew when its status changes, not when another package leaves. So the cursor
stays before the oldest order that is open, for as long as one may be: those are read at each poll,
and what did not change is the same message.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

from adapters.amazon_mcf.telling import ORDERS
from adapters.kit.paging import by_cursor
from adapters.kit.session import Session
from adapters.kit.tellings import listed
from adapters.ports import Clock, Cursor, Listed, Page
from hub.model.document import show_instant
from hub.model.errors import BadData, TryLater
from mappings.kit.times import moment

_OVER = frozenset({"cancelled", "complete", "completepartialled", "unfulfillable", "invalid"})
_OPEN_AT_MOST = timedelta(days=30)
_SUMMARIES, _STORED = "/fba/inventory/v1/summaries", "/awd/2024-05-09/inventory"


class Listings:
    """One seller's orders and stock."""

    def __init__(
        self, session: Session, clock: Clock, marketplace: str, stock: Literal["fba", "awd"]
    ) -> None:
        self._session, self._clock, self._stock = session, clock, stock
        self._marketplace = marketplace

    def __call__(self, topic: str, since: Cursor) -> Iterator[Page]:
        """What changed since a cursor."""
        if topic == "orders":
            return self._orders(since)
        return self._summaries() if self._stock == "fba" else self._stored()

    def _orders(self, since: Cursor) -> Iterator[Page]:
        """The last page bears the cursor, since orders come in no order: one is held back."""
        first = {"queryStartDate": show_instant(since.at)} if since.at else {}
        latest, held, still_open = since.at, list[Listed](), list[datetime]()
        for rows in self._pages(ORDERS, first, ("payload", "fulfillmentOrders"), ("payload",)):
            if held:
                yield Page(held, since)
            times = [(row, _changed(row)) for row in rows]
            latest = max(filter(None, (latest, *(when for _, when in times))), default=None)
            still_open += [when for row, when in times if when and not _is_over(row)]
            held = [change for row in rows if (change := self._whole(row))]
        if held:
            yield Page(held, Cursor(self._place(latest, still_open)))

    def _place(self, latest: datetime | None, still_open: list[datetime]) -> datetime | None:
        ago = self._clock() - _OPEN_AT_MOST
        return min([when for when in still_open if when > ago], default=latest)

    def _whole(self, row: Mapping[str, Any]) -> Listed | None:
        number = row.get("sellerFulfillmentOrderId")
        if not isinstance(number, str) or not number:
            return None
        path = f"{ORDERS}/{quote(number, safe='')}"
        return listed("order", self._session.call("GET", path, read="bytes"), number)

    def _summaries(self) -> Iterator[Page]:
        query = {
            "details": "true",
            "granularityType": "Marketplace",
            "granularityId": self._marketplace,
            "marketplaceIds": self._marketplace,
        }
        where = ("payload", "inventorySummaries")
        for rows in self._pages(_SUMMARIES, query, where, ("pagination",)):
            yield from self._count("inventory_summaries", "inventorySummaries", rows)

    def _stored(self) -> Iterator[Page]:
        for rows in self._pages(_STORED, {"details": "SHOW"}, ("inventory",), ()):
            yield from self._count("awd_inventory", "inventory", rows)

    def _count(self, topic: str, name: str, rows: list[dict[str, Any]]) -> Iterator[Page]:
        """A page of a count is one delivery, with the time at which it was asked."""
        now = self._clock()
        if rows:
            raw = json.dumps({name: [{**row, "at": show_instant(now)} for row in rows]}).encode()
            yield Page([listed(topic, raw, None)], Cursor(now))

    def _pages(
        self, path: str, query: Mapping[str, str], rows: tuple[str, ...], token: tuple[str, ...]
    ) -> Iterator[list[dict[str, Any]]]:
        """Pages by their token; `rows` and `token` say where these stand in an answer."""

        def fetch(cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
            further = {"nextToken": cursor} if cursor else {}
            usual = {} if cursor and path == ORDERS else query  # its token stands for the question
            tree = self._asked(path, {**usual, **further})
            found = _within(tree, rows)
            if found is not None and not isinstance(found, list):
                raise TryLater("Amazon answered no list")
            following = _within(tree, (*token, "nextToken"))
            named = following if isinstance(following, str) and following else None
            return [row for row in found or () if isinstance(row, dict)], named

        for page, _ in by_cursor(fetch):
            yield list(page)

    def _asked(self, path: str, query: Mapping[str, str]) -> Any:
        try:
            return json.loads(self._session.call("GET", path, query=query, read="bytes"))
        except (ValueError, RecursionError):
            raise TryLater("Amazon answered no JSON") from None


def _within(tree: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def _is_over(row: Mapping[str, Any]) -> bool:
    return str(row.get("fulfillmentOrderStatus")).casefold() in _OVER


def _changed(row: Mapping[str, Any]) -> datetime | None:
    """What is no time is passed by: whoever reads the order says so."""
    with suppress(BadData):
        return moment(row.get("statusUpdatedDate") or row.get("receivedDate"), UTC)
    return None
