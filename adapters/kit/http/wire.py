"""The kit's lines as a transport adapter of requests.

Only the part below `HTTPAdapter.send` is ours: that is the function which `responses` replaces, so
what is above it (policy, tap, fates) works the same with and without a partner.
"""

from collections.abc import Callable, Collection, Mapping
from http.client import responses as PHRASES  # noqa: N812  # a table
from io import BytesIO
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from adapters.kit.http.client import credentials, forbidden, longest_first
from adapters.kit.http.exchange import Reply
from adapters.kit.http.line import Line, is_write
from adapters.kit.http.meaning import meaning
from adapters.kit.http.transport import Transport
from adapters.kit.http.wire_tap import tapped
from hub.model.errors import Rejected, TryLater

Origin = tuple[str, str, int | None]

_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})
"""Headers that the line itself writes."""
_BARE = frozenset({204, 304})
"""Statuses without a body: urllib3 fails over one, and there is none to be read."""
_UNPACKED = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Headers that no longer fit a body which has been read and unpacked."""


def origin(url: str) -> Origin:
    """Whom a URL leads to: scheme, host and port."""
    parts = urlsplit(url)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", parts.port or usual


def reply_of(response: Response) -> Reply:
    """A response of requests as the rest of the kit reads it."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, headers, response.content)


class Wire(HTTPAdapter):
    """The only way out of a session: to the origins that it was given, and nowhere else."""

    def __init__(
        self,
        transport: Transport,
        origins: Collection[Origin],
        secrets: Callable[[], Collection[str]],
    ) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        self._transport, self._origins, self._secrets = transport, origins, secrets
        self._lines: dict[Origin, Line] = {}
        self._lock = Lock()

    def masked(self, request: PreparedRequest) -> tuple[str, ...]:
        """What must not be seen of a request."""
        return longest_first({*self._secrets(), *credentials(_headers(request))})

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """A response of any status; a fate where there is none."""
        url = str(request.url)
        if origin(url) not in self._origins:
            raise Rejected(
                f"{urlsplit(url).hostname} is none of the hosts of this connection",
                code="network_forbidden",
            )
        refusal = self._transport.policy.refusal(url)
        if refusal:
            raise forbidden(refusal)
        if self._transport.closed is not None:
            raise TryLater(self._transport.closed)
        answers: list[Response] = []

        def talk() -> Reply:
            answers.append(super(Wire, self).send(request, *args, **options))
            return reply_of(answers[0])

        method, raw = str(request.method), _raw(request)
        tapped(method, url, _headers(request), raw, self.masked(request), talk)
        return answers[0]

    def get_connection_with_tls_context(self, request: PreparedRequest, *_: Any, **__: Any) -> Any:
        """What `HTTPAdapter.send` writes to in place of a pool of urllib3."""
        to = origin(str(request.url))
        with self._lock:
            line = self._lines.get(to)
            if line is None:
                line = self._lines[to] = Line(to[0], to[1], to[2], self._transport)
        return _Way(line, request)

    def cert_verify(self, *_: Any) -> None:
        """Nothing: the line always verifies, by the connection's own certificates."""

    def request_url(self, request: PreparedRequest, _: Any) -> str:
        """The path: there are no proxies."""
        return request.path_url

    def close(self) -> None:
        """Close what is idle."""
        for line in self._lines.values():
            line.close()


class _Way:
    """One request on its line."""

    def __init__(self, line: Line, request: PreparedRequest) -> None:
        self._line, self._request = line, request

    def urlopen(self, method: str, url: str, **_: Any) -> HTTPResponse:
        """The answer, read whole and unpacked."""
        named = _headers(self._request).items()
        headers = {name: value for name, value in named if name not in _OURS}
        headers["accept-encoding"] = "gzip"
        write = is_write(method, write=meaning().write)
        reply = self._line.exchange(method, url, _raw(self._request), headers, write=write)
        return HTTPResponse(
            BytesIO(b"" if reply.status in _BARE else reply.body),
            {name: value for name, value in reply.headers.items() if name not in _UNPACKED},
            reply.status,
            reason=PHRASES.get(reply.status),
            preload_content=False,
            decode_content=False,
            request_method=method,
        )


def _headers(request: PreparedRequest) -> Mapping[str, str]:
    """In lower case, as text."""
    return {_text(name).lower(): _text(value) for name, value in request.headers.items()}


def _text(part: str | bytes) -> str:
    return part.decode("latin-1") if isinstance(part, bytes) else part


def _raw(request: PreparedRequest) -> bytes:
    body = request.body
    return body.encode() if isinstance(body, str) else bytes(body or b"")
