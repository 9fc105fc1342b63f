"""WeChat Pay bills: fetched day by day from its API (v3), or posted by whoever fetches them."""

from functools import partial
from typing import Literal

from pydantic import Field

from adapters.kit.files.daily import by_day
from adapters.kit.files.posted import Posted, verifier
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import OptOutwardSecret, revealed
from adapters.ports import Adapter, Clock, Parts
from adapters.wechat_pay.bills import Bills
from adapters.wechat_pay.signing import Account, Signed
from mappings.kit import Context, decode
from mappings.wechat_pay import DECODE


class Settings(Posted):
    """Settings and secrets of a merchant at WeChat Pay. Without the last four bills are posted."""

    api_url: str = Field("https://api.mch.weixin.qq.com", description="where the API is")
    bill: Literal["trade", "fund_flow"] = Field("trade", description="which bill is fetched")
    wechat_public_key: str | None = Field(
        None, description="WeChat Pay's public key or certificate (PEM): answers must be signed"
    )
    merchant_number: str | None = Field(None, pattern=r"^[0-9]{1,32}$", description="mchid")
    certificate_serial: str | None = Field(
        None, pattern=r"^[0-9A-Fa-f]{1,64}$", description="serial number of the API certificate"
    )
    private_key: OptOutwardSecret = Field(None, description="of the API certificate (PEM)")

    def account(self) -> Account | None:
        """Who asks for bills, where anybody does."""
        if not (self.merchant_number and self.certificate_serial and self.private_key):
            return None
        key = self.private_key.get_secret_value()
        return Account(self.merchant_number, self.certificate_serial, key)


def connect(settings: Settings, at: Context, transport: Transport, clock: Clock) -> Parts:
    """One merchant."""
    verify = verifier(revealed(settings.webhook_secret))
    read, account = partial(decode, DECODE, at=at), settings.account()
    if account is None:
        return Parts(check=lambda: None, verify=verify, decode=read)
    signed = Signed(account, clock)
    session = Session(settings.api_url, transport, auth=signed, secrets=[account.private_key])
    bills = Bills(session, settings.bill, settings.wechat_public_key, clock)
    return Parts(
        check=bills.check, verify=verify, decode=read, list=by_day(bills.calendar, bills.ask)
    )


ADAPTER = Adapter(Settings, connect)
