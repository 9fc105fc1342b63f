"""Magento Open Source and Adobe Commerce over REST: polled, for it posts nothing by itself. Calls
are signed by OAuth 1.0a, or bear the token of an integration where the shop allows it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from requests.auth import AuthBase

from adapters.kit.auth import Bearer, OAuth1
from adapters.kit.http import Transport
from adapters.kit.paging import SINCE_EVER, changes
from adapters.kit.session import Session
from adapters.kit.settings import OptOutwardSecret, OutwardSecret
from adapters.kit.tellings import as_bytes, by_type, listed
from adapters.magento.telling import Telling, where
from adapters.ports import Adapter, Clock, Cursor, Listed, Page, Parts
from mappings.kit import Context, decode, times
from mappings.magento import DECODE

_SORT = "searchCriteria[sortOrders]"
_LISTS = {
    "orders": ("/V1/orders", "order", "entity_id", "entity_id"),
    "creditmemos": ("/V1/creditmemos", "creditmemo", "entity_id", "order_id"),
    "products": ("/V1/products", "product", "entity_id", "sku"),
}
"""Topic -> where it is asked for, as what it is read, by what it is sorted within equal times, and
what is worked in order.
"""


class Settings(BaseModel):
    """Settings and secrets of a Magento connection."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(description="the shop's address, as in https://shop.example")
    store: str = Field("all", description="code of the store view that is asked; all: every one")
    source_code: str = Field("default", description="the inventory source whose stock we tell")
    stock_id: int = Field(1, description="the stock that this source alone feeds")
    notify_customer: bool = Field(True, description="whether Magento mails what was shipped")
    consumer_key: str | None = Field(None, description="of the integration; absent: bearer token")
    consumer_secret: OptOutwardSecret = Field(None, description="of the integration")
    access_token: OutwardSecret = Field(description="of the integration")
    access_token_secret: OptOutwardSecret = Field(None, description="of the integration")

    def auth(self) -> AuthBase:
        """How calls are signed."""
        token = self.access_token.get_secret_value()
        if self.consumer_key is None:
            return Bearer([token])
        secrets = (self.consumer_secret, self.access_token_secret)
        app, account = (secret.get_secret_value() if secret else "" for secret in secrets)
        return OAuth1((self.consumer_key, app), (token, account))


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One shop."""
    base = f"{settings.url.rstrip('/')}/rest/{settings.store}"
    session = Session(base, transport, auth=settings.auth())
    source, stock, notify = settings.source_code, settings.stock_id, settings.notify_customer
    telling = Telling(session, at, source, stock, notify)
    send, find = by_type(telling.ways())
    return Parts(
        check=partial(session.call, "GET", "/V1/store/storeConfigs"),
        decode=partial(decode, DECODE, at=at),
        send=send,
        find=find,
        list=partial(listing, session),
        send_many=partial(telling.send_many, send),
    )


def listing(session: Session, topic: str, since: Cursor) -> Iterator[Page]:
    """What changed since a cursor. A page beyond the last is the last again, and ends the list."""
    path, kind, number, key = _LISTS[topic]

    def fetch(at: datetime, page: int) -> list[dict[str, Any]]:
        after = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        query = where("updated_at", after, condition="gteq") if at > SINCE_EVER else {}
        for place, field in enumerate(("updated_at", number)):
            query |= {f"{_SORT}[{place}][field]": field, f"{_SORT}[{place}][direction]": "ASC"}
        query["searchCriteria[currentPage]"] = str(page)
        return list(session.call("GET", path, query=query).get("items") or ())

    def place(row: dict[str, Any]) -> tuple[datetime, str]:
        return times.moment(row["updated_at"], UTC), str(row.get("entity_id") or row.get("id"))

    def told(row: dict[str, Any]) -> list[Listed]:
        return [listed(kind, as_bytes(row), str(row[key]))]

    return changes(since, fetch, place, told)


ADAPTER = Adapter(Settings, connect)
