"""Shopify: signed webhooks in, Admin GraphQL out.

Webhooks are signed with base64 HMAC-SHA256 over the raw body; newer deliveries spell the same
headers without `X-`. After a rotation the old secret may sign for an hour more: give both.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from adapters.kit.http import Http, Transport
from adapters.kit.settings import OutwardSecret, RotatingSecret, revealed
from adapters.kit.signature import check_hmac_sha256_base64, digest
from adapters.ports import Adapter, Call, Clock, Delivery, Parts
from adapters.shopify import returning
from adapters.shopify.admin import OPERATIONS, Admin
from adapters.shopify.telling import telling
from hub.model.errors import BadData, NotAuthentic
from mappings.kit import Context, decode
from mappings.shopify import DECODE, NAME_ONLY, TELL, decoders
from mappings.shopify.envelope import about
from mappings.shopify.orders.order import edited_order

_ORDER_GID = re.compile(rb'"admin_graphql_api_id"\s*:\s*"gid://shopify/Order/([0-9]{1,30})"')
_NUMBER = re.compile(r"[0-9]{1,30}", re.ASCII)
_SPLIT_SECOND = re.compile(r"\.[0-9]+")
_TOPICS = frozenset({*DECODE, "orders/edited"})
"""Others mean nothing to us: by them alone nobody makes a body new."""
_OLDEST = timedelta(days=3)
"""Shopify repeats what was not taken for two days."""


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
        True, description="whether Shopify mails the customer on shipping, returns and refunds"
    )
    webhook_secret: RotatingSecret = Field(description="signs webhooks; one a line, newest first")
    access_token: OutwardSecret = Field(description="token for the Admin API")

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


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One shop."""
    secrets, token = revealed(settings.webhook_secret), settings.access_token.get_secret_value()
    headers = {"X-Shopify-Access-Token": token}
    http = Http(settings.base_url(), headers, transport, secrets=(token, *secrets))
    admin = Admin(http, settings.api_version)
    send, find = telling(admin, at, settings.location_id, notify=settings.notify_customer)

    def whole(topic: str, raw: bytes) -> tuple[str, bytes]:
        """An edit names its order only, and what becomes of a return its return."""
        if topic == "orders/edited":
            return "orders/updated", admin.order(_edited(raw, at))
        if topic in NAME_ONLY or (topic in TELL and not returning.tells_all(raw)):
            return topic, returning.whole(admin, raw)
        return topic, raw

    return Parts(
        check=partial(admin.ask, OPERATIONS["Shop"]),
        verify=lambda call, now: _verified(call, secrets, settings.domain(), now),
        decode=partial(decode, decoders(clock), at=at),
        whole=whole,
        send=send,
        find=find,
    )


ADAPTER = Adapter(Settings, connect)


def _verified(call: Call, secrets: Sequence[str], domain: str | None, now: datetime) -> Delivery:
    """By HMAC over the raw body. A delivery for another shop of the same app is refused too.

    Nothing but the body is signed: who captured one could send it under another id for ever.
    It is recognised by its content: a body bears the time of its change, so equal bytes are
    the same telling. One that says itself that it is older than any repeat is refused.
    """
    check_hmac_sha256_base64(secrets, call.body, _header(call, "hmac-sha256"))
    shop = _header(call, "shop-domain")
    if domain and not shop:
        raise NotAuthentic("missing_signature")
    if domain and shop and shop.lower() != domain:
        raise NotAuthentic("other_shop")
    _check_age(_header(call, "triggered-at"), now)
    topic = _header(call, "topic") or ""
    known = topic if topic in _TOPICS else ""
    content = digest(known.encode() + b"\n" + call.body)
    number = _header(call, "webhook-id") or digest(topic.encode() + b"\n" + call.body)
    return Delivery(topic, number, _key(call, topic), content)


def _edited(raw: bytes, at: Context) -> str:
    number = edited_order(raw, at)
    if number is None:
        raise BadData("an edit names its order", path="order_id", code="missing_field")
    return number


def _check_age(told: str | None, now: datetime) -> None:
    try:
        at = datetime.fromisoformat(_SPLIT_SECOND.sub("", told or ""))
    except ValueError:
        return
    if at.tzinfo is not None and now - at > _OLDEST:
        raise NotAuthentic("stale_signature")


def _header(call: Call, name: str) -> str | None:
    """A Shopify header in either spelling."""
    return call.headers.get(f"x-shopify-{name}") or call.headers.get(f"shopify-{name}")


def _key(call: Call, topic: str) -> str | None:
    """The order that a delivery is about, or else the product."""
    named = _header(call, "order-id")
    if named and _NUMBER.fullmatch(named):
        return named
    named_in = ("orders/", "returns/")
    order = _ORDER_GID.search(call.body) if topic.startswith(named_in) else None
    if order:
        return order[1].decode()
    return about(topic, call.body)
