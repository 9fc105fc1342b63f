"""What in a document is a person's, and how to take it out of foreign words.

A partner that refuses something likes to quote it. Its words are kept beside the message, in
clear, for people to read; whose name and address they quote stays in the sealed exchange alone.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from pydantic import BaseModel

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
        for one in value:
            yield from _texts(one, field)


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
