"""What an adapter is: functions that are connected to one partner, the same whatever the partner.
What differs by port is data in its manifest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel

from adapters.kit.http import Transport
from hub.model.document import Document
from hub.model.errors import Ignored, NeedsPerson, NotAuthentic, Rejected
from mappings.kit import Context

Port = Literal["channel", "warehouse", "erp", "crm", "finance", "carrier"]


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
    deliveries of one key take effect in order. Without a key it stands alone.

    `content`: a digest that recognises a repeat instead of the id. An adapter gives it where the
    signature covers neither an id nor a time: whoever captured a body could send it for ever under
    ids of his own. Equal content must then mean the same telling."""

    topic: str
    id: str
    key: str | None = None
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a partner was listed, in its own terms: the time of the last change, by its clock and
    never by ours, and the id within equal times; or a token of its own. All may be missing.
    """

    at: datetime | None = None
    id: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A change that was found by asking. `delivery` names it just as `verify` names the webhook of
    the same change: they are one message then. Without `raw` the event is thin: `fetch` brings it.
    """

    delivery: Delivery
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some changes in the partner's order, the oldest first, and where to go on after them.

    Whoever starts from `after` misses nothing that came later; he may be told of the same again. An
    empty page may leave `after` as it was.
    """

    changes: Sequence[Listed]
    after: Cursor


Listing = Callable[[str, Cursor], Iterator[Page]]
"""What changed of a topic since a cursor (at that time or later), page by page, each asked for when
it is wanted: whoever asks for the next has kept the one before. CursorExpired where the partner
does not know the cursor any more."""
Fetch = Callable[[str, str], bytes]
"""The body of a thin event, by topic and delivery id: as `decode` reads it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the partner hears, in its own form."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The partner has it. `reference` is its own id of it; `documents` are facts that its answer
    already states. `kept` is false where the partner has no use for it now and keeps nothing of it
    (stock of an article that it does not list): when it may have, it is told again.
    """

    reference: str
    documents: tuple[Document, ...] = ()
    kept: bool = True


Check = Callable[[], object]
"""Call the partner harmlessly; raises a fate where that does not work."""
Verify = Callable[[Call, datetime], Delivery]
"""Prove who sent it, over the raw bytes, at this time. NotAuthentic where it does not."""
Decode = Callable[[str, bytes], list[Document]]
"""Canonical documents of a topic's bytes. BadData, UnknownCode or Ignored where there are none."""
Whole = Callable[[str, bytes], tuple[str, bytes]]
"""The topic and bytes that `decode` reads in place of a delivery that only names what it is about:
the partner is asked for it. Any other delivery as it is. Ignored where the partner knows it no
more."""
Send = Callable[[Document, str], Receipt]
"""Tell the partner. The key is the same for every telling of the same thing."""
Find = Callable[[Document], Receipt | None]
"""Whether the partner has it already, by our own reference. None: it does not know it."""
SendMany = Callable[[Sequence[tuple[Document, str]]], list[Receipt | Exception]]
"""Tell the partner all (document, key); one receipt or fate for each, in the same order."""


def posts_nothing(_: Call, __: datetime) -> Delivery:
    """`verify` where the partner is called and does not call."""
    raise NotAuthentic("no_webhooks")


def says_nothing(_: str, __: bytes) -> list[Document]:
    """`decode` where nothing comes from the partner."""
    raise Ignored("not_subscribed")


def takes_nothing(document: Document, _: str) -> Receipt:
    """`send` where the partner is told nothing."""
    raise Rejected(f"it is not told of a {document.type}", path="type", code="unknown_code")


def cannot_be_asked(_: Document) -> Receipt | None:
    """`find` where the partner answers no such question: a person looks, unless it honours keys."""
    message = "it cannot be asked whether it has this: look there, then say whether it arrived"
    raise NeedsPerson(message, code="unknown_outcome")


@dataclass(frozen=True, slots=True, repr=False)
class Parts:
    """One connection to a partner, as functions. What is left out the partner cannot do. No
    business rule is here, and translation is in `mappings/`. It has no repr: functions hold
    secrets.
    """

    check: Check
    verify: Verify = posts_nothing
    decode: Decode = says_nothing
    whole: Whole | None = None
    send: Send = takes_nothing
    find: Find = cannot_be_asked
    list: Listing | None = None
    fetch: Fetch | None = None
    send_many: SendMany | None = None


def documents_of(parts: Parts, topic: str, raw: bytes) -> list[Document]:
    """What a delivery holds. One that only names it makes a call."""
    if parts.whole is not None:
        topic, raw = parts.whole(topic, raw)
    return parts.decode(topic, raw)


Clock = Callable[[], datetime]
Recognises = Callable[[Call], bool]


def now_utc() -> datetime:
    """The clock of whoever brings none."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Adapter:
    """What an entry point names: how a partner of this kind is connected.

    `settings` is the model of settings and secrets together; `connect` gets one that was read, what
    mappings may know of the connection, how it may use the network, and a clock.

    Where the partner expects an answer in its own form there are `answer(code, message)`, its code
    None where the delivery is stored, and `recognises(call)`: whether a call is of this partner's
    kind, by its outside. Both stand beside the parts: who has not proved anything is answered by
    what was asked, not by which connection that may be.
    """

    settings: type[BaseModel]
    connect: Callable[[Any, Context, Transport, Clock], Parts]
    answer: Callable[[str | None, str], Answer] | None = None
    recognises: Recognises | None = None
