"""What a partner is told and asked, by what the document is."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from adapters.kit.signature import digest
from adapters.ports import Delivery, Find, Listed, Receipt, Send, takes_nothing
from hub.model.document import Document
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentStatus, WarehouseWord
from mappings.kit import Context, Encoders, encode

_MOST_SAID = 500
"""Characters of a warehouse's message that are kept."""


class Way(NamedTuple):
    """How documents of one type are told, and how the partner is asked whether it has one."""

    send: Callable[[Any, str], Receipt]
    find: Callable[[Any], Receipt | None]


def encoded(
    table: Encoders, at: Context
) -> Callable[[Callable[[Any], Receipt], Callable[[Any], Receipt | None]], Way]:
    """A way, of what tells a document and what asks for one in the partner's own form."""

    def way(told: Callable[[Any], Receipt], found: Callable[[Any], Receipt | None]) -> Way:
        return Way(
            lambda document, _: told(encode(table, document, at)),
            lambda document: found(encode(table, document, at)),
        )

    return way


def by_type(ways: Mapping[type[Document], Way]) -> tuple[Send, Find]:
    """`send` and `find` of a partner that takes documents of these types."""

    def send(document: Document, key: str) -> Receipt:
        way = ways.get(type(document))
        return takes_nothing(document, key) if way is None else way.send(document, key)

    def find(document: Document) -> Receipt | None:
        way = ways.get(type(document))
        return None if way is None else way.find(document)

    return send, find


def by_content(topic: str, raw: bytes, key: str | None) -> Delivery:
    """A delivery without an id of its own: equal bytes are the same telling."""
    content = digest(topic.encode() + b"\n" + raw)
    return Delivery(topic, content, key, content)


def listed(topic: str, raw: bytes, key: str | None) -> Listed:
    """A change that was found by asking, and has no id of its own."""
    return Listed(by_content(topic, raw, key), raw)


def on_cancelling(
    document: FulfilmentCancellation,
    word: WarehouseWord,
    number: str | None,
    message: str | None,
    *,
    at: Context,
    now: datetime,
) -> Receipt:
    """A warehouse's word on the wish to cancel, as a receipt that says so. `number`: its own of
    the order.
    """
    order = document.fulfilment_order_id
    status = FulfilmentStatus(
        source=at.source(f"{order}:{word}:{document.source.id}", occurred_at=now),
        fulfilment_order_id=order,
        status=word,
        at=now,
        message=(message or "")[:_MOST_SAID] or None,
        warehouse_reference=number,
    )
    return Receipt(number or order, (status,))
