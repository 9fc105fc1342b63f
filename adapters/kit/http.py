"""HTTP to partners: pooled, with a deadline for the whole call, and one fate for each failure.

No redirects, no proxies from the environment, no retries but one: a read that meets a kept
connection which the partner has just closed goes once more, on a fresh one. A request whose first
byte may have been written and whose answer is missing has an unknown outcome when it changes
something, and may simply be repeated when it does not.
"""

import json
import re
import ssl
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from http.client import HTTPException
from ipaddress import ip_network
from time import monotonic
from typing import Any, Literal, Self
from urllib.parse import urlencode, urlsplit

from urllib3.exceptions import HTTPError

from adapters.kit.fates import FATES, Fates, fate_of
from adapters.kit.network import NetworkPolicy
from adapters.kit.sockets import Connection, Forbidden, Pool, Target
from adapters.kit.talk import Reply, converse
from adapters.kit.tap import Exchange, feed, is_recording, scrub_all
from hub.model.errors import (
    BadData,
    NeedsPerson,
    NotAuthorised,
    OutcomeUnknown,
    Rejected,
    TryLater,
)
from mappings.reading import read_json

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_SENSITIVE = re.compile(r"authorization|token|secret|key|password|cookie", re.IGNORECASE)


PUBLIC_ONLY = NetworkPolicy()


@dataclass(frozen=True, slots=True)
class Transport:
    """How a connection may use the network, from its `network` and `limits`."""

    policy: NetworkPolicy = PUBLIC_ONLY
    timeout_s: float = 15.0
    connect_s: float = 5.0
    concurrency: int = 4
    ca_file: str | None = None

    @classmethod
    def local(cls, timeout_s: float = 15.0) -> Self:
        """For partners on this machine: loopback, plain http."""
        loopback = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
        return cls(NetworkPolicy(loopback, http=True), timeout_s)


