"""Shopify: signed webhooks in, Admin GraphQL out.

Webhooks are signed with base64 HMAC-SHA256 over the raw body; newer deliveries spell the same
headers without `X-`. After a rotation the old secret may sign for an hour more: give both.
"""

import re
from datetime import datetime
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from adapters.kit.http import Http, Transport
from adapters.kit.settings import RotatingSecret, revealed
from adapters.kit.signature import check_hmac_sha256_base64, digest
from adapters.ports import Call, Delivery, Receipt
from adapters.shopify import shipping
from adapters.shopify.admin import Admin
from adapters.shopify.stock import Stock
from hub.model.document import Document
from hub.model.errors import BadData, NotAuthentic, Rejected
from hub.model.fulfilment import Shipment
from hub.model.stock import StockLevel
from mappings.kit import Context, decode
from mappings.shopify import DECODE
from mappings.shopify.envelope import about
from mappings.shopify.orders import edited_order

_ORDER_GID = re.compile(rb'"admin_graphql_api_id"\s*:\s*"gid://shopify/Order/([0-9]{1,30})"')
_SHOP = "query Shop { shop { name myshopifyDomain currencyCode } }"
_NUMBER = re.compile(r"[0-9]{1,30}", re.ASCII)


class Settings(BaseModel):
    """Settings and secrets of a Shopify connection."""

    model_config = ConfigDict(extra="forbid")

    shop: str | None = Field(None, description="the shop's name, as in <name>.myshopify.com")
    api_url: str | None = Field(None, description="where its Admin API answers, if not there")
    api_version: str = Field(
        "2026-07", pattern=r"^20[0-9]{2}-(01|04|07|10)$", description="Admin API version"
    )
    location_id: str | None = Field(
        None,
        pattern=r"^[0-9]{1,30}$",
        description="location whose stock is set, if there are several",
    )
    notify_customer: bool = Field(
        True, description="whether Shopify mails the customer on shipping"
    )
    webhook_secret: RotatingSecret = Field(description="signs webhooks; one a line, newest first")
    access_token: SecretStr = Field(description="token for the Admin API")

    @model_validator(mode="after")
    def _has_address(self) -> Self:
        if not (self.shop or self.api_url):
            raise PydanticCustomError("missing_field", "shop or api_url is expected")
        return self

    def base_url(self) -> str:
        """Where the Admin API answers."""
        return self.api_url or f"https://{self.domain()}"

    def domain(self) -> str | None:
        """The shop's domain as webhooks name it."""
        name = (self.shop or "").strip().lower()
        return name if not name or "." in name else f"{name}.myshopify.com"


class Shopify:
    """One shop."""

    SETTINGS: ClassVar[type[BaseModel]] = Settings

    def __init__(self, settings: Settings, at: Context, transport: Transport) -> None:
        self._secrets = revealed(settings.webhook_secret)
        token = settings.access_token.get_secret_value()
        headers = {"X-Shopify-Access-Token": token}
        http = Http(settings.base_url(), headers, transport, secrets=(token, *self._secrets))
        self._at, self._domain, self._notify = at, settings.domain(), settings.notify_customer
        self._admin = Admin(http, settings.api_version)
        self._stock = Stock(self._admin, settings.location_id)

    def check(self) -> None:
        """Ask the shop for its name."""
        self._admin.ask(_SHOP)

    def verify(self, call: Call, now: datetime) -> Delivery:
        """By HMAC over the raw body. A delivery for another shop of the same app is refused too."""
        del now  # nothing of a delivery is signed that would tell its age
        check_hmac_sha256_base64(self._secrets, call.body, _header(call, "hmac-sha256"))
        shop = _header(call, "shop-domain")
        if self._domain and shop and shop.lower() != self._domain:
            raise NotAuthentic("other_shop")
        topic = _header(call, "topic") or ""
        number = _header(call, "webhook-id") or digest(topic.encode() + b"\n" + call.body)
        return Delivery(topic, number, _key(call, topic))

    def decode(self, topic: str, raw: bytes) -> list[Document]:
        """Canonical documents. An edit names its order only: it is fetched."""
        if topic == "orders/edited":
            number = edited_order(raw)
            if number is None:
                raise BadData("an edit names its order", path="order_id", code="missing_field")
            topic, raw = "orders/updated", self._admin.order(number)
        return decode(DECODE, topic, raw, self._at)

    def send(self, document: Document, key: str) -> Receipt:
        """Tell the shop of a shipment or a stock level."""
        match document:
            case Shipment():
                return shipping.send(self._admin, document, self._at, notify=self._notify)
            case StockLevel():
                return self._stock.send(document, self._at, key)
            case _:
                message = f"a shop is not told of a {document.type}"
                raise Rejected(message, path="type", code="unknown_code")

    def find(self, document: Document) -> Receipt | None:
        """Whether the shop has it."""
        match document:
            case Shipment():
                return shipping.find(self._admin, document, self._at)
            case StockLevel():
                return self._stock.find(document, self._at)
            case _:
                return None


def _header(call: Call, name: str) -> str | None:
    """A Shopify header in either spelling."""
    return call.headers.get(f"x-shopify-{name}") or call.headers.get(f"shopify-{name}")


def _key(call: Call, topic: str) -> str | None:
    """The order that a delivery is about, or else the product."""
    named = _header(call, "order-id")
    if named and _NUMBER.fullmatch(named):
        return named
    found = _ORDER_GID.search(call.body) if topic.startswith("orders/") else None
    if found:
        return found[1].decode()
    return about(topic, call.body)
