"""What comes in forms and links: named fields only, bounded, without control characters."""

from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

from flask import request

from hub.model.document import NOT_TEXT, clean

_LONGEST = 500


def text(name: str, longest: int = _LONGEST) -> str:
    """A field of the form as clean text; empty where it is missing or no text."""
    return _read(request.form.get(name), longest)


def texts(name: str, most: int = 50) -> list[str]:
    """All values of a field that may be chosen several times."""
    return [found for one in request.form.getlist(name)[:most] if (found := _read(one, _LONGEST))]


def arg(name: str, longest: int = 200) -> str | None:
    """An argument of the link; None where it is missing or no text."""
    return _read(request.args.get(name), longest) or None


def choice(name: str, *choices: str) -> str | None:
    """An argument of the link that is one of a few; None for anything else."""
    found = arg(name)
    return found if found in choices else None


def uuid(given: str | None) -> UUID | None:
    """An id, where it is one."""
    try:
        return UUID(given) if given else None
    except ValueError:
        return None


def moment(name: str) -> datetime | None:
    """A field of the form as a time, UTC where it names no offset; None where it is none."""
    try:
        found = datetime.fromisoformat(text(name))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def place(given: str | None, otherwise: str) -> str:
    """A path within this site to go to next, never another site's."""
    if not given or not given.startswith("/") or given[1:2] in {"/", "\\"} or "\\" in given:
        return otherwise
    parts = urlsplit(given)
    if parts.scheme or parts.netloc or NOT_TEXT.search(given) or not given.isprintable():
        return otherwise
    return given


def _read(given: str | None, longest: int) -> str:
    if given is None or NOT_TEXT.search(given):
        return ""
    return clean(given)[:longest]
