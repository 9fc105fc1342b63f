"""Salesforce: customers as records of one object, upserted by an external id. It posts nothing.

The same customer told twice is one record. Alone it is told by its address, with others as a
collection of up to 200, where each has an answer of its own.
"""

from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.auth import OAuth2
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import OptOutwardSecret, RotatingSecret, revealed
from adapters.ports import Adapter, Clock, Parts
from adapters.salesforce.api import Api
from adapters.salesforce.telling import Telling
from mappings.kit import Context
from mappings.salesforce import Terms

TOKENS = "/services/oauth2/token"
_NAME = r"^[A-Za-z][A-Za-z0-9_]*$"


class Settings(BaseModel):
    """Settings and secrets of a Salesforce connection."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field(description="My Domain, as https://acme.my.salesforce.com")
    version: str = Field("61.0", pattern=r"^[0-9]{2,3}\.0$", description="of the API")
    client_id: str = Field(description="of the connected app")
    object: str = Field("Contact", pattern=_NAME, description="what a customer is there")
    customer_key: str = Field("Hub_Id__c", pattern=_NAME, description="its external id field")
    fields: dict[str, str] = Field(
        default_factory=dict,
        description="facts to tell beside, ours to field: orders, spent, accepts:marketing",
    )
    parent: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="a relation by external id, as {Account: {Hub_Id__c: ACME}}",
    )
    client_secret: RotatingSecret = Field(description="of the connected app")
    refresh_token: OptOutwardSecret = Field(
        None, description="of a person's consent; without it the app acts for itself"
    )


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One organisation."""
    url, refresh = settings.api_url.rstrip("/"), settings.refresh_token
    auth = OAuth2(
        url + TOKENS,
        settings.client_id,
        revealed(settings.client_secret),
        transport=transport,
        refresh=refresh.get_secret_value() if refresh else None,
        method="client_secret_post",
        name=at.connection,
    )
    session = Session(f"{url}/services/data/v{settings.version}", transport, auth=auth)
    terms = Terms(settings.customer_key, settings.fields, settings.parent)
    telling = Telling(Api(session), at, settings.object, terms)
    return Parts(
        check=partial(session.call, "GET", "/limits"),
        send=telling.send,
        send_many=telling.send_many,
    )


ADAPTER = Adapter(Settings, connect)
