"""TideShop, made up: a shop that posts its orders and can be asked for those that changed."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from adapters.kit.http import Http, Transport
from adapters.kit.signature import check_hmac_sha256_hex, digest
from adapters.ports import Adapter, Call, Clock, Cursor, Delivery, Listed, Page, Parts
from hub.model.catalogue import read
from hub.model.document import Document
from hub.model.errors import CursorExpired
from mappings.kit import Context
from mappings.reading import read_json_object

SECRET = "of the tides"
_NEVER = "2100-01-01T00:00:00+00:00"


class Settings(BaseModel):
    """`bytes_`: whether a list holds the very bytes of the webhook. `ids`: whether one can go on
    from an id within equal times, or only page by number.
    """

    url: str
    bytes_: Literal["same", "other"] = "same"
    ids: bool = True


class _Asking:
    """What a shop tells when it is asked."""

    def __init__(self, settings: Settings, transport: Transport) -> None:
        self._settings = settings
        self._http = Http(settings.url, transport=transport)

    def check(self) -> None:
        self._http.call("GET", "/orders", query={"since": _NEVER, "page": "0"})

    def verify(self, call: Call, now: datetime) -> Delivery:
        del now
        check_hmac_sha256_hex([SECRET], call.body, call.headers.get("x-signature"))
        return self._delivery(call.body)

    def fetch(self, topic: str, id_: str) -> bytes:
        raw: bytes = self._http.call("GET", f"/{topic}/{id_}", read="bytes")
        return raw

    def pages(self, topic: str, since: Cursor) -> Iterator[Page]:
        at, after, number = since.at, since.id, 0
        while True:
            answer = self._asked(topic, at, after, number)
            rows = answer["rows"]
            if self._settings.ids and rows:
                at, after = datetime.fromisoformat(rows[-1]["at"]), rows[-1]["id"]
            else:
                number += 1
            told = datetime.fromisoformat(rows[-1]["at"]) if rows else since.at
            yield Page([self._listed(topic, row) for row in rows], Cursor(told, after))
            if not answer["more"]:
                return

    def _asked(self, topic: str, at: datetime | None, after: str, number: int) -> Any:
        query = {"since": at.isoformat() if at else "", "page": str(number)}
        if self._settings.ids:
            query["after"] = after
        return self._http.call("GET", f"/{topic}", query=query, fates={410: CursorExpired})

    def _listed(self, topic: str, row: Any) -> Listed:
        if topic == "events":
            return Listed(Delivery("sales_order", row["id"], row["key"]))
        raw = row["body"].encode()
        return Listed(self._delivery(raw), raw)

    def _delivery(self, raw: bytes) -> Delivery:
        tree = json.loads(raw)
        key, revision = tree["channel_order_id"], tree["source"]["revision"]
        same = self._settings.bytes_ == "same"
        content = digest(b"sales_order\n" + raw) if same else None
        return Delivery("sales_order", f"{key}:{revision}", key, content)


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One shop."""
    del at, clock
    shop = _Asking(settings, transport)
    return Parts(
        check=shop.check, verify=shop.verify, decode=decode, list=shop.pages, fetch=shop.fetch
    )


def decode(topic: str, raw: bytes) -> list[Document]:
    """Its documents are the canonical ones."""
    return [read(topic, read_json_object(raw))]


ADAPTER = Adapter(Settings, connect)
