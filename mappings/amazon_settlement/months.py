"""Months by the words of a seller's language, as Babel knows them."""

import re
from functools import cache

from babel.dates import get_month_names

_LANGUAGES = ("de", "fr", "it", "es", "nl", "sv", "pl", "pt", "tr", "en")
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WORD = re.compile(r"[^\W\d_]+\.?")
_OF = re.compile(r"\bde\b\.?\s*", re.IGNORECASE)


def in_english(told: str) -> str:
    """A time with its month in English: `1 août 2026` is 1 Aug 2026. Other words stay."""
    return _WORD.sub(lambda word: _months().get(_plain(word[0]), word[0]), _OF.sub("", told))


def _plain(word: str) -> str:
    return word.casefold().rstrip(".")


@cache
def _months() -> dict[str, str]:
    return {
        _plain(word): _ENGLISH[number - 1]
        for language in _LANGUAGES
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for number, word in get_month_names(width, context, language).items()
    }
