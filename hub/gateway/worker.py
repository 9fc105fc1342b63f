"""gunicorn's thread worker behind a waiting room: only whole requests take a thread.

Connections are read on the main thread as their bytes come, however slowly: a head within ten
seconds and 16 KB, a body within half a minute. What is whole waits in a bounded, fair line. What
is too much hears 408, 429, 431 or 503 at once, and the memory held by all of it is bounded.
"""

import errno
import selectors
import socket
import time
from collections import OrderedDict
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from gunicorn.workers.gthread import TConn, ThreadWorker

from hub.gateway.correlation import HEADER
from hub.gateway.incoming import HEAD_BYTES, Incoming
from hub.gateway.line import Line
from hub.gateway.problems import CONTENT_TYPE, Trouble, trouble
from hub.logs import get

HEAD_S, BODY_S, ANSWER_S, LINGER_S = 10.0, 30.0, 10.0, 2.0
MOST_WAITING, EACH_WAITING, LONGEST_WAIT_S = 256, 96, 4.0
HELD_BYTES, SMALL_BYTES = 64 * 1024 * 1024, 64 * 1024
"""Bodies that came in part or wait, of all connections; short ones are not counted against it."""
_GIVEN_UP_S = 1.0
"""Where all places are taken, who has been sending for longer makes room."""
_READ, _MOST_ACCEPTED, _MOST_LINGERING = 65_536, 32, 256
_SWEEP_S = 0.25
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_REFUSALS: dict[str, Trouble] = {
    "slow": trouble(408, "too_slow", "the request did not arrive in time"),
    "long": trouble(431, "too_large", "the head of the request is too long"),
    "busy": trouble(429, "too_many_requests", "too many at once; slower, please", Retry_After="1"),
    "full": trouble(503, "overloaded", "too much to do now, try again", Retry_After="5"),
}


