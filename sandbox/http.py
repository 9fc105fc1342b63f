"""A small threaded HTTP/1.1 server on loopback, light enough to share a machine with the hub.

One thread per connection, keep-alive, bodies by Content-Length only. The standard library's own
handler parses headers as e-mail; that alone would cost more than a partner's whole answer.
"""

import contextlib
import json
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any, BinaryIO, Literal, cast
from urllib.parse import parse_qsl, unquote

LINE_LIMIT = 65_536
BODY_LIMIT = 32 * 1024 * 1024
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset, as a dying peer does


class BadRequest(Exception):
    """What arrived is not HTTP that this server speaks; it says so and closes the connection."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Request:
    """One request as it came; header names are lower case."""

    def __init__(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        self.method, self.target, self.headers, self.body = method, target, headers, body
        path, _, self.query_string = target.partition("?")
        self.path = unquote(path)

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query_string, keep_blank_values=True)

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(self.pairs)

    @cached_property
    def json(self) -> Any:
        """The body as JSON; raises ValueError where it is none."""
        return json.loads(self.body)


@dataclass(slots=True)
class Answer:
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Literal["", "close", "cut"] = ""  # close: say nothing; cut: half of the body


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, "application/json; charset=utf-8", headers or {})


Exchange = Callable[[Request], Answer]


class Server:
    """Serves `exchange` on a loopback port until stopped; may be started again on the same port."""

    def __init__(self, exchange: Exchange, host: str = "127.0.0.1", port: int = 0) -> None:
        self._exchange = exchange
        self.host, self.port = host, port
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self) -> str:
        listener = socket.create_server((self.host, self.port), backlog=128)
        listener.settimeout(0.2)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return self.url

    def stop(self) -> None:
        listener, self._listener = self._listener, None
        if listener is None:
            return
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while self._listener is listener:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            connection.settimeout(None)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection.makefile("rb", LINE_LIMIT) as made:
                stream = cast("BinaryIO", made)
                while self._listener is not None and self._turn(connection, stream):
                    pass
        except OSError:
            pass  # the other side went away, or stop() did
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _turn(self, connection: socket.socket, stream: BinaryIO) -> bool:
        """One request and its answer; False when the connection is to be closed."""
        try:
            request = read_request(stream, connection)
        except BadRequest as error:
            connection.sendall(render(Answer(error.status, b"", "text/plain"), close=True))
            return False
        if request is None:
            return False
        answer = self._answer(request)
        if answer.fault == "close":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            return False
        close = request.headers.get("connection", "").lower() == "close" or answer.fault == "cut"
        raw = render(answer, close=close, head_only=request.method == "HEAD")
        if answer.fault == "cut":
            raw = raw[: len(raw) - (len(answer.body) + 1) // 2]
        connection.sendall(raw)
        return not close

    def _answer(self, request: Request) -> Answer:
        try:
            return self._exchange(request)
        except Exception:  # noqa: BLE001 - a partner's own bug must be seen, not kill the connection
            traceback.print_exc(file=sys.stderr)
            return Answer(500, b"sandbox bug, see its stderr", "text/plain")


def read_request(stream: BinaryIO, connection: socket.socket) -> Request | None:
    """The next request, or None where the other side has hung up between two."""
    first = stream.readline(LINE_LIMIT)
    if not first:
        return None
    parts = first.split()
    if len(parts) != 3 or not parts[2].startswith(b"HTTP/1."):
        raise BadRequest(400, "request line")
    headers = read_headers(stream)
    if "transfer-encoding" in headers:
        raise BadRequest(411, "length required")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise BadRequest(400, "content length")
    if int(length) > BODY_LIMIT:
        raise BadRequest(413, "too large")
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = stream.read(int(length))
    if len(body) < int(length):
        return None
    return Request(parts[0].decode("latin-1"), parts[1].decode("latin-1"), headers, body)


def read_headers(stream: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    while True:
        line = stream.readline(LINE_LIMIT)
        if line in {b"\r\n", b"\n"}:
            return headers
        name, colon, value = line.partition(b":")
        if not colon or len(headers) > 100:
            raise BadRequest(400, "header")
        headers[name.decode("latin-1").lower()] = value.strip().decode("latin-1")


REASONS = {status.value: status.phrase for status in HTTPStatus}


def render(answer: Answer, *, close: bool = False, head_only: bool = False) -> bytes:
    head = [
        f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Unknown')}",
        f"Content-Type: {answer.content_type}",
        f"Content-Length: {len(answer.body)}",
        *(f"{name}: {value}" for name, value in answer.headers.items()),
    ]
    if close:
        head.append("Connection: close")
    raw = "\r\n".join(head).encode("latin-1") + b"\r\n\r\n"
    return raw if head_only else raw + answer.body
