"""NorthShop over its JSON API: bearer token out, HMAC-SHA256 in."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.http import Http, Transport
from adapters.kit.settings import OutwardSecret, RotatingSecret, revealed
from adapters.kit.signature import check_hmac_sha256_hex, digest
from adapters.ports import Adapter, Call, Clock, Delivery, Parts, Receipt
from hub.model.document import Document
from mappings.generic import document_key
from mappings.kit import Context, decode, encode
from northshop.mapping import DECODE, ENCODE


class Settings(BaseModel):
    """Settings and secrets of a NorthShop connection."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field(description="where the API is")
    token: OutwardSecret = Field(description="bearer token, from the shop's settings")
    webhook_secret: RotatingSecret = Field(description="signs what NorthShop posts")


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One shop. It honours keys: what may have arrived is told again, nothing is asked."""
    secrets = revealed(settings.webhook_secret)
    bearer = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}
    http = Http(settings.api_url, bearer, transport, secrets=secrets)

    def verify(call: Call, _: datetime) -> Delivery:
        """The signature covers the raw body; all about one order is worked in order."""
        check_hmac_sha256_hex(secrets, call.body, call.headers.get("x-signature"))
        return Delivery("order.placed", digest(call.body), document_key(call.body, ["number"]))

    def send(document: Document, key: str) -> Receipt:
        """Tell it what left."""
        body = encode(ENCODE, document, at)
        http.call("POST", "/shipments", body=body, key=key, read="none")
        return Receipt(reference=str(body["shipment"]))

    return Parts(
        check=lambda: http.call("GET", "/ping"),
        verify=verify,
        decode=lambda topic, raw: decode(DECODE, topic, raw, at),
        send=send,
    )


ADAPTER = Adapter(Settings, connect)