def _refusal(why: str) -> bytes:
    """An answer as bytes: no thread is there to make one."""
    told, correlation = _REFUSALS[why], uuid4()
    body = told.document(correlation)
    headers = {
        "Connection": "close",
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        HEADER: str(correlation),
        **told.headers,
    }
    lines = [f"HTTP/1.1 {told.status} {HTTPStatus(told.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class ReadSocket:
    """A socket whose request was read already: the parser gets those bytes, then an end."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
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
        if self.continued and data == _CONTINUE:
            return len(data)
        self._inner.settimeout(ANSWER_S)
        return self._inner.send(data, *flags)

    def sendall(self, data: bytes, *flags: int) -> None:
        """Send it all, to a reader that takes it in time."""
        self._inner.settimeout(ANSWER_S)
        self._inner.sendall(data, *flags)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Visit:
    """One connection in the waiting room."""

    __slots__ = ("began", "conn", "door", "held", "incoming")

    def __init__(self, conn: Any, incoming: Incoming) -> None:
        self.conn, self.incoming = conn, incoming
        self.began = time.monotonic()
        self.held, self.door = 0, ""

    def late(self, now: float) -> bool:
        """Whether its head or body has taken too long."""
        return now - self.began > (HEAD_S + BODY_S if self.incoming.has_head else HEAD_S)


class TimedWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """The thread worker with a waiting room. All but `handle` runs on its main thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._most_open = int(self.cfg.worker_connections)
        self.worker_connections = 1 << 30  # it accepts all, to tell those who find no place
        share = max(1, self.cfg.threads * 3 // 4)
        self._line: Line[_Visit] = Line(MOST_WAITING, EACH_WAITING, share)
        self._reading: OrderedDict[Any, _Visit] = OrderedDict()
        self._lingering: OrderedDict[socket.socket, float] = OrderedDict()
        self._working, self._held, self._swept = 0, 0, 0.0

    def accept(self, listener: Any) -> None:
        """Take those who knock, as many as there are."""
        for _ in range(_MOST_ACCEPTED):
            try:
                client, address = listener.accept()
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE):
                    self._make_room(0.0)
                return
            conn = TConn(self.cfg, client, address, listener.getsockname())
            conn.sock, conn.data_ready = ReadSocket(client), True
            conn.left_over = b""
            self.nr_conns += 1
            if self.nr_conns > self._most_open and not self._make_room(_GIVEN_UP_S):
                self._refuse(conn, "full")
            else:
                self.enqueue_req(conn)

    def _make_room(self, given_up_s: float) -> bool:
        """Send away who has been sending for longest, or waits for nothing."""
        if self.keepalived_conns:
            conn = self.keepalived_conns.popleft()
            self.poller.unregister(conn.sock)
            self._close(conn)
            return True
        visit = next(iter(self._reading.values()), None)
        if visit is None or time.monotonic() - visit.began < given_up_s:
            return False
        self._stop_reading(visit)
        self._refuse(visit.conn, "slow")
        return True

    def enqueue_req(self, conn: Any) -> None:
        """A request begins: what has come of it is read, the rest as it comes."""
        conn.sock.setblocking(False)
        visit = _Visit(conn, Incoming(conn.left_over))
        conn.left_over = b""
        self._hold(visit)
        self._reading[conn] = visit
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._safely, visit))
        self._safely(visit, conn.sock)

    def _safely(self, visit: _Visit, _socket: Any) -> None:
        """Nothing that one connection does may end the loop of all."""
        try:
            self._receive(visit)
        except Exception as error:  # noqa: BLE001  # see above
            get(__name__).error("connection_failed", error=type(error).__name__)
            if visit.conn in self._reading:
                self._stop_reading(visit)
                self._close(visit.conn)

    def _receive(self, visit: _Visit) -> None:
        incoming = visit.incoming
        if not incoming.over:
            try:
                data = visit.conn.sock._inner.recv(_READ)  # noqa: SLF001  # its own wrapper
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                data = b""
            if not data and not incoming.buffer:
                self._stop_reading(visit)
                self._close(visit.conn)
                return
            incoming.feed(data) if data else incoming.end()
            self._hold(visit)
        if incoming.over:
            self._admit(visit)
        elif self._held > HELD_BYTES and visit.held > SMALL_BYTES:
            self._stop_reading(visit)
            self._refuse(visit.conn, "full")
        elif incoming.asks and incoming.has_head and not visit.conn.sock.continued:
            visit.conn.sock.continued = True
            visit.conn.sock._inner.send(_CONTINUE)  # noqa: SLF001  # its own wrapper

    def _admit(self, visit: _Visit) -> None:
        """What has come whole waits for a thread. What cannot be followed the parser refuses."""
        conn, incoming = visit.conn, visit.incoming
        if not incoming.has_head and len(incoming.buffer) > HEAD_BYTES:
            self._stop_reading(visit)
            self._refuse(conn, "long")
            return
        visit.door = incoming.door()
        why = self._line.room(visit.door)
        if why:
            self._stop_reading(visit)
            self._refuse(conn, why)
            return
        self._unregister(visit)
        self._line.put(visit.door, visit, time.monotonic())
        self._hand_over()

    def _hand_over(self) -> None:
        while self._working < self.cfg.threads:
            found = self._line.take()
            if found is None:
                return
            door, visit = found
            self._working += 1
            conn = visit.conn
            request, conn.left_over = visit.incoming.split()
            conn.whole = visit.incoming.whole
            visit.incoming.buffer.clear()
            conn.sock.hold(request)
            future = self.tpool.submit(self.handle, conn)
            future.add_done_callback(partial(self.method_queue.defer, self._answered, visit, door))

    def _answered(self, visit: _Visit, door: str, future: Any) -> None:
        conn = visit.conn
        self._working -= 1
        self._line.done(door)
        self._held -= visit.held
        conn.sock.hold(b"")
        conn.sock.continued = False
        stays = not future.cancelled() and future.exception() is None and future.result() is True
        if not stays or not conn.whole or conn.parser.unreader.buf.getvalue():
            self._linger(conn, b"")  # what it sends on is none of a request
        elif conn.left_over:
            self.enqueue_req(conn)
        else:
            self.finish_request(conn, future)
        self._hand_over()

    def _hold(self, visit: _Visit) -> None:
        now = len(visit.incoming.buffer)
        self._held += now - visit.held
        visit.held = now

    def _unregister(self, visit: _Visit) -> None:
        self._reading.pop(visit.conn, None)
        with suppress(KeyError, ValueError, OSError):
            self.poller.unregister(visit.conn.sock)

    def _stop_reading(self, visit: _Visit) -> None:
        self._unregister(visit)
        self._held -= visit.held
        visit.held = 0

    def _refuse(self, conn: Any, why: str) -> None:
        self._linger(conn, _refusal(why))

    def _linger(self, conn: Any, last: bytes) -> None:
        """Say the last word, then drop what still comes for a moment: a connection that is closed
        with something unread takes the answer with it.
        """
        line = conn.sock._inner  # noqa: SLF001  # its own wrapper
        self.nr_conns -= 1
        try:
            line.setblocking(False)
            if last:
                line.send(last)
            line.shutdown(socket.SHUT_WR)
        except OSError:
            line.close()
            return
        if len(self._lingering) >= _MOST_LINGERING:
            line.close()
            return
        self._lingering[line] = time.monotonic() + LINGER_S
        self.poller.register(line, selectors.EVENT_READ, self._drop)

    def _drop(self, line: socket.socket) -> None:
        try:
            if line.recv(_READ):
                return
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            pass
        self._part(line)

    def _part(self, line: socket.socket) -> None:
        self._lingering.pop(line, None)
        with suppress(KeyError, ValueError):
            self.poller.unregister(line)
        line.close()

    def _close(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Who took too long to send, or waited too long for a thread, is told and let go."""
        now = time.monotonic()
        if now - self._swept < _SWEEP_S:
            return
        self._swept = now
        for visit in [one for one in self._reading.values() if one.late(now)]:
            self._stop_reading(visit)
            self._refuse(visit.conn, "slow")
        for visit in self._line.expired(now - LONGEST_WAIT_S):
            self._held -= visit.held
            self._refuse(visit.conn, "full")
        while self._lingering and next(iter(self._lingering.values())) < now:
            self._part(next(iter(self._lingering)))
