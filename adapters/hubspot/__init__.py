"""HubSpot: customers as contacts, by batches of upserts. It posts nothing.

A contact is known by a property of ours (`customer_key`), which the account has made unique: the
same customer told twice is one contact, told last wins.
"""

from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from adapters.hubspot.api import Api
from adapters.hubspot.telling import Telling
from adapters.kit.auth import Bearer
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import RotatingSecret, revealed
from adapters.ports import Adapter, Clock, Parts
from mappings.hubspot import Terms, encoders
from mappings.kit import Context


class Settings(BaseModel):
    """Settings and secrets of a HubSpot connection."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field("https://api.hubapi.com", description="where the API is")
    customer_key: str = Field(
        "hub_customer_id", description="the property with unique values that knows a contact"
    )
    fields: dict[str, str] = Field(
        default_factory=dict,
        description="facts to tell beside, ours to property: orders, spent, accepts:marketing",
    )
    token: RotatingSecret = Field(description="access token of a private app")


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One account."""
    session = Session(settings.api_url, transport, auth=Bearer(revealed(settings.token)))
    key = settings.customer_key
    telling = Telling(Api(session), at, key, encoders(Terms(key, settings.fields)))
    return Parts(
        check=partial(session.call, "GET", "/crm/v3/objects/contacts", query={"limit": "1"}),
        send=telling.send,
        send_many=telling.send_many,
    )


ADAPTER = Adapter(Settings, connect)
