"""Karrio: told of the parcels that left, and asked what became of them, for any carrier it knows.

It says what a carrier says, and ships nothing: it speaks of the fulfilment orders of warehouses.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.auth import Header
from adapters.kit.http import Transport
from adapters.kit.paging import by_cursor
from adapters.kit.session import Session
from adapters.kit.settings import RotatingSecret, revealed
from adapters.kit.tellings import Way, by_type, listed
from adapters.ports import Adapter, Clock, Cursor, Page, Parts, Receipt
from hub.model.document import show_instant
from hub.model.errors import OutcomeUnknown, TryLater
from hub.model.fulfilment import Shipment
from mappings.karrio import ENCODE, decoders
from mappings.kit import Context, decode, encode

TRACKERS = "/v1/trackers"


class Settings(BaseModel):
    """Settings and secrets of a Karrio connection."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field(description="where Karrio is, as https://api.karrio.io")
    days: int = Field(45, ge=1, le=180, description="for how long a parcel is asked about")
    token: RotatingSecret = Field(description="key_…, from Karrio's developer settings")


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One account."""
    auth = Header("Authorization", revealed(settings.token), "Token {}".format)
    session = Session(settings.api_url, transport, auth=auth)
    telling = _Telling(session, at)
    send, find = by_type({Shipment: Way(telling.tell, telling.find)})
    return Parts(
        check=partial(session.call, "GET", "/v1/references"),
        decode=partial(decode, decoders(clock), at=at),
        send=send,
        find=find,
        list=partial(_listing, session, clock, timedelta(days=settings.days)),
    )


class _Telling:
    """Each parcel is looked for, and tracked where it is not."""

    def __init__(self, session: Session, at: Context) -> None:
        self._session, self._at = session, at

    def tell(self, document: Shipment, _: str) -> Receipt:
        """Have its parcels tracked. One of a carrier that Karrio does not know is left out."""
        made = [self._there(body) or self._made(body) for body in self._parcels(document)]
        return Receipt(made[0] if made else document.source.id, kept=bool(made))

    def find(self, document: Shipment) -> Receipt | None:
        """Whether it tracks them all."""
        there = [self._there(body) for body in self._parcels(document)]
        known = [number for number in there if number]
        return Receipt(known[0]) if known and len(known) == len(there) else None

    def _parcels(self, document: Shipment) -> list[dict[str, Any]]:
        bodies: list[dict[str, Any]] = encode(ENCODE, document, self._at)
        return bodies

    def _there(self, body: dict[str, Any]) -> str | None:
        rows, _ = _page(self._session, {"tracking_number": body["tracking_number"]})
        ours = body["metadata"]["fulfilment_order"]
        same = (it for it in rows if (it.get("metadata") or {}).get("fulfilment_order") == ours)
        return next((str(it["id"]) for it in same if it.get("id")), None)

    def _made(self, body: dict[str, Any]) -> str:
        made = self._session.call("POST", TRACKERS, body=body)
        if not isinstance(made, dict) or not made.get("id"):
            raise OutcomeUnknown("the answer names no tracker")
        return str(made["id"])


def _listing(
    session: Session, clock: Clock, look_back: timedelta, _: str, __: Cursor
) -> Iterator[Page]:
    """The parcels of some weeks, by fulfilment order: it has arrived when all of them have. Karrio
    does not list by time of change; what did not change is the same message.
    """
    now = clock()

    def fetch(query: str | None) -> tuple[list[dict[str, Any]], str | None]:
        first = {"created_after": show_instant(now - look_back)}
        return _page(session, first, query)

    parcels: dict[str, list[dict[str, Any]]] = {}
    for rows, _following in by_cursor(fetch):
        for row in rows:
            order = (row.get("metadata") or {}).get("fulfilment_order")
            if isinstance(order, str) and order:
                parcels.setdefault(order, []).append(row)
    changes = [
        listed("trackers", json.dumps({"results": rows}).encode(), order)
        for order, rows in sorted(parcels.items())
        if any(row.get("status") in _SAYS_SOMETHING or row.get("delivered") for row in rows)
    ]
    if changes:
        yield Page(changes, Cursor(now))


_SAYS_SOMETHING = frozenset(
    {"delivered", "delivery_failed", "return_to_sender", "on_hold", "cancelled"}
)


def _page(
    session: Session, query: dict[str, str], further: str | None = None
) -> tuple[list[dict[str, Any]], str | None]:
    """A page, and the query of the next one."""
    path = f"{TRACKERS}?{further}" if further else TRACKERS
    try:
        raw = session.call("GET", path, query=None if further else query, read="bytes")
        tree = json.loads(raw, parse_float=str)
        rows, following = tree["results"], tree.get("next")
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise TryLater("Karrio answered no list") from None
    if not isinstance(rows, list):
        raise TryLater("Karrio answered no list")
    more = following.partition("?")[2] if isinstance(following, str) else ""
    return [row for row in rows if isinstance(row, dict)], more or None


ADAPTER = Adapter(Settings, connect)
