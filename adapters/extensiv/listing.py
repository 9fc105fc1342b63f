"""Asks Extensiv what changed: orders and receivers by the time of their last change, which it
writes as the warehouse's clock shows it, and stock, which is a count of now.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from adapters.extensiv.resources import ORDERS, RECEIVERS, STOCK, number_of, page
from adapters.kit.paging import by_page, by_place
from adapters.kit.session import Session
from adapters.kit.tellings import listed
from adapters.ports import Clock, Cursor, Page
from hub.model.document import show_instant
from hub.model.errors import BadData
from mappings.extensiv import Terms
from mappings.kit import Context
from mappings.kit.times import moment

_TOPICS = {"orders": ("order", ORDERS), "receivers": ("receiver", RECEIVERS)}
_FROM_THE_FIRST = datetime(2000, 1, 1, tzinfo=UTC)


class Listings:
    """One customer's orders, receivers and stock at one facility."""

    def __init__(self, session: Session, at: Context, clock: Clock, terms: Terms) -> None:
        self._session, self._at, self._clock, self._terms = session, at, clock, terms

    def __call__(self, topic: str, since: Cursor) -> Iterator[Page]:
        """What changed since a cursor."""
        return self._stock() if topic == "stock" else self._changes(*_TOPICS[topic], since)

    def _changes(self, topic: str, path: str, since: Cursor) -> Iterator[Page]:
        def fetch(place: datetime, number: int) -> list[dict[str, Any]]:
            local = place.astimezone(self._at.zone).strftime("%Y-%m-%dT%H:%M:%S")
            query = {"rql": f"ReadOnly.LastModifiedDate=ge={local}"}
            query["sort"] = "ReadOnly.LastModifiedDate"
            return page(self._session, path, number, query)

        start = since.at or _FROM_THE_FIRST
        placed = partial(self._place, path, start)
        for rows in by_place(fetch, placed, start):
            ours = [row for row in rows if self._is_ours(row)]
            changes = [
                listed(topic, json.dumps(row).encode(), _text(row.get("reference_num")))
                for row in ours
            ]
            yield Page(changes, Cursor(placed(rows[-1])[0]))

    def _place(
        self, path: str, start: datetime, row: dict[str, Any]
    ) -> tuple[datetime, str | None]:
        """When it changed last. What is no time is passed by: whoever reads the row says so."""
        with suppress(BadData):
            return moment(row.get("last_modified_date"), self._at.zone), number_of(row, path)
        return start, number_of(row, path)

    def _stock(self) -> Iterator[Page]:
        def fetch(number: int) -> tuple[list[dict[str, Any]], None]:
            return page(self._session, STOCK, number), None

        for rows in by_page(fetch):
            now = self._clock()
            here = str(self._terms.facility_id)
            told = [
                {**row, "at": show_instant(now)}
                for row in rows
                if str(row.get("facility_id", here)) == here
            ]
            if told:
                raw = json.dumps({"summaries": told}).encode()
                yield Page([listed("stocksummary", raw, None)], Cursor(now))

    def _is_ours(self, row: dict[str, Any]) -> bool:
        """A 3PL's credentials may see the orders of others, and other facilities."""
        return self._names(row, "customer_identifier", self._terms.customer_id) and self._names(
            row, "facility_identifier", self._terms.facility_id
        )

    def _names(self, row: dict[str, Any], field: str, number: int) -> bool:
        told = row.get(field)
        named = told.get("id") if isinstance(told, dict) else None
        return named is None or str(named) == str(number)


def _text(told: Any) -> str | None:
    return told if isinstance(told, str) and told else None
