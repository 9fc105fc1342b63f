"""A stored sentence of the hub in the reader's language.

What is stored is one English sentence with its values in it; its template is found again here. One
that is not in the list, such as a partner's own words, is shown as it is.
"""

import re
from functools import cache

from flask_babel import get_locale, gettext

from admin.shown.sentences import TEMPLATES

_PLACE = re.compile(r"\{\d+\}")
_LONGEST = 2_000


def translated(sentence: str | None) -> str:
    """A sentence in the reader's language, as far as it is one of ours."""
    if not sentence or str(get_locale()) == "en" or len(sentence) > _LONGEST:
        return sentence or ""
    return "; ".join(_part(part) for part in sentence.split("; "))


def _part(text: str) -> str:
    for template, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return str(gettext(template)).format(*(_part(one) for one in found.groups()))
    return text


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Templates with how they are recognised, those with the most words of their own first."""
    ordered = sorted(TEMPLATES, key=lambda one: -len(_PLACE.sub("", one)))
    return [
        (one, re.compile("(.*?)".join(map(re.escape, _PLACE.split(one))), re.DOTALL))
        for one in ordered
    ]
