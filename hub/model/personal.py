"""What in a document is a person's, and how to take it out of foreign words.

A partner that refuses something likes to quote it. Its words are kept beside the message, in
clear, for people to read; whose name and address they quote stays in the sealed exchange alone.
"""

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from pydantic import BaseModel

from hub.model.catalogue import DOCUMENTS
from hub.model.document import Document

MASK = "***"
_PERSONAL = (
    *("customer", "ship_to", "bill_to", "addresses"),
    *("name", "first_name", "last_name", "email", "phone", "company", "tax_id"),
    *("note", "customer_note", "gift_message", "instructions"),
)
_CODES = frozenset({"country", "language", "region_code", "channel_customer_id"})
"""Parts of a person that tell nothing of who it is."""
_SHORTEST, _LEAST_OF_A_CUT, _LEAST_DIGITS = 2, 4, 6
_NUMBER = re.compile(r"[+0-9 ()./-]+")


_FREE = ("attributes", "tags")
"""What channels add of their own: it may say anything about anybody."""


_WHERE = frozenset({"ship_to", "bill_to"})
_LEFT = ("country",)
_EMPTIED: Mapping[str, Any] = {
    "customer": None,
    "email": None,
    "phone": None,
    "first_name": None,
    "last_name": None,
    "company": None,
    "tax_id": None,
    "note": None,
    "customer_note": None,
    "gift_message": None,
    "instructions": None,
    "inspector_note": None,
    "message": None,
    "operator": None,
    "signed_by": None,
    "pickup_point": None,
    "phone_tail": None,
    "tracking_url": None,
    "label_url": None,
    "documents": [],
    "addresses": [],
    "tags": [],
    "images": [],
    "attributes": {},
}
"""Field, wherever it stands -> what is in its place."""
_WRITTEN = frozenset({"reason", "title", "grade"})
"""Words that somebody wrote: they may name him."""
Hide = Callable[[str], str]


def fields_of(kind: str) -> tuple[str, ...] | None:
    """The fields of a canonical document that are a person's, each with all beneath it; None where
    there is no document of that type.
    """
    model = DOCUMENTS.get(kind)
    if model is None:
        return None
    own = [name for name in (*_PERSONAL, *_FREE) if name in model.model_fields]
    return (*own, "delivery.instructions", "lines.attributes")


def personal(documents: Iterable[Document]) -> frozenset[str]:
    """Every text in the documents that is a person's; of names also each word."""
    found: set[str] = set()
    for document in documents:
        for part in (document, getattr(document, "delivery", None)):
            for field in _PERSONAL:
                found.update(_texts(getattr(part, field, None), field))
    return frozenset(text for text in found if len(text) >= _SHORTEST)


def hide(text: str, values: Iterable[str]) -> str:
    """The text without these values, however they are escaped, and without one that its end cuts
    short.
    """
    longest_first = sorted(values, key=len, reverse=True)
    patterns = [_pattern(spelling) for value in longest_first for spelling in _spellings(value)]
    if patterns:
        text = re.sub("|".join(patterns), MASK, text, flags=re.IGNORECASE)
    for value in longest_first:
        for length in range(len(value) - 1, _LEAST_OF_A_CUT - 1, -1):
            if text.lower().endswith(value[:length].lower()):
                return text[:-length] + MASK
    return text


def without_person(document: Document, hide: Hide) -> Document:
    """What is left of a document when its person is forgotten: numbers, amounts, dates, articles,
    and the country that decides about tax. `hide` takes him out of free words.
    """
    tree = document.model_dump(mode="json")
    return DOCUMENTS[document.type].model_validate(_emptied(tree, hide))


def hidden(tree: Any, hide: Hide) -> Any:
    """A tree of our own without him, in every text."""
    if isinstance(tree, list):
        return [hidden(one, hide) for one in tree]
    if isinstance(tree, dict):
        return {name: hidden(value, hide) for name, value in tree.items()}
    return hide(tree) if isinstance(tree, str) else tree


def _emptied(tree: Any, hide: Hide) -> Any:
    if isinstance(tree, list):
        return [_emptied(one, hide) for one in tree]
    if not isinstance(tree, dict):
        return tree
    return {name: _left(name, value, hide) for name, value in tree.items()}


def _left(name: str, value: Any, hide: Hide) -> Any:
    if name in _WHERE:
        return value and {part: value.get(part) for part in _LEFT}
    if name in _EMPTIED:
        return _EMPTIED[name]
    if name in _WRITTEN and isinstance(value, str):
        return hide(value) or None
    return _emptied(value, hide)


def _texts(value: object, field: str) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        if field.endswith("name"):
            yield from (word for word in value.split() if len(word) > _SHORTEST)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            if name not in _CODES:
                yield from _texts(getattr(value, name), name)
    elif isinstance(value, tuple):
        for entry in value:
            yield from _texts(entry, field)


def _spellings(value: str) -> Iterator[str]:
    escaped = json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]
    yield from dict.fromkeys(
        (value, *escaped, html.escape(value), quote(value, safe=""), quote_plus(value))
    )


def _pattern(value: str) -> str:
    """The value as a word of its own; a telephone number however it is grouped."""
    digits = re.sub(r"\D", "", value)
    if len(digits) >= _LEAST_DIGITS and _NUMBER.fullmatch(value):
        return r"\+?" + r"[ ().\-/]*".join(digits)
    return rf"(?<!\w){re.escape(value)}(?!\w)"
