"""Between gunicorn and a connection: its socket, read beforehand, answers that name no server,
and what is told where no thread is there to tell it.
"""

import socket
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from gunicorn.http import wsgi

from hub.gateway.http.correlation import HEADER
from hub.gateway.http.problems import CONTENT_TYPE, Trouble, trouble

ANSWER_S = 10.0
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_REFUSALS: dict[str, Trouble] = {
    "host": trouble(400, "bad_request", "the request names no host"),
    "slow": trouble(408, "too_slow", "the request did not arrive in time"),
    "long": trouble(431, "too_large", "the head of the request is too long"),
    "busy": trouble(429, "too_many_requests", "too many at once; slower, please", Retry_After="1"),
    "full": trouble(503, "overloaded", "too much to do now, try again", Retry_After="5"),
}


def refusal(why: str) -> bytes:
    """An answer as bytes: no thread is there to make one."""
    problem, correlation = _REFUSALS[why], uuid4()
    body = problem.document(correlation)
    headers = {
        "Connection": "close",
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        HEADER: str(correlation),
        **problem.headers,
    }
    lines = [f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Answer(wsgi.Response):  # type: ignore[misc]  # gunicorn has no types
    """An answer that does not say which server gives it, for which gunicorn has no setting."""

    def default_headers(self) -> list[str]:
        """Its own headers."""
        return [line for line in super().default_headers() if not line.startswith("Server:")]


wsgi.Response = _Answer


class ReadSocket:
    """A socket whose request was read already: the parser gets those bytes, then an end."""

    def __init__(self, inner: socket.socket, leave: Callable[[], None]) -> None:
        self.line, self._leave = inner, leave
        self._ready = memoryview(b"")
        self.continued = False

    def hold(self, request: bytes) -> None:
        """The next request."""
        self._ready = memoryview(request)

    def recv(self, size: int, *_flags: int) -> bytes:
        """What is there of it."""
        found, self._ready = bytes(self._ready[:size]), self._ready[size:]
        return found

    def send(self, data: bytes, *flags: int) -> int:
        """Send; that the body may come was said already."""
        if self.continued and data == CONTINUE:
            return len(data)
        self.line.settimeout(ANSWER_S)
        return self.line.send(data, *flags)

    def sendall(self, data: bytes, *flags: int) -> None:
        """Send it all, to a reader that takes it in time."""
        self.line.settimeout(ANSWER_S)
        self.line.sendall(data, *flags)

    def close(self) -> None:
        """The connection ends."""
        self.part()
        self.line.close()

    def part(self) -> socket.socket:
        """The bare socket: the connection counts no longer."""
        self._leave()
        self._leave = _nothing
        return self.line

    def __getattr__(self, name: str) -> Any:
        return getattr(self.line, name)


def _nothing() -> None:
    """It was counted off already."""
