"""What an adapter is: five methods, whatever the partner. What differs by port is data in its
manifest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from hub.model.document import Document

Port = Literal["channel", "warehouse", "erp", "crm", "finance"]


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request as it reached the gateway. Header names are in lower case; `body` is as
    received.
    """

    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """An authentic delivery. `id` recognises a repeat of it; `key` is what it is about (one
    order, one SKU):
    deliveries of one key take effect in order. Without a key it stands alone."""

    topic: str
    id: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the partner hears, in its own form."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The partner has it. `reference` is its own id of it; `documents` are facts that its answer
    already states.
    """

    reference: str
    documents: tuple[Document, ...] = ()


class Adapter(Protocol):
    """Transport and credentials of one connection. Translation is in `mappings/`; no business rule
    is here.
    """

    def check(self) -> None:
        """Call the partner harmlessly; raises a fate where that does not work."""

    def verify(self, call: Call, now: datetime) -> Delivery:
        """Prove who sent it, over the raw bytes. NotAuthentic where it does not."""

    def decode(self, topic: str, raw: bytes) -> list[Document]:
        """Canonical documents. BadData, UnknownCode or Ignored where there are none."""

    def send(self, document: Document, key: str) -> Receipt:
        """Tell the partner. `key` is the same for every telling of the same thing."""

    def find(self, document: Document) -> Receipt | None:
        """Whether the partner has it already, by our own reference. None: it does not know it."""


class Answering(Protocol):
    """An adapter whose partner expects an answer in its own form."""

    def answer(self, code: str | None, message: str) -> Answer:
        """`code` is None where the delivery is stored, else why it is not."""


class Batching(Protocol):
    """An adapter whose partner takes several documents in one call."""

    def send_many(self, batch: Sequence[tuple[Document, str]]) -> list[Receipt | Exception]:
        """Tell the partner all (document, key); one receipt or fate for each, in the same order."""
