"""Xero's Accounting API: manual journals, invoices with their payments, credit notes."""

from decimal import Decimal
from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.auth import OAuth2
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import OutwardSecret, RotatingSecret, revealed
from adapters.kit.tellings import by_type
from adapters.ports import Adapter, Clock, Parts
from adapters.xero.telling import ways
from mappings.kit import Context
from mappings.xero import Terms

API, IDENTITY = "https://api.xero.com/api.xro/2.0", "https://identity.xero.com"
TOKENS = "/connect/token"


class Settings(BaseModel):
    """Settings and secrets of one organisation at Xero."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field(API, description="where the API is")
    identity_url: str = Field(
        "", description="where tokens are given; empty: Xero's, or where the API is"
    )
    tenant_id: str = Field(min_length=1, description="the organisation, from GET /connections")
    client_id: str = Field(min_length=1, description="of the app")
    currency: str = Field("EUR", description="the organisation's own currency")
    accounts: dict[str, str] = Field(
        default_factory=dict,
        description="goods, shipping, fee, adjustment, refunds, rounding -> the account's code",
    )
    tax_types: dict[Decimal, str] = Field(
        default_factory=dict, description="rate as a fraction -> the tax type"
    )
    paid_to: str = Field("", description="code of the account that payments come in on")
    client_secret: RotatingSecret = Field(description="of the app")
    refresh_token: OutwardSecret = Field(description="from the consent; it is renewed each time")

    def tokens_at(self) -> str:
        """Where tokens are given."""
        usual = IDENTITY if self.api_url.rstrip("/") == API else self.api_url
        return (self.identity_url or usual).rstrip("/") + TOKENS


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One organisation."""
    auth = OAuth2(
        settings.tokens_at(),
        settings.client_id,
        revealed(settings.client_secret),
        transport=transport,
        refresh=settings.refresh_token.get_secret_value(),
        name=at.connection,
    )
    headers = {"Accept": "application/json", "Xero-Tenant-Id": settings.tenant_id}
    session = Session(settings.api_url.rstrip("/"), transport, auth=auth, headers=headers)
    terms = Terms(
        settings.currency, settings.accounts, settings.tax_types, settings.paid_to, at.zone
    )
    send, find = by_type(ways(session, at, terms))
    return Parts(check=partial(session.call, "GET", "/Organisation"), send=send, find=find)


ADAPTER = Adapter(Settings, connect)
