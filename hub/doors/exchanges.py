"""What went over the wire in an attempt, for people: in clear, or with what is personal hidden."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from hub.doors import masking
from hub.doors.fields import Fields
from hub.doors.masking import Shown

_GRAPHQL = re.compile(r"\b(?:mutation|query)\s+(\w+)")
_OPERATION = re.compile(r"[\w./:-]{1,100}")
_HEADERS = frozenset(
    {
        *("content-type", "content-length", "idempotency-key", "webhook-id", "webhook-timestamp"),
        *("retry-after", "date", "x-request-id", "request-id", "x-shopify-topic", "allow"),
        *("x-shopify-api-version", "x-shopify-webhook-id"),
    }
)
"""Headers that tell nothing of anybody."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `operation`: what was asked for, where the address does not say; `response` None:
    none came.
    """

    method: str
    url: str
    operation: str
    status: int | None
    ms: int | None
    error: str | None
    request: Shown
    response: Shown | None
    headers: tuple[tuple[str, str], ...]

    @property
    def failed(self) -> bool:
        return self.error is not None or (self.status or 0) >= 400


def calls(exchange: bytes | None, fields: Fields | None, known: Sequence[str] = ()) -> list[Call]:
    """The calls of an attempt; in clear where no fields are hidden. `known`: what is hidden
    wherever it stands. A trace of a fault of ours is no call.
    """
    try:
        made = json.loads(exchange or b"[]")
    except ValueError:
        return []
    if not isinstance(made, list):
        return []
    return [_call(entry, fields, known) for entry in made if isinstance(entry, dict)]


def masked(exchange: bytes | None, fields: Fields, known: Sequence[str] = ()) -> str | None:
    """The same as the JSON of an exchange, for programs."""
    found = calls(exchange, fields, known)
    if not found:
        return None
    return json.dumps([_tree(one) for one in found], ensure_ascii=False)


def _call(entry: Mapping[str, Any], fields: Fields | None, known: Sequence[str]) -> Call:
    url, body = str(entry.get("url") or ""), str(entry.get("request_body") or "")
    place, _, query = url.partition("?")
    status, answered = entry.get("status"), str(entry.get("response_body") or "")
    headers = entry.get("response_headers") or {}
    sent = entry.get("request_headers") or {}
    return Call(
        method=str(entry.get("method") or ""),
        url=url if fields is None else place,
        operation=_operation(query, body),
        status=status if isinstance(status, int) else None,
        ms=entry.get("ms") if isinstance(entry.get("ms"), int) else None,
        error=str(entry["error"]) if entry.get("error") else None,
        request=_body(body, fields, known, free=False),
        response=None if status is None else _body(answered, fields, known, free=True),
        headers=tuple(_headers(sent, "→", fields) + _headers(headers, "←", fields)),
    )


def _operation(query: str, body: str) -> str:
    """The protocol's own name of what is called."""
    named: Any = parse_qs(query).get("method", [None])[0]
    if named is None and body.lstrip().startswith("{"):
        try:
            tree = json.loads(body)
        except (ValueError, RecursionError):
            return ""
        named = tree.get("method") or tree.get("operationName")
        if not named and (match := _GRAPHQL.search(str(tree.get("query") or ""))):
            named = match[1]
    return named if isinstance(named, str) and _OPERATION.fullmatch(named) else ""


def _body(text: str, fields: Fields | None, known: Sequence[str], *, free: bool) -> Shown:
    if fields is None:
        return masking.clear(text)
    return masking.payload(text.encode("utf-8", "replace"), fields, free=free, known=known)


def _headers(given: Any, way: str, fields: Fields | None) -> list[tuple[str, str]]:
    if not isinstance(given, Mapping):
        return []
    shown = ((str(name), str(value)) for name, value in given.items())
    return sorted(
        (f"{way} {name}", value)
        for name, value in shown
        if fields is None or name.lower() in _HEADERS
    )


def _tree(call: Call) -> dict[str, Any]:
    return {
        "method": call.method,
        "url": call.url,
        "operation": call.operation or None,
        "status": call.status,
        "ms": call.ms,
        "error": call.error,
        "request_body": call.request.whole,
        "response_body": call.response.whole if call.response else None,
    }
