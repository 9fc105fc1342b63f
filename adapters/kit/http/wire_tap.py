"""The wire tap: a copy of every exchange with a partner, secrets masked, for the list of attempts.

`with recording() as exchanges:` collects what `Http` and other transports feed while it lasts, per
thread and task.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import lru_cache
from time import monotonic
from typing import Any
from urllib.parse import quote, quote_plus

from adapters.kit.http.exchange import Reply
from hub.model.errors import NeedsPerson, OutcomeUnknown, TryLater

CAP = 64 * 1024
MASK = "***"

_SECRET_HEADER = re.compile(
    r"authorization|cookie|token|secret|signature|hmac|password|api-?key|x-sign", re.IGNORECASE
)
_SECRET_QUERY = re.compile(
    r"((?:^|[?&])(?:sign|signature|hmac|session|password|pwd|key|api_?key"
    r"|[a-z_]*token|[a-z_]*secret|oauth_signature)=)[^&#]*",
    re.IGNORECASE,
)
_MIN_SECRET = 4


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back, as bytes. `error` names the failure, where there was one."""

    method: str
    url: str
    request_headers: Mapping[str, str] = field(default_factory=dict)
    request_body: bytes = b""
    status: int | None = None
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_body: bytes = b""
    ms: int = 0
    error: str | None = None


_RECORDING: ContextVar[list[Exchange] | None] = ContextVar("exchanges", default=None)


@contextmanager
def recording() -> Iterator[list[Exchange]]:
    """Collect the exchanges that happen inside."""
    exchanges: list[Exchange] = []
    token = _RECORDING.set(exchanges)
    try:
        yield exchanges
    finally:
        _RECORDING.reset(token)


def is_recording() -> bool:
    """Whether anybody wants to see exchanges."""
    return _RECORDING.get() is not None


def feed(exchange: Exchange, secrets: tuple[str, ...] = ()) -> None:
    """Add an exchange, masked and capped, to the recording that is on, if any."""
    exchanges = _RECORDING.get()
    if exchanges is not None:
        exchanges.append(_masked(exchange, secrets))


def tapped(
    method: str,
    url: str,
    headers: Mapping[str, str],
    raw: bytes,
    secrets: tuple[str, ...],
    talk: Callable[[], Reply],
) -> Reply:
    """Talk to a partner, and feed what was said to the recording that is on, if any."""
    if not is_recording():
        return talk()
    exchange, started = Exchange(method, url, headers, raw), monotonic()
    try:
        reply = talk()
    except (TryLater, OutcomeUnknown, NeedsPerson) as fate:
        feed(replace(exchange, ms=_since(started), error=str(fate)), secrets)
        raise
    exchange = replace(exchange, ms=_since(started), status=reply.status)
    feed(replace(exchange, response_headers=reply.headers, response_body=reply.body), secrets)
    return reply


def _since(started: float) -> int:
    return round((monotonic() - started) * 1000)


def scrub(text: str, secrets: tuple[str, ...]) -> str:
    """The text without the secrets, however they are escaped."""
    for secret in secrets:
        for spelling, _ in _spellings(secret):
            text = text.replace(spelling, MASK)
    return text


@lru_cache(maxsize=256)
def _spellings(secret: str) -> tuple[tuple[str, bytes], ...]:
    """How a secret may be written, in text and bytes. None of one too short to look for."""
    if len(secret) < _MIN_SECRET:
        return ()
    spellings = {secret, quote(secret, safe=""), quote_plus(secret)}
    return tuple((spelling, spelling.encode()) for spelling in spellings)


def scrub_all(value: Any, secrets: tuple[str, ...]) -> Any:
    """A tree of foreign words without the secrets."""
    if isinstance(value, str):
        return scrub(value, secrets)
    if isinstance(value, list):
        return [scrub_all(part, secrets) for part in value]
    if isinstance(value, dict):
        return {name: scrub_all(part, secrets) for name, part in value.items()}
    return value


def masked_url(url: str, secrets: tuple[str, ...] = ()) -> str:
    """The URL without secrets in its query."""
    return scrub(_SECRET_QUERY.sub(rf"\1{MASK}", url), secrets)


def masked_headers(headers: Mapping[str, str], secrets: tuple[str, ...] = ()) -> dict[str, str]:
    """The headers with the values of those that carry credentials or signatures masked."""
    return {
        name: MASK if _is_secret(name) else scrub(value, secrets) for name, value in headers.items()
    }


@lru_cache(maxsize=256)
def _is_secret(header: str) -> bool:
    return _SECRET_HEADER.search(header) is not None


def _masked(exchange: Exchange, secrets: tuple[str, ...]) -> Exchange:
    return replace(
        exchange,
        url=masked_url(exchange.url, secrets),
        request_headers=masked_headers(exchange.request_headers, secrets),
        request_body=_scrubbed(exchange.request_body, secrets),
        response_headers=masked_headers(exchange.response_headers, secrets),
        response_body=_scrubbed(exchange.response_body, secrets),
        error=scrub(exchange.error, secrets) if exchange.error else None,
    )


def _scrubbed(body: bytes, secrets: tuple[str, ...]) -> bytes:
    """A body without secrets, then cut; a secret across the cut is gone before it."""
    for secret in secrets:
        for _, spelling in _spellings(secret):
            body = body.replace(spelling, MASK.encode())
    return body[:CAP]
