"""What a good answer holds: JSON read strictly, bytes, or nothing."""

from typing import Any, Literal

from adapters.kit.http.exchange import Reply
from adapters.kit.http.line import lost
from hub.model.errors import BadData
from mappings.reading import read_json, silently

Read = Literal["json", "bytes", "none"]

_EMPTY = frozenset({204, 205})
_TEXTS = ("json", "text", "javascript")


def read_answer(method: str, reply: Reply, read: Read, *, write: bool) -> Any:
    """The answer's content, None where there is none. What is unreadable is lost."""
    if read == "none" or (reply.status in _EMPTY and not reply.body):
        return None
    if read == "bytes":
        return reply.body
    kind = reply.headers.get("content-type", "json").lower()
    if not any(word in kind for word in _TEXTS):
        message = f"{method} answered {reply.status} with content that is no JSON"
        raise lost(message, write=write)
    try:
        return read_json(reply.body, silently)
    except BadData as error:
        message = f"{method} answered {reply.status}, unreadable: {error}"
        raise lost(message, write=write) from None