class _Closed(Exception):
    """A kept connection was closed by the partner when a read began."""


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
        self._secrets = _longest_first({*secrets, *_credentials(self._headers)})
        self._refusal = self._transport.policy.refusal(base_url)
        if self._refusal:
            return
        self._base = urlsplit(base_url)
        host, secure = self._base.hostname or "", self._base.scheme == "https"
        port = self._base.port or (443 if secure else 80)
        policy, limits = self._transport.policy, self._transport
        target = Target(self._base.scheme, host, port, policy, limits.connect_s, limits.ca_file)
        self._pool = Pool(target, limits.concurrency)

    def __repr__(self) -> str:
        return "Http()" if self._refusal else f"Http({self._base.scheme}://{self._base.netloc})"

    def scrub(self, words: Any, *more: str) -> Any:
        """What a partner said, a text or a tree, without our secrets and `more` of them."""
        return scrub_all(words, _longest_first({*self._secrets, *more}))

    def call(
        self,
        method: str,
        path: str = "",
        *,
        read: Literal["json", "bytes", "none"] = "json",
        **request: Any,
    ) -> Any:
        """Call and read the answer, None where it is a 204. Other arguments: see `call_full`."""
        reply = self.call_full(method, path, **request)
        if read == "none" or (reply.status in {204, 205} and not reply.body):
            return None
        if read == "bytes":
            return reply.body
        write = _is_write(method, write=request.get("write"))
        kind = reply.headers.get("content-type", "json").lower()
        if not any(word in kind for word in ("json", "text", "javascript")):
            raise _lost(
                f"{method} answered {reply.status} with content that is no JSON", write=write
            )
        try:
            return read_json(reply.body)
        except BadData as error:
            raise _lost(
                f"{method} answered {reply.status}, unreadable: {error}", write=write
            ) from None

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
            message = f"the partner's URL is refused: {self._refusal}"
            raise Rejected(message, code="network_forbidden")
        raw = body if isinstance(body, bytes) else b"" if body is None else _json(body)
        sent = {**self._headers, **_lower(headers)}
        if raw or body is not None:
            kind = content_type or ("application/octet-stream" if isinstance(body, bytes) else None)
            sent.setdefault("content-type", kind or "application/json")
        if key is not None:
            sent["idempotency-key"] = key
        writes = _is_write(method, write=write)
        secrets = _longest_first({*self._secrets, *_credentials(_lower(headers))})
        reply = self._exchange(method, self._target(path, query), raw, sent, secrets, write=writes)
        if not 200 <= reply.status < 300:
            raise fate_of(method, reply, fates or {}, secrets, write=writes)
        return reply

    def _target(
        self, path: str, query: Mapping[str, str] | Sequence[tuple[str, str]] | None
    ) -> str:
        if path and not path.startswith("/"):
            raise ValueError("a path begins with /")
        whole = (self._base.path.rstrip("/") + path if path else self._base.path) or "/"
        added = urlencode(query) if query else ""
        queries = "&".join(part for part in (self._base.query, added) if part)
        joint = "&" if "?" in whole else "?"
        return f"{whole}{joint}{queries}" if queries else whole

    def _exchange(
        self,
        method: str,
        target: str,
        raw: bytes,
        headers: dict[str, str],
        secrets: tuple[str, ...],
        *,
        write: bool,
    ) -> Reply:
        started = monotonic()
        reply, problem = None, None
        try:
            reply = self._once(method, target, raw, headers, write=write)
        except (TryLater, OutcomeUnknown, NeedsPerson) as fate:
            problem = str(fate)
            raise
        finally:
            if is_recording():
                url = f"{self._base.scheme}://{self._base.netloc}{target}"
                ms = round((monotonic() - started) * 1000)
                told = Exchange(method, url, headers, raw, ms=ms, error=problem)
                feed(told if reply is None else _answered(told, reply), secrets)
        return reply

    def _once(
        self, method: str, target: str, raw: bytes, headers: dict[str, str], *, write: bool
    ) -> Reply:
        deadline = monotonic() + self._transport.timeout_s
        connection = self._connect(deadline)
        try:
            return self._converse(connection, method, target, raw, headers, write=write)
        except _Closed:  # just when it was used again: to read once more is safe
            fresh = self._connect(deadline, fresh=True)
            return self._converse(fresh, method, target, raw, headers, write=write)

    def _converse(
        self,
        connection: Connection,
        method: str,
        target: str,
        raw: bytes,
        headers: dict[str, str],
        *,
        write: bool,
    ) -> Reply:
        whole = False
        try:
            reply, whole = converse(connection, method, target, raw, headers)
        except ConnectionError as error:
            if connection.was_idle and not write:
                raise _Closed from None
            raise _lost(f"the connection broke: {type(error).__name__}", write=write) from None
        except TimeoutError:
            raise _lost(f"no answer within {self._transport.timeout_s:g} s", write=write) from None
        except (OSError, HTTPException, zlib.error) as error:
            raise _lost(f"the connection broke: {type(error).__name__}", write=write) from None
        finally:
            if not whole:
                connection.close()
        self._pool.give_back(connection, reply.headers.get("keep-alive"))
        return reply

    def _connect(self, deadline: float, *, fresh: bool = False) -> Connection:
        host = self._base.hostname
        try:
            return self._pool.take(deadline, fresh=fresh)
        except Forbidden:
            message = f"{host} lies in a network that is not allowed"
            raise Rejected(message, code="network_forbidden") from None
        except ssl.SSLCertVerificationError as error:
            raise NotAuthorised(f"certificate of {host}: {error.verify_message}") from None
        except (OSError, HTTPException, HTTPError) as error:
            raise _connect_fate(host, error) from None


def _answered(told: Exchange, reply: Reply) -> Exchange:
    return replace(
        told, status=reply.status, response_headers=reply.headers, response_body=reply.body
    )


def _is_write(method: str, *, write: bool | None) -> bool:
    return method not in _READS if write is None else write


def _lost(message: str, *, write: bool) -> Exception:
    return OutcomeUnknown(message) if write else TryLater(message)


def _connect_fate(host: str | None, error: Exception) -> TryLater:
    return TryLater(f"no connection to {host}: {type(error).__name__}")


def _credentials(headers: Mapping[str, str]) -> set[str]:
    """What proves who we are in these headers: values, and what follows their scheme."""
    values = [value for name, value in headers.items() if _SENSITIVE.search(name)]
    return {part for value in values for part in (value, value.partition(" ")[2])}


def _longest_first(secrets: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(secrets) - {""}, key=len, reverse=True))


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _lower(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {name.lower(): value for name, value in (headers or {}).items()}


__all__ = ["FATES", "Fates", "Http", "NetworkPolicy", "Reply", "Transport"]
