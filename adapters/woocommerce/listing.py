"""Asks a site what changed, the oldest first: orders with their refunds, and products.

`modified_after` leaves its own second out: a second earlier is asked, so that what shares the time
of the cursor is told again rather than missed.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from adapters.kit.paging import SINCE_EVER, changes
from adapters.kit.session import Session
from adapters.kit.tellings import listed
from adapters.ports import Cursor, Listed, Page
from hub.model.errors import TryLater
from mappings.woocommerce import REFUNDS
from mappings.woocommerce.envelope import about

_Row = tuple[bytes, dict[str, Any]]
"""The very bytes of a resource, and its tree."""
_SECOND = timedelta(seconds=1)
_MOST = 100
_PATHS = {"orders": "/wc/v3/orders", "products": "/wc/v3/products"}


def listing(session: Session, topic: str, since: Cursor) -> Iterator[Page]:
    """What changed since a cursor, page by page."""
    beside = _refunds if topic == "orders" else _variations

    def told(change: _Row) -> Iterator[Listed]:
        raw, row = change
        yield from _itself(topic, raw, row)
        yield from beside(session, row)

    return changes(since, partial(_asked, session, topic), _place, told)


def order_of(session: Session, raw: bytes) -> bytes | None:
    """The order that a delivery only names; None where the site knows it no more."""
    number = about("order.deleted", raw)
    if number is None:
        return None
    response = session.request("GET", f"/wc/v3/orders/{number}", own={404})
    return None if response.status_code == 404 else response.content


def _asked(session: Session, topic: str, at: datetime, number: int) -> list[_Row]:
    query = {
        "orderby": "modified",
        "order": "asc",
        "per_page": str(_MOST),
        "page": str(number),
        "status": "any",
    }
    if at > SINCE_EVER:
        query["modified_after"] = (at - _SECOND).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        query["dates_are_gmt"] = "true"
    return _rows(session.call("GET", _PATHS[topic], query=query, read="bytes"))


def _rows(raw: bytes) -> list[_Row]:
    """The objects of a list, each with its very bytes: those of its webhook."""
    text = raw.decode("utf-8", "replace").strip()
    read, place, rows = json.JSONDecoder().raw_decode, 1, []
    if not text.startswith("["):
        raise TryLater("the site answered no list")
    while place < len(text):
        while place < len(text) and text[place] in ", \t\r\n":
            place += 1
        if text[place : place + 1] in {"]", ""}:
            break
        try:
            row, end = read(text, place)
        except ValueError:
            raise TryLater("the site answered a list that breaks off") from None
        if isinstance(row, dict):
            rows.append((text[place:end].encode(), row))
        place = end
    return rows


def _itself(topic: str, raw: bytes, row: dict[str, Any]) -> Iterator[Listed]:
    """What is listed; a product without a SKU is told by its variations alone."""
    if topic == "orders" or row.get("sku"):
        yield _listed(f"{topic[:-1]}.updated", raw)


def _listed(topic: str, raw: bytes, key: str | None = None) -> Listed:
    return listed(topic, raw, key or about(topic, raw))


def _refunds(session: Session, row: dict[str, Any]) -> Iterator[Listed]:
    """The refunds that an order only names, with the order around them."""
    if not row.get("refunds"):
        return
    number = str(row["id"])
    path = f"/wc/v3/orders/{number}/refunds"
    raw = session.call("GET", path, query={"per_page": str(_MOST)}, read="bytes")
    around = json.dumps({"id": row["id"], "currency": row.get("currency")}).encode()
    yield _listed(REFUNDS, b'{"order":%b,"refunds":%b}' % (around, raw), number)


def _variations(session: Session, row: dict[str, Any]) -> Iterator[Listed]:
    """The variations of a product, which have the SKUs."""
    if not row.get("variations"):
        return
    path, number = f"/wc/v3/products/{row['id']}/variations", 1
    while True:
        query = {"per_page": str(_MOST), "page": str(number)}
        rows = _rows(session.call("GET", path, query=query, read="bytes"))
        for raw, variation in rows:
            whole = raw if "parent_id" in variation else _with_parent(raw, row["id"])
            yield _listed("product.updated", whole, f"product:{row['id']}")
        if len(rows) < _MOST:
            return
        number += 1


def _with_parent(raw: bytes, parent: Any) -> bytes:
    """A variation that does not name its product."""
    return b'{"parent_id":%d,' % int(parent) + raw[1:]


def _place(changed: _Row) -> tuple[datetime, str]:
    """When it changed, and which it is."""
    _, row = changed
    told = row.get("date_modified_gmt") or row.get("date_created_gmt")
    try:
        moment = datetime.fromisoformat(told or "")
    except (TypeError, ValueError):
        moment = SINCE_EVER
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC), str(row.get("id"))
