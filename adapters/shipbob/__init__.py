"""ShipBob: signed webhooks in, healed by a poll; its REST API out, with a token.

Webhooks keep to Standard Webhooks, with the topic beside. A webhook about one shipment does not say
how the others of its order stand: the order is read anew.
"""

from datetime import datetime
from functools import partial
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.auth import Bearer
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import OutwardSecret, RotatingSecret, revealed
from adapters.kit.signature import check_standard, single
from adapters.ports import Adapter, Call, Clock, Delivery, Parts
from adapters.shipbob import returning
from adapters.shipbob.listing import listing
from adapters.shipbob.telling import Telling
from mappings.generic import document_key
from mappings.kit import Context, decode
from mappings.shipbob import SHIPMENT_TOPICS, Terms, decoders, order_of
from mappings.shipbob.returns import TOPICS, number_of


class Settings(BaseModel):
    """Settings and secrets of a ShipBob connection."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field(
        "https://api.shipbob.com", description="also https://sandbox-api.shipbob.com"
    )
    version: Literal["2025-07", "2026-01"] = Field("2025-07", description="of the API")
    channel_id: int = Field(description="the channel with write rights, from GET /channel")
    shipping_method: str = Field("Standard", description="where no code list names one")
    location_id: int | None = Field(None, description="fulfilment centre; ShipBob chooses without")
    order_type: Literal["DTC", "DropShip", "B2B"] = Field("DTC", description="of orders")
    tags: dict[str, str] = Field(default_factory=dict, description="on every order, name to value")
    token: OutwardSecret = Field(description="personal access token or OAuth 2 access token")
    webhook_secret: RotatingSecret = Field(description="whsec_…, of the webhook subscription")


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One channel of one merchant."""
    secrets = revealed(settings.webhook_secret)
    session = Session(
        f"{settings.api_url.rstrip('/')}/{settings.version}",
        transport,
        auth=Bearer([settings.token.get_secret_value()]),
        headers={"shipbob_channel_id": str(settings.channel_id)},
        secrets=secrets,
    )
    terms = Terms(
        settings.shipping_method, settings.order_type, settings.location_id, settings.tags
    )
    telling, table = Telling(session, at, clock, terms), decoders(clock)

    def verify(call: Call, now: datetime) -> Delivery:
        """Id, time and body are signed. All about one order is worked in order."""
        number = check_standard(secrets, call.headers, call.body, now)
        topic = single(call.headers, "x-webhook-topic")
        return Delivery(topic, number, document_key(call.body, ["reference_id"]))

    def whole(topic: str, raw: bytes) -> tuple[str, bytes]:
        """What is told of a shipment names its order only; what is told of a return, no article."""
        number = number_of(raw) if topic in TOPICS else None
        if number is not None:
            return topic, returning.whole(session, number)
        order = order_of(raw) if topic in SHIPMENT_TOPICS else None
        if order is None:
            return topic, raw
        return "order", session.call("GET", f"/order/{order}", read="bytes")

    return Parts(
        check=partial(session.call, "GET", "/channel"),
        verify=verify,
        decode=partial(decode, table, at=at),
        whole=whole,
        send=telling.send,
        find=telling.find,
        list=partial(listing, session, clock),
    )


ADAPTER = Adapter(Settings, connect)
