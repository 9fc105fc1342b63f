"""gunicorn's thread worker behind a waiting room: only whole requests take a thread.

Connections are read on the main thread as their bytes come, however slowly: a head within ten
seconds and 16 KB, a body within half a minute. What is whole waits in a bounded, fair line. What
is too much hears 408, 429, 431 or 503 at once, and the memory held by all of it is bounded. One
address has a share of the connections, one caller a share of a door's threads.
"""

import errno
import selectors
import socket
import time
from collections import OrderedDict
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from hub.doors.origin import neighbourhood
from hub.doors.proved import PROVED
from hub.gateway.server.incoming import HEAD_BYTES, Incoming
from hub.gateway.server.line import Line, Turn
from hub.gateway.server.lingering import Lingering
from hub.gateway.server.places import Places
from hub.gateway.server.sockets import CONTINUE, ReadSocket, refusal
from hub.gateway.server.visit import Visit
from hub.logs import get

MOST_WAITING, EACH_WAITING, LONGEST_WAIT_S = 256, 96, 4.0
HELD_BYTES, SMALL_BYTES = 64 * 1024 * 1024, 64 * 1024
"""Bodies that came in part or wait, of all connections; short ones are not counted against it."""
_INTAKE = "/in/"
_GIVEN_UP_S = 1.0
"""Where all places are taken, who has been sending for longer makes room."""
_READ, _MOST_ACCEPTED = 65_536, 32
_SWEEP_S = 0.25


class TimedWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """The thread worker with a waiting room. All but `handle` runs on its main thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._most_open = int(self.cfg.worker_connections)
        self._places = Places(self._most_open)
        self.worker_connections = 1 << 30  # it accepts all, to tell those who find no place
        share = max(1, self.cfg.threads * 3 // 4)
        self._own = max(1, share // 2)
        self._line: Line[Visit] = Line(MOST_WAITING, EACH_WAITING, share)
        self._reading: OrderedDict[Any, Visit] = OrderedDict()
        self._lingering = Lingering()
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
            self._welcome(client, address, listener.getsockname())

    def _welcome(self, client: socket.socket, address: Any, own: Any) -> None:
        peer = address[0] if isinstance(address, tuple) else ""
        conn = TConn(self.cfg, client, address, own)
        conn.sock, conn.data_ready = ReadSocket(client, partial(self._places.leave, peer)), True
        conn.left_over = b""
        self.nr_conns += 1
        self._places.take(peer)
        shared = self.app.origin.is_proxy(peer)
        if self._places.too_many(peer, shared=shared) and not self._make_room(_GIVEN_UP_S, peer):
            self._refuse(conn, "busy")
        elif self.nr_conns > self._most_open and not self._make_room(_GIVEN_UP_S):
            self._refuse(conn, "full")
        else:
            self.enqueue_req(conn)

    def _make_room(self, given_up_s: float, of: str | None = None) -> bool:
        """Send away who waits for nothing, or has been sending for longest; of that address only,
        where one is given.
        """
        for conn in self.keepalived_conns:
            if of in (None, conn.client[0]):
                self.keepalived_conns.remove(conn)
                self.poller.unregister(conn.sock)
                self._close(conn)
                return True
        slow = (each for each in self._reading.values() if of in (None, each.conn.client[0]))
        visit = next(slow, None)
        if visit is None or time.monotonic() - visit.began < given_up_s:
            return False
        self._stop_reading(visit)
        self._refuse(visit.conn, "slow")
        return True

    def enqueue_req(self, conn: Any) -> None:
        """A request begins: what has come of it is read, the rest as it comes."""
        conn.sock.setblocking(False)
        visit = Visit(conn, Incoming(conn.left_over))
        conn.left_over = b""
        self._hold(visit)
        self._reading[conn] = visit
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._safely, visit))
        self._safely(visit, conn.sock)

    def _safely(self, visit: Visit, _socket: Any) -> None:
        """Nothing that one connection does may end the loop of all."""
        try:
            self._receive(visit)
        except Exception as error:  # noqa: BLE001  # see above
            get(__name__).error("connection_failed", error=type(error).__name__)
            if visit.conn in self._reading:
                self._stop_reading(visit)
                self._close(visit.conn)

    def _receive(self, visit: Visit) -> None:
        incoming = visit.incoming
        if not incoming.over:
            try:
                data = visit.conn.sock.line.recv(_READ)
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
            visit.conn.sock.line.send(CONTINUE)

    def _admit(self, visit: Visit) -> None:
        """What has come whole waits for a thread. What cannot be followed the parser refuses."""
        conn, incoming = visit.conn, visit.incoming
        if not incoming.has_head and len(incoming.buffer) > HEAD_BYTES:
            self._stop_reading(visit)
            self._refuse(conn, "long")
            return
        visit.turn = self._turn(visit)
        why = "host" if incoming.nowhere and not incoming.odd else self._line.room(visit.turn)
        if why:
            self._stop_reading(visit)
            self._refuse(conn, why)
            return
        self._unregister(visit)
        gone = self._line.put(visit.turn, visit, time.monotonic())
        if gone is not None:
            self._turn_away(gone, "busy")
        self._hand_over()

    def _turn(self, visit: Visit) -> Turn:
        """Whose turn in line it is: at each door a right key's own, else its address's. The door of
        a delivery is its connection's alone: its caller may have all of it.
        """
        incoming, door = visit.incoming, visit.incoming.door()
        caller = neighbourhood(self.app.origin.of(visit.conn.client[0], incoming.forwarded))
        if door.startswith(_INTAKE):
            return Turn(door, caller)
        return Turn(door, PROVED.name(incoming.credential) or caller, self._own)

    def _hand_over(self) -> None:
        while self._working < self.cfg.threads:
            first = self._line.take()
            if first is None:
                return
            turn, visit = first
            self._working += 1
            conn = visit.conn
            request, conn.left_over = visit.incoming.split()
            conn.whole = visit.incoming.whole
            visit.incoming.buffer.clear()
            conn.sock.hold(request)
            future = self.tpool.submit(self.handle, conn)
            future.add_done_callback(partial(self.method_queue.defer, self._answered, visit, turn))

    def _answered(self, visit: Visit, turn: Turn, future: Any) -> None:
        conn = visit.conn
        self._working -= 1
        self._line.done(turn)
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

    def _hold(self, visit: Visit) -> None:
        now = len(visit.incoming.buffer)
        self._held += now - visit.held
        visit.held = now

    def _unregister(self, visit: Visit) -> None:
        self._reading.pop(visit.conn, None)
        with suppress(KeyError, ValueError, OSError):
            self.poller.unregister(visit.conn.sock)

    def _stop_reading(self, visit: Visit) -> None:
        self._unregister(visit)
        self._held -= visit.held
        visit.held = 0

    def _refuse(self, conn: Any, why: str) -> None:
        self._linger(conn, refusal(why))

    def _turn_away(self, visit: Visit, why: str) -> None:
        """Who stood in line is told to come again."""
        self._held -= visit.held
        self._refuse(visit.conn, why)

    def _linger(self, conn: Any, last: bytes) -> None:
        line = conn.sock.part()
        self.nr_conns -= 1
        self._lingering.take(line, last, self.poller)

    def _close(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Who took too long to send, or waited too long for a thread, is told and let go."""
        now = time.monotonic()
        if now - self._swept < _SWEEP_S:
            return
        self._swept = now
        for visit in [each for each in self._reading.values() if each.late(now)]:
            self._stop_reading(visit)
            self._refuse(visit.conn, "slow")
        for visit in self._line.expired(now - LONGEST_WAIT_S):
            self._turn_away(visit, "full")
        self._lingering.expire(now, self.poller)
