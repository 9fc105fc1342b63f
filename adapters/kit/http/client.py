"""HTTP to partners over the pool itself: a deadline for the whole call, one fate for each failure.

No redirects, no proxies from the environment, no retries. For what an adapter tells thousands of
times an hour; whoever writes a new one begins with `adapters.kit.session`, which rests on the same
lines.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from adapters.kit.http.answers import Read, read_answer
from adapters.kit.http.exchange import Reply
from adapters.kit.http.fates import Fates, fate_of
from adapters.kit.http.line import Line, is_write
from adapters.kit.http.transport import Transport
from adapters.kit.http.wire_tap import scrub_all, tapped
from hub.model.errors import Rejected, TryLater

_SENSITIVE = re.compile(r"authorization|token|secret|key|password|cookie", re.IGNORECASE)


class Http:
    """The HTTP client of one connection. Safe to use from several threads."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        transport: Transport | None = None,
        *,
        secrets: Sequence[str] = (),
    ) -> None:
        """`secrets` never appear in errors or the tap; nor do those in credential headers."""
        self._transport = transport or Transport()
        self._headers = {"user-agent": "orderhub", "accept-encoding": "gzip", **_lower(headers)}
        self._secrets = longest_first({*secrets, *credentials(self._headers)})
        self._refusal = self._transport.policy.refusal(base_url)
        if self._refusal:
            return
        self._base = urlsplit(base_url)
        base = self._base
        self._line = Line(base.scheme, base.hostname or "", base.port, self._transport)

    def __repr__(self) -> str:
        return "Http()" if self._refusal else f"Http({self._base.scheme}://{self._base.netloc})"

    def scrub(self, words: Any, *more: str) -> Any:
        """What a partner said, a text or a tree, without our secrets and `more` of them."""
        return scrub_all(words, longest_first({*self._secrets, *more}))

    def call(
        self,
        method: str,
        path: str = "",
        *,
        read: Read = "json",
        **request: Any,
    ) -> Any:
        """Call and read the answer, None where it is a 204. Other arguments: see `call_full`."""
        reply = self.call_full(method, path, **request)
        return read_answer(method, reply, read, write=is_write(method, write=request.get("write")))

    def call_full(
        self,
        method: str,
        path: str = "",
        *,
        body: Mapping[str, Any] | Sequence[Any] | bytes | None = None,
        query: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        key: str | None = None,
        fates: Fates | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
        write: bool | None = None,
    ) -> Reply:
        """Call and return a 2xx answer; everything else is raised as a fate.

        `path` and `query` are added to the base URL. `key` goes as `Idempotency-Key`. `write` says
        whether the call changes something at the partner; by default all but GET and HEAD does.
        """
        if self._refusal:
            raise forbidden(self._refusal)
        if self._transport.closed is not None:
            raise TryLater(self._transport.closed)
        raw = written(body)
        sent = {**self._headers, **_lower(headers)}
        if raw or body is not None:
            kind = content_type or ("application/octet-stream" if isinstance(body, bytes) else None)
            sent.setdefault("content-type", kind or "application/json")
        if key is not None:
            sent["idempotency-key"] = key
        writes = is_write(method, write=write)
        secrets = longest_first({*self._secrets, *credentials(_lower(headers))})
        target = target_of(self._base, path, query)

        def talk() -> Reply:
            return self._line.exchange(method, target, raw, sent, write=writes)

        url = f"{self._base.scheme}://{self._base.netloc}{target}"
        reply = tapped(method, url, sent, raw, secrets, talk)
        if not 200 <= reply.status < 300:
            raise fate_of(method, reply, fates or {}, secrets, write=writes)
        return reply


def forbidden(refusal: str) -> Rejected:
    """The fate of a call to an address that the network policy refuses."""
    return Rejected(f"the partner's URL is refused: {refusal}", code="network_forbidden")


def target_of(
    base: SplitResult, path: str, query: Mapping[str, str] | Sequence[tuple[str, str]] | None
) -> str:
    """Path and query of a request below a base URL."""
    if path and not path.startswith("/"):
        raise ValueError("a path begins with /")
    whole = (base.path.rstrip("/") + path if path else base.path) or "/"
    added = urlencode(query) if query else ""
    queries = "&".join(part for part in (base.query, added) if part)
    joint = "&" if "?" in whole else "?"
    return f"{whole}{joint}{queries}" if queries else whole


def credentials(headers: Mapping[str, str]) -> set[str]:
    """What proves who we are in these headers: values, and what follows their scheme."""
    values = [value for name, value in headers.items() if _SENSITIVE.search(name)]
    return {part for value in values for part in (value, value.partition(" ")[2])}


def longest_first(secrets: Iterable[str]) -> tuple[str, ...]:
    """Secrets in the order in which they are masked."""
    return tuple(sorted(set(secrets) - {""}, key=len, reverse=True))


def written(body: Mapping[str, Any] | Sequence[Any] | bytes | None) -> bytes:
    """A body as bytes: a tree as compact JSON."""
    if body is None or isinstance(body, bytes):
        return body or b""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _lower(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {name.lower(): value for name, value in (headers or {}).items()}
