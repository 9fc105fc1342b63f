"""A warehouse that speaks our own documents: JSON with Standard Webhooks signatures, both ways.

In: POST to `/in/<connection>`, one document a call, its `type` the topic. Out: POST to `url`;
without one, the warehouse fetches its fulfilment orders through the Open API. The outward key goes
as `Idempotency-Key`, its digest as `webhook-id`. Source: Standard Webhooks specification 1.0.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.http import Http, Transport
from adapters.kit.settings import RotatingSecret, revealed
from adapters.kit.signature import check_standard, digest, sign_standard
from adapters.ports import Call, Delivery, Receipt
from hub.model.document import Document
from hub.model.errors import AlreadyDone, Rejected
from mappings.generic import (
    check_type,
    decoders,
    document_key,
    document_type,
    encoders,
    reference,
)
from mappings.kit import Context, decode, encode

GIVES = (
    "shipment",
    "fulfilment_status",
    "goods_receipt",
    "return_receipt",
    "stock_report",
    "stock_change",
)
TAKES = ("fulfilment_order", "fulfilment_cancellation")
KEYS = {
    "shipment": "fulfilment_order_id",
    "fulfilment_status": "fulfilment_order_id",
    "goods_receipt": "inbound_notice_id",
    "return_receipt": "return_id",
}
"""Type -> the field that names what must be worked in order. Stock words stand alone."""
PULLED = "pull"
"""The reference of what a warehouse without an address fetches by itself."""

_FATES = {409: AlreadyDone}
_DECODE, _ENCODE = decoders(GIVES), encoders(TAKES)


class Settings(BaseModel):
    """Settings and secrets of a generic warehouse."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(None, description="where documents are posted; absent: it fetches them")
    webhook_secret: RotatingSecret = Field(
        description="signs both ways (whsec_ and base64, or any text); one a line, newest first"
    )


class GenericWarehouse:
    """One warehouse without a protocol of its own."""

    SETTINGS: ClassVar[type[BaseModel]] = Settings

    def __init__(
        self,
        settings: Settings,
        at: Context,
        transport: Transport,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._at, self._clock = at, clock
        self._secrets = revealed(settings.webhook_secret)
        url = settings.url
        self._http = Http(url, {}, transport, secrets=self._secrets) if url else None

    def check(self) -> None:
        """Reach the warehouse, where it has an address. That it takes no GET is answer enough."""
        if self._http is not None:
            try:
                self._http.call("GET", read="none")
            except Rejected as refused:
                if refused.code == "network_forbidden":
                    raise

    def verify(self, call: Call, now: datetime) -> Delivery:
        """By the signature over id, time and raw body; within five minutes of now."""
        number = check_standard(self._secrets, call.headers, call.body, now)
        topic = document_type(call.body) or ""
        field = KEYS.get(topic)
        return Delivery(topic, number, document_key(call.body, (field,)) if field else None)

    def decode(self, topic: str, raw: bytes) -> list[Document]:
        """The one document of a delivery."""
        check_type(topic, raw, GIVES)
        return decode(_DECODE, topic, raw, self._at)

    def send(self, document: Document, key: str) -> Receipt:
        """Post a document under its key, or leave it to be fetched."""
        tree = encode(_ENCODE, document, self._at)
        if self._http is None:
            return Receipt(PULLED)
        raw = json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()
        number = digest(key.encode())
        answer = self._http.call(
            "POST",
            body=raw,
            key=key,
            headers=sign_standard(self._secrets[0], number, self._clock(), raw),
            content_type="application/json",
            fates=_FATES,
            read="bytes",
        )
        return Receipt(reference(answer) or number)

    def find(self, document: Document) -> Receipt | None:
        """It cannot be asked; but the same key again is the same delivery."""
        del document
        return None
