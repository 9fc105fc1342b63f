"""What a partner is told and asked, by what the document is."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from adapters.kit.signature import digest
from adapters.ports import Delivery, Find, Listed, Receipt, Send, takes_nothing
from hub.model.document import Document, Number
from hub.model.fulfilment import (
    FulfilmentCancellation,
    FulfilmentStatus,
    Shipment,
    WarehouseWord,
)
from hub.model.order import OrderCancellation, Refund
from mappings.kit import Context, Encoders, encode
from mappings.kit.marks import mark

NOT_LISTED = Receipt("not listed", kept=False)
"""A channel that does not list an article needs no level of it."""
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


def as_bytes(tree: Mapping[str, Any]) -> bytes:
    """What was read, as JSON again: numbers are numbers."""
    return json.dumps(_plain(tree), ensure_ascii=False, separators=(",", ":")).encode()


def _plain(tree: Any) -> Any:
    if isinstance(tree, Number):
        return int(tree) if tree.lstrip("-").isdigit() else float(tree)
    if isinstance(tree, Mapping):
        return {name: _plain(value) for name, value in tree.items()}
    return [_plain(value) for value in tree] if isinstance(tree, list) else tree


Told = tuple[Document, str]
Outcome = Receipt | Exception
D = TypeVar("D", bound=Document)
W = TypeVar("W")


def once(told: Callable[[Any], Receipt], found: Callable[[Any], Receipt | None]) -> Way:
    """A way to a partner that takes no keys: what is there is not told again."""
    return Way(lambda document, _: found(document) or told(document), found)


def ours(
    rows: Iterable[Mapping[str, Any]] | None,
    document: Shipment | Refund | OrderCancellation,
    where: str,
    number: str = "id",
) -> Receipt | None:
    """The first of these that bears our number in a field: a text, or texts at any depth."""
    words = mark(document)
    marked = (it for it in rows or () if _says(it.get(where), words))
    return next((Receipt(str(it[number])) for it in marked), None)


def _says(told: Any, words: str) -> bool:
    if isinstance(told, Mapping):
        told = list(told.values())
    if isinstance(told, list):
        return any(_says(inner, words) for inner in told)
    return isinstance(told, str) and words in told


def together(
    batch: Sequence[Told],
    kind: type[D],
    written: Callable[[D], W],
    many: Callable[[Sequence[W]], Sequence[Outcome]],
    send: Send,
) -> list[Outcome]:
    """`send_many` of a partner that takes documents of one kind together, all else one by one; what
    is at fault holds up no other. `written` makes of each what `many` tells; what `many` raises is
    the fate of each of them.
    """
    outcomes: dict[int, Outcome] = {}
    ready: dict[int, W] = {}
    for n, (document, key) in enumerate(batch):
        try:
            if isinstance(document, kind):
                ready[n] = written(document)
            else:
                outcomes[n] = send(document, key)
        except Exception as fate:  # noqa: BLE001 - one document's fault is its own
            outcomes[n] = fate
    try:
        said = many(list(ready.values())) if ready else ()
        outcomes |= dict(zip(ready, said, strict=True))
    except Exception as fate:  # noqa: BLE001 - it is the fate of each of them
        outcomes |= dict.fromkeys(ready, fate)
    return [outcomes[n] for n in range(len(batch))]


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
