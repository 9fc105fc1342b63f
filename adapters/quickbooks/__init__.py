"""QuickBooks Online in XML: journal entries, sales receipts, invoices, refund receipts."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.auth import OAuth2
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import OutwardSecret, RotatingSecret, revealed
from adapters.ports import Adapter, Clock, Parts
from adapters.quickbooks.telling import Telling
from mappings.kit import Context
from mappings.quickbooks import Terms

API, IDENTITY = "https://quickbooks.api.intuit.com", "https://oauth.platform.intuit.com"
TOKENS = "/oauth2/v1/tokens/bearer"


class Settings(BaseModel):
    """Settings and secrets of one company at QuickBooks. Ids are those that QuickBooks gave."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field(API, description="where the API is")
    identity_url: str = Field(
        "", description="where tokens are given; empty: Intuit's, or where the API is"
    )
    realm: str = Field(pattern=r"^[0-9]{1,20}$", description="the company's id")
    minor_version: int = Field(75, ge=1, le=999, description="of the API")
    client_id: str = Field(min_length=1, description="of the app")
    customer: str = Field("", description="id of the customer that orders are booked on")
    items: dict[str, str] = Field(
        default_factory=dict,
        description="goods, shipping, fee, adjustment, refunds, rounding -> the item's id",
    )
    tax_codes: dict[Decimal, str] = Field(
        default_factory=dict, description="rate as a fraction -> the tax code's id"
    )
    receivables: tuple[str, ...] = Field(
        (), description="ids of receivable accounts: lines on them need a customer"
    )
    bank: str = Field("", description="id of the account that payments come in on")
    client_secret: RotatingSecret = Field(description="of the app")
    refresh_token: OutwardSecret = Field(description="from the consent; it changes, and is kept")

    def tokens_at(self) -> str:
        """Where tokens are given."""
        usual = IDENTITY if self.api_url.rstrip("/") == API else self.api_url
        return (self.identity_url or usual).rstrip("/") + TOKENS


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One company."""
    auth = OAuth2(
        settings.tokens_at(),
        settings.client_id,
        revealed(settings.client_secret),
        transport=transport,
        refresh=settings.refresh_token.get_secret_value(),
        name=at.connection,
    )
    session = Session(
        f"{settings.api_url.rstrip('/')}/v3/company/{settings.realm}",
        transport,
        auth=auth,
        headers={"Accept": "application/xml"},
    )
    terms = Terms(
        settings.items, settings.tax_codes, settings.customer, settings.receivables, settings.bank,
        at.zone,
    )  # fmt: skip
    telling = Telling(session, at, terms, str(settings.minor_version))
    return Parts(check=telling.check, send=telling.send, find=telling.find)


ADAPTER = Adapter(Settings, connect)
