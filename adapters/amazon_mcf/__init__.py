"""Amazon Multi-Channel Fulfillment: polled and told through the Selling Partner API, with a token
of Login with Amazon.

Amazon posts nothing over HTTP: its notifications come by a queue and only hint at what is read
here. A connection of its own may ask for the stock of the distribution centres (AWD) instead.
"""

import math
from functools import partial
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from requests import Response

from adapters.amazon_mcf.listing import Listings
from adapters.amazon_mcf.telling import ORDERS, Telling
from adapters.kit.auth import OAuth2
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import OutwardSecret, RotatingSecret, revealed
from adapters.ports import Adapter, Clock, Parts
from mappings.amazon_mcf import Terms, decoders
from mappings.kit import Context, decode

HOSTS = {
    "na": "https://sellingpartnerapi-na.amazon.com",
    "eu": "https://sellingpartnerapi-eu.amazon.com",
    "fe": "https://sellingpartnerapi-fe.amazon.com",
}
"""Region -> where its API is."""


class Settings(BaseModel):
    """Settings and secrets of an Amazon connection."""

    model_config = ConfigDict(extra="forbid")

    region: Literal["na", "eu", "fe"] = Field("eu", description="of the marketplace")
    api_url: str | None = Field(
        None,
        description="instead of the region's, as https://sandbox.sellingpartnerapi-eu.amazon.com",
    )
    token_url: str = Field(
        "https://api.amazon.com/auth/o2/token",
        description="where Login with Amazon gives tokens; a path is below the API's address",
    )
    marketplace_id: str = Field(description="as A1PA6795UKMFR9")
    client_id: str = Field(description="of the app, amzn1.application-oa2-client.…")
    speed: Literal["Standard", "Expedited", "Priority"] = Field(
        "Standard", description="where no code list names one"
    )
    policy: Literal["FillOrKill", "FillAll", "FillAllAvailable"] = Field(
        "FillOrKill", description="what becomes of an order of which something is not there"
    )
    comment: str = Field(
        "Thank you for your order.", description="on the packing slip, where the order has no note"
    )
    features: tuple[str, ...] = Field((), description="required of Amazon: BLOCK_AMZL, BLANK_BOX")
    stock: Literal["fba", "awd"] = Field(
        "fba", description="awd: the distribution centres, by a connection of their own"
    )
    client_secret: RotatingSecret = Field(description="of the app")
    refresh_token: OutwardSecret = Field(description="from the seller's authorisation, Atzr|…")


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One seller at one marketplace."""
    api_url = (settings.api_url or HOSTS[settings.region]).rstrip("/")
    token_url = settings.token_url
    if token_url.startswith("/"):
        token_url = api_url + token_url
    auth = OAuth2(
        token_url,
        settings.client_id,
        revealed(settings.client_secret),
        transport=transport,
        refresh=settings.refresh_token.get_secret_value(),
        method="client_secret_post",
        name=at.connection,
        bearer="x-amz-access-token",
    )
    session = Session(api_url, transport, auth=auth)
    session.hooks["response"].append(_paced)
    terms = Terms(
        settings.marketplace_id,
        settings.speed,
        settings.policy,
        settings.comment,
        settings.features,
    )
    telling = Telling(session, at, clock, terms)
    listings = Listings(session, clock, settings.marketplace_id, settings.stock)
    return Parts(
        check=partial(
            session.call,
            "GET",
            ORDERS.removesuffix("/fulfillmentOrders") + "/features",
            query={"marketplaceId": settings.marketplace_id},
        ),
        decode=partial(decode, decoders(clock), at=at),
        send=telling.send,
        find=telling.find,
        list=listings,
    )


def _paced(response: Response, **_: object) -> None:
    """A refusal for the quota says how many requests a second there may be, not when the next."""
    rate = response.headers.get("x-amzn-RateLimit-Limit", "")
    if response.status_code == 429 and "Retry-After" not in response.headers:
        try:
            seconds = 1 / float(rate)
        except (ValueError, ZeroDivisionError):
            return
        if math.isfinite(seconds) and seconds > 0:
            response.headers["Retry-After"] = f"{min(math.ceil(seconds), 3600)}"


ADAPTER = Adapter(Settings, connect)
