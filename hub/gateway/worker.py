"""gunicorn's thread worker with a clock of its own: a request that trickles does not hold a thread.

The server bounds what it reads, not how long that may take. Here the head of a request has ten
seconds and 16 KB, its body half a minute; what exceeds them hears 408 or 431 and is cut off.
"""

import errno
import socket
import time
from contextlib import suppress
from typing import Any, NoReturn

from gunicorn.workers.gthread import ThreadWorker

HEAD_S, BODY_S, ANSWER_S = 10.0, 30.0, 30.0
HEAD_BYTES = 16 * 1024
_TOO_SLOW = b"408 Request Timeout"
_TOO_LONG = b"431 Request Header Fields Too Large"


class TimedSocket:
    """A socket that reads until a deadline, and at most so many bytes of a head."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self._deadline = float("inf")
        self._left: int | None = None
        self._closing = False

    def expect_head(self) -> None:
        """A request begins."""
        self._deadline = time.monotonic() + HEAD_S
        self._left = HEAD_BYTES

    def expect_body(self) -> None:
        """Its head is read."""
        self._deadline = time.monotonic() + BODY_S
        self._left = None

    def recv(self, size: int, *flags: int) -> bytes:
        """What has come. A caller that takes too long or sends too much is told, then cut off."""
        if self._closing:
            return self._drained(size)
        if self._left is not None:
            size = min(size, self._left)
        if size == 0:
            self._cut(_TOO_LONG)
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            self._cut(_TOO_SLOW)
        self._inner.settimeout(None if remaining == float("inf") else remaining)
        try:
            found = self._inner.recv(size, *flags)
        except TimeoutError:
            self._cut(_TOO_SLOW)
        if self._left is not None:
            self._left -= len(found)
        return found

    def sendall(self, data: bytes, *flags: int) -> None:
        """Send it all, to a reader that takes it in time."""
        self._inner.settimeout(ANSWER_S)
        self._inner.sendall(data, *flags)

    def shutdown(self, how: int) -> None:
        """Say that no more comes. What the other side still sends is dropped without waiting: the
        server closes on its main thread.
        """
        self._closing = True
        self._inner.shutdown(how)

    def _drained(self, size: int) -> bytes:
        self._inner.setblocking(False)
        try:
            return self._inner.recv(size)
        except BlockingIOError:
            return b""

    def _cut(self, status: bytes) -> NoReturn:
        self._inner.settimeout(1.0)
        with suppress(OSError):
            self._inner.sendall(
                b"HTTP/1.1 " + status + b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            )
        raise ConnectionResetError(errno.ECONNRESET, status.decode())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class TimedWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """The thread worker on timed sockets."""

    def enqueue_req(self, conn: Any) -> None:
        if not isinstance(conn.sock, TimedSocket):
            conn.sock = TimedSocket(conn.sock)
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        conn.sock.expect_head()
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        conn.sock.expect_body()
        return super().handle_request(req, conn)
