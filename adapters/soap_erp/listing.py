"""Asks the ERP which items and levels changed, the oldest first."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Any

from zeep.helpers import serialize_object

from adapters.kit.paging import by_place
from adapters.kit.signature import digest
from adapters.kit.soap import Soap
from adapters.ports import Cursor, Delivery, Listed, Page
from mappings.kit.times import moment

_ASKED = {"items": ("ListItems", "item"), "stock": ("ListStock", "stock")}
_SINCE_EVER = datetime(2000, 1, 1, tzinfo=UTC)
Row = dict[str, Any]


def listing(soap: Soap, zone: tzinfo, topic: str, since: Cursor) -> Iterator[Page]:
    """What changed since a cursor, page by page."""
    operation, name = _ASKED[topic]

    def fetch(place: datetime, page: int) -> list[Row]:
        rows = soap.ask(operation, changedSince=place.astimezone(UTC), page=page)
        return [serialize_object(row, dict) for row in rows or ()]

    def place(row: Row) -> tuple[datetime, str]:
        return moment(row["changedAt"].isoformat(), zone), f"{row.get('warehouse')}/{row['sku']}"

    for rows in by_place(fetch, place, since.at or _SINCE_EVER):
        yield Page([_listed(name, row) for row in rows], Cursor(place(rows[-1])[0]))


def _listed(name: str, row: Row) -> Listed:
    raw = json.dumps(row, default=_text).encode()
    key = "/".join(filter(None, (name, row.get("warehouse"), row["sku"])))
    return Listed(Delivery(name, digest(name.encode() + b"\n" + raw), key), raw)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
