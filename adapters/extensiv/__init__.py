"""Extensiv 3PL Warehouse Manager (once 3PL Central): polled and told through its REST API, with a
token for the credentials of a 3PL. It posts nothing.
"""

from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from adapters.extensiv.listing import Listings
from adapters.extensiv.telling import ways
from adapters.kit.auth import OAuth2
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import RotatingSecret, revealed
from adapters.kit.tellings import by_type
from adapters.ports import Adapter, Clock, Parts
from mappings.extensiv import Terms, decoders
from mappings.kit import Context, decode

TOKENS = "/AuthServer/api/Token"


class Settings(BaseModel):
    """Settings and secrets of an Extensiv connection."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field("https://secure-wms.com", description="where the API is")
    client_id: str = Field(description="of the API credentials")
    tpl: str | None = Field(None, description="the 3PL's key, {…}, where it asks for one")
    user_login_id: int | None = Field(None, description="on whose behalf the hub acts")
    customer_id: int = Field(description="whose goods they are, by Extensiv's number")
    facility_id: int = Field(description="the warehouse, by Extensiv's number")
    client_secret: RotatingSecret = Field(description="of the API credentials")


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One customer at one facility."""
    api_url, login = settings.api_url.rstrip("/"), settings.user_login_id
    further = {"tpl": settings.tpl, "user_login_id": None if login is None else str(login)}
    auth = OAuth2(
        api_url + TOKENS,
        settings.client_id,
        revealed(settings.client_secret),
        transport=transport,
        further={name: told for name, told in further.items() if told},
        name=at.connection,
        in_json=True,
    )
    session = Session(api_url, transport, auth=auth, headers={"Accept": "application/hal+json"})
    terms = Terms(settings.customer_id, settings.facility_id)
    send, find = by_type(ways(session, at, clock, terms))
    return Parts(
        check=partial(session.call, "GET", "/orders", query={"pgsiz": "1", "pgnum": "1"}),
        decode=partial(decode, decoders(clock), at=at),
        send=send,
        find=find,
        list=Listings(session, at, clock, terms),
    )


ADAPTER = Adapter(Settings, connect)
