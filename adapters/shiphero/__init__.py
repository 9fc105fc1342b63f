"""ShipHero: signed webhooks in, healed by polls; its public GraphQL API out, by user and password.

Webhooks are signed with base64 HMAC-SHA256 over the raw body. They want to hear a word of their own
within ten seconds, and are dropped while one is switched off.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import OutwardSecret, RotatingSecret, revealed
from adapters.kit.signature import check_hmac_sha256_base64
from adapters.kit.tellings import by_content, by_type
from adapters.ports import Adapter, Answer, Call, Clock, Delivery, Parts
from adapters.shiphero.api import ERRORS, OPERATIONS, Entry, Hero
from adapters.shiphero.events import UNDATED, about, completed
from adapters.shiphero.listing import listing
from adapters.shiphero.telling import Telling
from mappings.kit import Context, decode
from mappings.shiphero import Account, Terms, Units, decoders

_SIGNATURE = "x-shiphero-hmac-sha256"
_MESSAGE = "x-shiphero-message-id"


class Settings(BaseModel):
    """Settings and secrets of a ShipHero connection."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field("https://public-api.shiphero.com", description="where the API is")
    username: str = Field(description="a user made for the hub")
    shop_name: str = Field("Order Hub", description="the store that orders stand under")
    warehouse_id: str | None = Field(
        None, description="ours, by either of its ids; needed to announce goods"
    )
    customer_account_id: str | None = Field(None, description="the client of a 3PL")
    vendor_id: str | None = Field(None, description="of purchase orders")
    shipping_method: str = Field("Standard", description="where an order names none")
    weight_unit: Literal["oz", "lb", "g", "kg"] = Field("oz", description="of packages")
    length_unit: Literal["in", "cm"] = Field("in", description="of packages")
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$", description="of what labels cost")
    password: OutwardSecret = Field(description="of the user")
    webhook_secret: RotatingSecret = Field(
        description="shared_signature_secret of webhook_create; one a line, newest first"
    )


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One account, or one client of a 3PL's."""
    secrets, url = revealed(settings.webhook_secret), settings.api_url.rstrip("/")
    password = settings.password.get_secret_value()
    entry = Entry(url, settings.username, password, transport, secrets).open()
    session = Session(url, transport, auth=entry, secrets=(password, *secrets))
    hero = Hero(session, "/graphql", errors=ERRORS, log_in=entry)
    terms = Terms(
        settings.shop_name,
        settings.warehouse_id,
        settings.customer_account_id,
        settings.vendor_id,
        settings.shipping_method,
    )
    units = Units(settings.weight_unit, settings.length_unit)
    table = decoders(Account(settings.warehouse_id, units, settings.currency), clock)
    send, find = by_type(Telling(hero, at, clock, terms).ways())
    return Parts(
        check=partial(hero.ask, OPERATIONS["check"]),
        verify=partial(_verified, secrets),
        decode=partial(decode, table, at=at),
        whole=lambda topic, raw: (topic, completed(hero, topic, raw)),
        send=send,
        find=find,
        list=partial(listing, hero, clock, terms),
    )


def _verified(secrets: Sequence[str], call: Call, _: datetime) -> Delivery:
    """By HMAC over the raw body, which is all that is signed: equal bodies are the same telling.
    A count of stock may be the same twice; there the delivery's own id tells them apart.
    """
    check_hmac_sha256_base64(secrets, call.body, call.headers.get(_SIGNATURE))
    topic, key = about(call.body)
    told = by_content(topic, call.body, key)
    number = call.headers.get(_MESSAGE) or told.id
    return Delivery(topic, number, key, None if topic in UNDATED else told.content)


def answer(code: str | None, message: str) -> Answer:
    """The word that it expects."""
    status = 200 if code is None else 401 if code == "bad_signature" else 503
    word = "Success" if code is None else message
    body = json.dumps({"code": str(status), "Status": word}).encode()
    return Answer(status, body, "application/json")


ADAPTER = Adapter(
    Settings, connect, answer=answer, recognises=lambda call: _SIGNATURE in call.headers
)
