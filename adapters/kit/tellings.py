"""What a partner is told and asked, by what the document is."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from adapters.kit.signature import digest
from adapters.ports import Delivery, Find, Listed, Receipt, Send, takes_nothing
from hub.model.document import Document


class Way(NamedTuple):
    """How documents of one type are told, and how the partner is asked whether it has one."""

    send: Callable[[Any, str], Receipt]
    find: Callable[[Any], Receipt | None]


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
