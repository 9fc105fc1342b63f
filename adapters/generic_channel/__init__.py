"""A channel that speaks our own documents: JSON with Standard Webhooks signatures, both ways.

In: POST to `/in/<connection>`, one document a call, its `type` the topic. Out: POST to `url`, if
one is set, the same way.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import ClassVar

from pydantic import BaseModel

from adapters.kit.http import Transport
from adapters.kit.standard import Settings, StandardHooks
from adapters.ports import Call, Delivery, Receipt
from hub.model.document import Document
from mappings.generic import check_type, decoders, encoders
from mappings.kit import Context, decode, encode

GIVES = ("sales_order", "refund", "product")
TAKES = ("shipment", "stock_level", "refund")
KEYS = {"sales_order": "channel_order_id", "refund": "channel_order_id", "product": "sku"}
"""Type -> the field that names what must be worked in order."""

_DECODE, _ENCODE = decoders(GIVES), encoders(TAKES)


class GenericChannel:
    """One channel without a protocol of its own."""

    SETTINGS: ClassVar[type[BaseModel]] = Settings

    def __init__(
        self,
        settings: Settings,
        at: Context,
        transport: Transport,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._at, self._hooks = at, StandardHooks(settings, transport, clock)

    def check(self) -> None:
        """Reach the channel, where it has an address."""
        self._hooks.reach()

    def verify(self, call: Call, now: datetime) -> Delivery:
        """By the signature over id, time and raw body."""
        return self._hooks.delivery(call, now, KEYS)

    def decode(self, topic: str, raw: bytes) -> list[Document]:
        """The one document of a delivery."""
        check_type(topic, raw, GIVES)
        return decode(_DECODE, topic, raw, self._at)

    def send(self, document: Document, key: str) -> Receipt:
        """Post a document under its key."""
        tree = encode(_ENCODE, document, self._at)
        if not self._hooks.posts:
            return Receipt("not told: no url is set")
        return Receipt(self._hooks.post(tree, key))

    def find(self, document: Document) -> Receipt | None:
        """It cannot be asked; but the same key again is the same delivery."""
        del document
        return None
