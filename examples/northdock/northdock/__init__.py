"""NorthDock WMS over its JSON API: bearer token out, HMAC-SHA256 in."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.http import Http, Transport
from adapters.kit.settings import OutwardSecret, RotatingSecret, revealed
from adapters.kit.signature import check_hmac_sha256_hex, digest, single
from adapters.ports import Adapter, Call, Clock, Delivery, Parts, Receipt
from hub.model.document import Document
from hub.model.errors import AlreadyDone
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentOrder
from mappings.generic import document_key
from mappings.kit import Context, decode, encode
from northdock.mapping import DECODE, ENCODE

PATHS = {FulfilmentOrder: "/v1/orders", FulfilmentCancellation: "/v1/cancellations"}


class Settings(BaseModel):
    """Settings and secrets of a NorthDock connection."""

    model_config = ConfigDict(extra="forbid")

    api_url: str = Field(description="where the API is, without /v1")
    token: OutwardSecret = Field(description="bearer token, from NorthDock's portal")
    webhook_secret: RotatingSecret = Field(description="signs what NorthDock posts")


def connect(settings: Settings, at: Context, transport: Transport, _: Clock) -> Parts:
    """One account at NorthDock. It signs no time."""
    secrets = revealed(settings.webhook_secret)
    bearer = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}
    http = Http(settings.api_url, bearer, transport, secrets=secrets)

    def verify(call: Call, _: datetime) -> Delivery:
        """The signature covers the raw body; the event's id makes a repeat known."""
        check_hmac_sha256_hex(secrets, call.body, call.headers.get("x-signature"))
        number = document_key(call.body, ["eventId"]) or digest(call.body)
        topic = single(call.headers, "x-topic")
        return Delivery(topic, number, document_key(call.body, ["externalNo"]))

    def send(document: Document, key: str) -> Receipt:
        """Tell it. 409 is its word for a number that it has already (guide 3.3)."""
        body = encode(ENCODE, document, at)
        path, fates = PATHS[type(document)], {409: AlreadyDone}
        answer = http.call("POST", path, body=body, key=key, fates=fates)
        return Receipt(reference=str(answer["id"]))

    def find(document: Document) -> Receipt | None:
        """Whether it has it, by our number; asked after an answer was lost."""
        number = str(encode(ENCODE, document, at)["externalNo"])
        items = http.call("GET", PATHS[type(document)], query={"externalNo": number})["items"]
        return Receipt(reference=str(items[0]["id"])) if items else None

    return Parts(
        check=lambda: http.call("GET", "/v1/ping"),
        verify=verify,
        decode=lambda topic, raw: decode(DECODE, topic, raw, at),
        send=send,
        find=find,
    )


ADAPTER = Adapter(Settings, connect)
