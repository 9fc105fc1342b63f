"""PayPal: what moved money, asked for day by day of its Transaction Search; or its settlement and
transaction detail reports, posted by whoever fetches them.
"""

from functools import partial

from pydantic import Field

from adapters.kit.auth import OAuth2
from adapters.kit.files.daily import by_day
from adapters.kit.files.posted import Posted, verifier
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import OptOutwardSecret, revealed
from adapters.paypal.search import TOKENS, TOPIC, Search
from adapters.ports import Adapter, Clock, Parts
from mappings.kit import Context, decode
from mappings.paypal import Hundredths, decoders


class Settings(Posted):
    """Settings and secrets of a PayPal account. Without a client reports are posted."""

    hundredths: Hundredths = Field(
        "always",
        description="amounts of yen and the like in reports: in hundredths too, or by_currency",
    )
    api_url: str = Field("https://api-m.paypal.com", description="where the API is")
    client_id: str | None = Field(None, description="of a REST app that may search transactions")
    client_secret: OptOutwardSecret = Field(None, description="of the app")


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One account."""
    verify = verifier(revealed(settings.webhook_secret))
    read = partial(decode, decoders(settings.hundredths), at=at)
    if not (settings.client_id and settings.client_secret):
        return Parts(check=lambda: None, verify=verify, decode=read)
    url = settings.api_url.rstrip("/")
    secret = settings.client_secret.get_secret_value()
    auth = OAuth2(
        url + TOKENS, settings.client_id, [secret], transport=transport, name=at.connection
    )
    search = Search(Session(url, transport, auth=auth), at.zone, clock)
    listing = by_day(search.calendar, search.ask, TOPIC)
    return Parts(check=search.check, verify=verify, decode=read, list=listing)


ADAPTER = Adapter(Settings, connect)
