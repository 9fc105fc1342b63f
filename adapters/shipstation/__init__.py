"""ShipStation, API v1: orders out, Basic; thin webhooks in, healed by polls.

A webhook is not signed and holds an address only. It proves itself by a secret in the address that
it is posted to; what it names is fetched from ShipStation itself.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from urllib.parse import parse_qs

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.auth import Basic
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import OutwardSecret, RotatingSecret, revealed
from adapters.kit.signature import check_constant
from adapters.kit.tellings import by_content
from adapters.ports import Adapter, Call, Clock, Delivery, Parts
from adapters.shipstation.api import Api
from adapters.shipstation.events import completed, hosts, topic_of
from adapters.shipstation.listing import listing
from adapters.shipstation.telling import Telling
from mappings.kit import Context, decode
from mappings.shipstation import Terms, decoders


class Settings(BaseModel):
    """Settings and secrets of a ShipStation connection."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field("https://ssapi.shipstation.com", description="where the API is")
    store_id: int | None = Field(None, description="the store of our orders, from GET /stores")
    warehouse_id: int | None = Field(None, description="ships from there, from GET /warehouses")
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$", description="of what labels cost")
    partner_key: str | None = Field(None, description="x-partner, where there is an agreement")
    api_key: OutwardSecret = Field(description="key of the API, from the account's settings")
    api_secret: OutwardSecret = Field(description="its secret")
    webhook_secret: RotatingSecret = Field(
        description="of your own making: webhooks go to /in/<connection>?secret=…"
    )


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One account, or one store of it."""
    secrets, url = revealed(settings.webhook_secret), settings.api_url.rstrip("/")
    key = settings.api_key.get_secret_value()
    session = Session(
        url,
        transport,
        auth=Basic(key, [settings.api_secret.get_secret_value()]),
        headers={"x-partner": settings.partner_key} if settings.partner_key else {},
        secrets=(key, *secrets),
        also=hosts(url),
    )
    api = Api(session)
    terms = Terms(settings.store_id, settings.warehouse_id, settings.currency)
    telling, table = Telling(api, at, clock, terms), decoders(terms, clock)
    return Parts(
        check=partial(api.ask, "/stores"),
        verify=partial(_verified, secrets),
        decode=partial(decode, table, at=at),
        whole=lambda topic, raw: (topic, completed(api, url, topic, raw)),
        send=telling.send,
        find=telling.find,
        send_many=telling.send_many,
        list=partial(listing, api, settings.store_id),
    )


def _verified(secrets: Sequence[str], call: Call, _: datetime) -> Delivery:
    """By the secret in the address. Nothing else is proved: equal bodies are the same telling."""
    given = parse_qs(call.query).get("secret", [])
    check_constant(secrets, given[0] if len(given) == 1 else None)
    return by_content(topic_of(call.body), call.body, None)


ADAPTER = Adapter(Settings, connect)
