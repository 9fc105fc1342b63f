"""WooCommerce: signed webhooks in, healed by a poll; the REST API (wc/v3) out.

Webhooks are signed with base64 HMAC-SHA256 over the raw body, and are never repeated when they
fail: whoever misses one finds it by asking. Calls bear consumer key and secret: Basic over https,
OAuth 1.0a over plain http, where the site refuses anything else.
"""

import re
from collections.abc import Sequence
from functools import partial
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field
from requests.auth import AuthBase

from adapters.kit.auth import Basic, OAuth1
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import OutwardSecret, RotatingSecret, revealed
from adapters.kit.signature import check_hmac_sha256_base64
from adapters.kit.tellings import by_content
from adapters.ports import Adapter, Answer, Call, Clock, Delivery, Parts
from adapters.woocommerce.listing import listing, order_of
from adapters.woocommerce.telling import Telling
from mappings.kit import Context, decode
from mappings.woocommerce import Units, decoders
from mappings.woocommerce.envelope import about

_PING = re.compile(rb"webhook_id=[0-9]{1,20}")
_UNPROVED = "bad_signature"
_SIGNATURE = "x-wc-webhook-signature"


class Settings(BaseModel):
    """Settings and secrets of a WooCommerce connection."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(description="the site's address, as in https://shop.example")
    currency: str | None = Field(
        None, pattern=r"^[A-Z]{3}$", description="of products, and of refunds that name none"
    )
    weight_unit: Literal["kg", "g", "lbs", "oz"] = Field("kg", description="of products' weights")
    dimension_unit: Literal["m", "cm", "mm", "in", "yd"] = Field("cm", description="of their sizes")
    tracking: Literal["note", "plugin"] = Field(
        "note", description="plugin: tracking numbers also go to the Shipment Tracking plug-in"
    )
    notify_customer: bool = Field(True, description="whether the customer is mailed the note")
    complete: bool = Field(True, description="whether an order that left whole is set to completed")
    api_refund: bool = Field(
        False,
        description="whether the site's gateway pays back what it is told; else it is only noted",
    )
    webhook_secret: RotatingSecret = Field(description="signs webhooks; one a line, newest first")
    consumer_key: OutwardSecret = Field(description="key for the REST API, ck_…")
    consumer_secret: OutwardSecret = Field(description="its secret, cs_…")

    def auth(self) -> AuthBase:
        """How calls are signed."""
        key, secret = self.consumer_key.get_secret_value(), self.consumer_secret.get_secret_value()
        if urlsplit(self.url).scheme == "http":
            return OAuth1((key, secret), place="QUERY")
        return Basic(key, [secret])


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One site."""
    secrets = revealed(settings.webhook_secret)
    key = settings.consumer_key.get_secret_value()
    base = f"{settings.url.rstrip('/')}/wp-json"
    session = Session(base, transport, auth=settings.auth(), secrets=(key, *secrets))
    units = Units(settings.weight_unit, settings.dimension_unit, settings.currency)
    table = decoders(units, clock)
    telling = Telling(
        session,
        at,
        has_plugin=settings.tracking == "plugin",
        notify=settings.notify_customer,
        complete=settings.complete,
        pays=settings.api_refund,
    )

    def whole(topic: str, raw: bytes) -> tuple[str, bytes]:
        """An order in the bin tells its id only."""
        fetched = order_of(session, raw) if topic == "order.deleted" else None
        return ("order.updated", fetched) if fetched else (topic, raw)

    return Parts(
        check=partial(session.call, "GET", "/wc/v3/orders", query={"per_page": "1"}),
        verify=lambda call, _: _verified(call, secrets),
        decode=partial(decode, table, at=at),
        whole=whole,
        send=telling.send,
        find=telling.find,
        list=partial(listing, session),
    )


def _verified(call: Call, secrets: Sequence[str]) -> Delivery:
    """By HMAC over the raw body, which is all that is signed: equal bytes are the same telling.
    The delivery id is none: all of one second share it.
    """
    check_hmac_sha256_base64(secrets, call.body, call.headers.get(_SIGNATURE))
    topic = call.headers.get("x-wc-webhook-topic", "")
    return by_content(topic, call.body, about(topic, call.body))


def is_ping(call: Call) -> bool:
    """Whether a site asks by a bare `webhook_id=7` if anybody is there, before it sends."""
    return _SIGNATURE not in call.headers and _PING.fullmatch(call.body) is not None


def answer(code: str | None, message: str) -> Answer:
    """A ping is answered 200 whoever sends it, or the site does not switch its webhook on."""
    return Answer() if code in {None, _UNPROVED} else Answer(503, message.encode())


ADAPTER = Adapter(Settings, connect, answer=answer, recognises=is_ping)
