"""Text that was written for a page: with entities, or with tags in it."""

import html
import re

from hub.model.document import TEXT_LIMIT

_TAG = re.compile(r"<[^<>]*>")


def unescaped(text: str | None) -> str | None:
    """Text that may hold entities (`&amp;`), such as a name."""
    return (html.unescape(text).strip() or None) if text else None


def untagged(body: str | None) -> str | None:
    """A description without its tags."""
    return (unescaped(_TAG.sub(" ", body)) or "")[:TEXT_LIMIT] or None if body else None
