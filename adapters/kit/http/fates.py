"""What a status means: one fate for each, in one table."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from adapters.kit.http.exchange import Reply
from adapters.kit.http.wire_tap import scrub
from hub.model.errors import EndpointMissing, NotAuthorised, OutcomeUnknown, Rejected, TryLater

_LONGEST_WAIT, _WORDS = 24 * 3600.0, 300
_UNNAMED_WAIT_S = 5.0
"""What a 429 asks for that does not say how long."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0080-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")

_HOST = re.compile(r"[a-z0-9.:-]{1,253}")

Fates = Mapping[int, type[Exception]]
FATES: dict[int, type[Exception]] = {
    401: NotAuthorised,
    403: NotAuthorised,
    404: EndpointMissing,
    408: TryLater,
    410: EndpointMissing,
    425: TryLater,
    429: TryLater,
    503: TryLater,
}
"""Status -> fate. What is not here: 5xx is `OutcomeUnknown`, all else that is no 2xx is `Rejected`,
3xx as `redirected`.
A read never has an unknown outcome: there `OutcomeUnknown` becomes `TryLater`."""


def fate_of(
    method: str, reply: Reply, fates: Fates, secrets: tuple[str, ...], *, write: bool
) -> Exception:
    """The fate of an answer that is no 2xx, with the partner's words."""
    if 300 <= reply.status < 400:
        message = f"{method} answered {reply.status}: it leads to {_whither(reply)}, not followed"
        return Rejected(scrub(message, secrets), code="redirected")
    default = OutcomeUnknown if reply.status >= 500 else Rejected
    kind = {**FATES, **fates}.get(reply.status, default)
    words = scrub(_words(reply), secrets)
    message = f"{method} answered {reply.status}" + (f": {words}" if words else "")
    if issubclass(kind, TryLater) or (issubclass(kind, OutcomeUnknown) and not write):
        after = retry_after(reply.headers.get("retry-after"))
        if after is None and reply.status == 429:
            after = _UNNAMED_WAIT_S
        return TryLater(message, retry_after=after)
    return kind(message)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a partner asks us to wait (RFC 9110, 10.2.3), between 1 s and 24 h."""
    if not value:
        return None
    text = value.strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", text, re.ASCII):
        seconds = float(text)
    else:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 1.0), _LONGEST_WAIT)


def _whither(reply: Reply) -> str:
    """The host that a redirect names, nothing else of its address."""
    try:
        host = urlsplit(reply.headers.get("location", "")).hostname or ""
    except ValueError:
        host = ""
    return host if _HOST.fullmatch(host) else "another place"


def _words(reply: Reply) -> str:
    """What the partner said, on one line."""
    kind = reply.headers.get("content-type", "").lower()
    if "html" in kind:
        return ""
    return _CONTROL.sub(" ", reply.body[: 4 * _WORDS].decode("utf-8", "replace"))[:_WORDS].strip()
