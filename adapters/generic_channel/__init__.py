"""A channel that speaks our own documents: JSON with Standard Webhooks signatures, both ways.

In: POST to `/in/<connection>`, one document a call, its `type` the topic. Out: POST to `url`, if
one is set, the same way; the outward key is the `webhook-id`, so a receiver that drops repeats by
it does each thing once. Source: Standard Webhooks specification 1.0.
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
from hub.model.errors import Rejected
from mappings.generic import decoders, document_key, document_type, encoders
from mappings.kit import Context, decode, encode

GIVES = ("sales_order", "refund", "product")
TAKES = ("shipment", "stock_level", "refund")
DECODE, ENCODE = decoders(GIVES), encoders(TAKES)

KEYS = {
    "sales_order": ("channel_order_id",),
    "refund": ("channel_order_id",),
    "product": ("sku",),
}
"""Type -> the field that names what must be worked in order."""


class Settings(BaseModel):
    """Settings and secrets of a generic channel."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(None, description="where documents are posted; absent: told nothing")
    webhook_secret: RotatingSecret = Field(
        description="signs both ways (whsec_ and base64, or any text); one a line, newest first"
    )


class GenericChannel:
    """One channel without a protocol of its own."""

    SETTINGS: ClassVar[type[BaseModel]] = Settings

    def __init__(
        self,
        settings: Settings,
        at: Context,
        transport: Transport,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._at, self._now = at, now
        self._secrets = revealed(settings.webhook_secret)
        url = settings.url
        self._http = Http(url, transport=transport, secrets=self._secrets) if url else None

    def check(self) -> None:
        """Reach the channel, where it has an address. That it refuses a GET shows that it is
        there.
        """
        if self._http is None:
            return
        try:
            self._http.call("GET", read="none")
        except Rejected as refused:
            if refused.code != Rejected.code:
                raise

    def verify(self, call: Call, now: datetime) -> Delivery:
        """By the signature over id, time and raw body; within five minutes of now."""
        number = check_standard(self._secrets, call.headers, call.body, now)
        topic = document_type(call.body) or ""
        return Delivery(topic, number, document_key(call.body, KEYS.get(topic, ())))

    def decode(self, topic: str, raw: bytes) -> list[Document]:
        """The one document of a delivery."""
        return decode(DECODE, topic, raw, self._at)

    def send(self, document: Document, key: str) -> Receipt:
        """Post a document under its key."""
        tree = encode(ENCODE, document, self._at)
        if self._http is None:
            return Receipt("not told: no url is set")
        raw = json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()
        number = digest(key.encode())
        headers = sign_standard(self._secrets[0], number, self._now(), raw)
        kind = "application/json"
        self._http.call("POST", body=raw, key=key, headers=headers, content_type=kind, read="none")
        return Receipt(number)

    def find(self, document: Document) -> Receipt | None:
        """It cannot be asked; but the same `webhook-id` again is the same delivery."""
        del document
        return None
