"""Alipay bills: fetched day by day over its gateway, or posted by whoever fetches them."""

from functools import partial
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from adapters.alipay.bills import Bills
from adapters.alipay.gateway import App, Gateway
from adapters.kit.files.daily import by_day
from adapters.kit.files.posted import Posted, verifier
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import OptOutwardSecret, revealed
from adapters.ports import Adapter, Clock, Parts
from mappings.alipay import DECODE
from mappings.kit import Context, decode

GATEWAY = "https://openapi.alipay.com/gateway.do"
DOWNLOADS = "https://dwbillcenter.alipay.com"


class Settings(Posted):
    """Settings and secrets of a merchant at Alipay. Without app and key bills are posted."""

    gateway_url: str = Field(GATEWAY, description="where the gateway is")
    downloads_url: str = Field(
        "", description="where bills are fetched; empty: Alipay's, or where the gateway is"
    )
    bill: Literal["trade", "signcustomer"] = Field(
        "trade", description="which bill is fetched: of trades, or of the account"
    )
    app_id: str | None = Field(None, pattern=r"^[0-9]{1,32}$", description="of the open platform")
    alipay_public_key: str | None = Field(
        None, description="Alipay's public key (not the app's): its answers must be signed"
    )
    private_key: OptOutwardSecret = Field(None, description="of the app, for RSA2: PEM or base64")
    app_auth_token: OptOutwardSecret = Field(
        None, description="of a merchant who let the app act for it"
    )

    def bills_at(self) -> str:
        """Where bills are fetched, and nowhere else."""
        gateway = urlsplit(self.gateway_url)
        usual = DOWNLOADS if self.gateway_url == GATEWAY else f"{gateway.scheme}://{gateway.netloc}"
        return self.downloads_url or usual

    def app(self) -> App | None:
        """Who asks for bills, where anybody does."""
        if not (self.app_id and self.private_key):
            return None
        token = self.app_auth_token.get_secret_value() if self.app_auth_token else ""
        return App(
            self.app_id, self.private_key.get_secret_value(), token, self.alipay_public_key or ""
        )


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One merchant."""
    verify = verifier(revealed(settings.webhook_secret))
    read, app = partial(decode, DECODE, at=at), settings.app()
    if app is None:
        return Parts(check=lambda: None, verify=verify, decode=read)
    session = Session(settings.gateway_url, transport, secrets=app.secrets)
    downloads = Session(settings.bills_at(), transport)
    bills = Bills(Gateway(session, app, clock), downloads, settings.bills_at(), settings.bill)
    return Parts(
        check=bills.check, verify=verify, decode=read, list=by_day(bills.calendar, bills.ask)
    )


ADAPTER = Adapter(Settings, connect)
