"""New terms for a merchant as a person writes them, of contracts and of returns alike: YAML, and
the moment from which they count.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from flask import request
from flask_babel import gettext as _

from admin import forms
from hub.model.errors import BadData, Problem

T = TypeVar("T")
_LONGEST = 32 * 1024


@dataclass(frozen=True, slots=True)
class Given:
    """What a person wrote; `valid_from` empty: from now on."""

    valid_from: str
    terms: str


class Wrong(Exception):
    """What was written cannot be put in force; by field of the form."""

    def __init__(self, problems: Mapping[str, Sequence[Problem]]) -> None:
        super().__init__()
        self.problems = problems


def given() -> Given:
    """The form as it came."""
    terms = request.form.get("terms", "").replace("\r\n", "\n")
    return Given(forms.text("valid_from", 40), terms)


def read(written: Given, terms_of: Callable[[str], T]) -> tuple[datetime | None, T]:
    """From when on, None for now, and the terms. Wrong with everything that is; `terms_of` raises
    BadData.
    """
    problems: dict[str, Sequence[Problem]] = {}
    valid_from = forms.moment("valid_from") if written.valid_from else None
    if written.valid_from and valid_from is None:
        why = str(_("a time such as 2026-12-01T00:00 is expected"))
        problems["valid_from"] = [Problem("", "bad_time", why)]
    try:
        terms = terms_of(_bounded(written.terms))
    except BadData as error:
        raise Wrong(problems | {"terms": error.problems()}) from None
    if problems:
        raise Wrong(problems)
    return valid_from, terms


def _bounded(text: str) -> str:
    if len(text) > _LONGEST:
        raise BadData(_("The text is larger than the hub takes."), code="too_large")
    return text
