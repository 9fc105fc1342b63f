"""An ERP that offers the SOAP service of `orderhub-erp.wsdl`, or a WSDL of its own like it."""

from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from requests.auth import AuthBase

from adapters.kit.auth import Basic
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.settings import OutwardSecret
from adapters.kit.soap import Soap
from adapters.ports import Adapter, Clock, Parts
from adapters.soap_erp.listing import listing
from adapters.soap_erp.telling import FATES, Telling
from mappings.kit import Context, decode
from mappings.soap_erp import DECODE

WSDL = Path(__file__).with_name("orderhub-erp.wsdl")


class Settings(BaseModel):
    """Settings and secrets of an ERP by SOAP."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field(description="where the service is, as in https://erp.example/orderhub")
    wsdl_url: str = Field("", description="the ERP's own WSDL; empty: the one that we publish")
    service: str = Field("", description="which service of its WSDL; empty: the first")
    security: Literal["basic", "username_token", "username_digest"] = Field(
        "basic", description="HTTP Basic, or WS-Security's UsernameToken, plain or as a digest"
    )
    user: str = Field(description="the hub's user at the ERP")
    password: OutwardSecret = Field(description="its password")


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One company's books."""
    password = settings.password.get_secret_value()
    is_basic = settings.security == "basic"
    auth: AuthBase | None = Basic(settings.user, [password]) if is_basic else None
    also = [settings.wsdl_url] if settings.wsdl_url else []
    session = Session(settings.api_url, transport, auth=auth, secrets=[password], also=also)
    soap = Soap(
        settings.wsdl_url or WSDL,
        session,
        address=settings.api_url,
        service=settings.service or None,
        user=None if is_basic else (settings.user, password),
        digest=settings.security == "username_digest",
        fates=FATES,
        kept=transport.kept if settings.wsdl_url else None,
    )
    telling = Telling(soap, at)
    return Parts(
        check=telling.check,
        decode=partial(decode, DECODE, at=at),
        send=telling.send,
        find=telling.find,
        list=partial(listing, soap, at.zone),
    )


ADAPTER = Adapter(Settings, connect)
