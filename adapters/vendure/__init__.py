"""Vendure: signed events in, healed by a poll; the GraphQL admin API out.

Vendure posts nothing by itself. The plug-in that comes with this adapter posts what changed as ids
alone, signed by Standard Webhooks; the hub then asks for the whole of it.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from adapters.kit.auth import Header, LoggedIn
from adapters.kit.graphql import GraphQL
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import RotatingSecret, revealed
from adapters.kit.signature import check_hmac_sha256_hex, check_standard, digest
from adapters.kit.tellings import by_type
from adapters.ports import Adapter, Call, Clock, Delivery, Parts
from adapters.vendure.admin import ERRORS, OPERATIONS, RESULTS, opening
from adapters.vendure.events import FULL, key_of, read_event, whole
from adapters.vendure.listing import listing
from adapters.vendure.telling import Telling
from hub.model.errors import BadData
from mappings.kit import Context, decode
from mappings.vendure import decoders


class Settings(BaseModel):
    """Settings and secrets of a Vendure connection."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field(
        description="the admin API's address, as in https://shop.example/admin-api"
    )
    username: str | None = Field(None, description="an administrator made for the hub")
    channel_token: str | None = Field(None, description="of the channel; absent: the default one")
    stock_location_id: str | None = Field(
        None, description="whose stock the hub tells, where the shop has several locations"
    )
    signature: Literal["standard", "hex"] = Field(
        "standard", description="hex: a plug-in of your own signs the body alone, in x-signature"
    )
    webhook_secret: RotatingSecret = Field(
        description="signs events (whsec_ and base64, or any text); one a line, newest first"
    )
    password: SecretStr | None = Field(None, description="of the administrator")
    api_key: SecretStr | None = Field(
        None, description="instead of a log-in, where the shop has API keys"
    )

    @model_validator(mode="after")
    def _lets_us_in(self) -> "Settings":
        if self.api_key is None and (self.username is None or self.password is None):
            raise ValueError("username and password are expected, or api_key")
        return self


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One channel of a shop."""
    secrets = revealed(settings.webhook_secret)
    admin = _admin(settings, transport, secrets)
    table = decoders(clock)
    send, find = by_type(Telling(admin, at, settings.stock_location_id).ways())

    def verify(call: Call, now: datetime) -> Delivery:
        """By the signature over id, time and body; or over the body, which then is the id."""
        content = None
        if settings.signature == "standard":
            number = check_standard(secrets, call.headers, call.body, now)
        else:
            check_hmac_sha256_hex(secrets, call.body, call.headers.get("x-signature"))
            number = content = digest(call.body)
        try:
            kind, about = read_event(call.body)
        except BadData:
            return Delivery("", number, content=content)
        return Delivery(kind, number, key_of(kind, about), content)

    def completed(topic: str, raw: bytes) -> tuple[str, bytes]:
        """An event tells its ids only."""
        is_thin = topic in table and topic not in FULL
        return topic, whole(admin, topic, raw) if is_thin else raw

    return Parts(
        check=partial(admin.ask, OPERATIONS["check"]),
        verify=verify,
        decode=partial(decode, table, at=at),
        whole=completed,
        send=send,
        find=find,
        list=partial(listing, admin, clock),
    )


def _admin(settings: Settings, transport: Transport, secrets: Sequence[str]) -> GraphQL:
    channel = {"vendure-token": settings.channel_token} if settings.channel_token else {}
    log_in: LoggedIn | None = None
    if settings.api_key is not None:
        key: Header | LoggedIn = Header("vendure-api-key", [settings.api_key.get_secret_value()])
    else:
        password = settings.password.get_secret_value() if settings.password else ""
        key = log_in = opening(settings.api_url, settings.username or "", password, transport)
    session = Session(settings.api_url, transport, auth=key, headers=channel, secrets=secrets)
    return GraphQL(session, errors=ERRORS, refusals=RESULTS, log_in=log_in)


ADAPTER = Adapter(Settings, connect)
