"""Sockets that keep a deadline and connect only where the policy allows, and a pool of kept ones.

urllib3's connections do HTTP and TLS; what is ours is below them: the address is checked on the
socket before the first byte, each time, and each read or write gets only the time that is left.
"""

import logging
import os
import socket
import ssl
from dataclasses import dataclass
from functools import cache
from threading import Lock
from time import monotonic
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from adapters.kit.http.network import NetworkPolicy

logging.getLogger(
    "urllib3.connection"
).disabled = True  # its warnings show whole URLs, secrets included

_IDLE_S = 15.0


class Forbidden(Exception):
    """Every address of the host lies in a network that the operator did not name."""


class _Deadline:
    """Each operation gets the time that is left; when none is left it fails like a time-out."""

    deadline: float = float("inf")

    def _hurry(self) -> None:
        left = self.deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        self.settimeout(None if left == float("inf") else left)  # type: ignore[attr-defined]

    def sendall(self, *args: Any) -> None:
        self._hurry()
        super().sendall(*args)  # type: ignore[misc]

    def send(self, *args: Any) -> int:
        self._hurry()
        return int(super().send(*args))  # type: ignore[misc]

    def recv_into(self, *args: Any) -> int:
        self._hurry()
        return int(super().recv_into(*args))  # type: ignore[misc]

    def __del__(self) -> None:
        """Of a pool that goes with a cycle nobody says whether it or its sockets go first."""
        if self.fileno() >= 0:  # type: ignore[attr-defined]
            self.close()  # type: ignore[attr-defined]


class _Socket(_Deadline, socket.socket):
    pass


class _TlsSocket(_Deadline, ssl.SSLSocket):
    pass


@cache
def tls(ca_file: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _TlsSocket
    return context


def connected(
    host: str,
    port: int,
    policy: NetworkPolicy,
    timeout_s: float,
    kind: type[socket.socket] = socket.socket,
) -> socket.socket:
    """A connected socket to the first address of the host that is allowed and answers. Forbidden
    where none is allowed.
    """
    ends = monotonic() + timeout_s
    failure: OSError | None = None
    forbidden = True
    addresses = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    for family, form, protocol, _, address in addresses:
        if not policy.allows(str(address[0])):
            continue
        forbidden = False
        sock = kind(family, form, protocol)
        try:
            sock.settimeout(max(ends - monotonic(), 0.001))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
            if policy.allows(str(sock.getpeername()[0])):
                return sock
            failure = OSError("connected elsewhere")
        except OSError as error:
            failure = error
        sock.close()
    if forbidden:
        raise Forbidden(host)
    raise failure or OSError("no address")


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a pool talks to."""

    scheme: str
    host: str
    port: int
    policy: NetworkPolicy
    connect_s: float
    ca_file: str | None = None


def _for_http(target: Target) -> socket.socket:
    return connected(target.host, target.port, target.policy, target.connect_s, _Socket)


class _Plain(HTTPConnection):
    target: Target
    idle_until, was_idle = 0.0, False

    def _new_conn(self) -> socket.socket:
        return _for_http(self.target)


class _Tls(HTTPSConnection):
    target: Target
    idle_until, was_idle = 0.0, False

    def _new_conn(self) -> socket.socket:
        return _for_http(self.target)


Connection = _Plain | _Tls


class Pool:
    """Connections of one target, kept alive between calls; usable by threads and across forks."""

    def __init__(self, target: Target, size: int) -> None:
        self._target, self._size = target, size
        self._lock = Lock()
        self._idle: list[Connection] = []
        self._process = os.getpid()

    def take(self, deadline: float, *, fresh: bool = False) -> Connection:
        """A connected connection; never an idle one that is stale or that the partner closed.
        `fresh`: none that was idle.
        """
        while not fresh and (connection := self._pop()) is not None:
            if monotonic() < connection.idle_until and connection.is_connected:
                break
            connection.close()
        else:
            connection = self._connected()
        if isinstance(connection.sock, _Deadline):
            connection.sock.deadline = deadline
        return connection

    def give_back(self, connection: Connection, keep_alive: str | None) -> None:
        """Keep a connection whose answer was read to its end."""
        connection.idle_until, connection.was_idle = monotonic() + _idle_for(keep_alive), True
        with self._lock:
            if len(self._idle) < self._size and self._process == os.getpid():
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close what is idle."""
        while (connection := self._pop()) is not None:
            connection.close()

    def __del__(self) -> None:
        self.close()

    def _pop(self) -> Connection | None:
        with self._lock:
            if (
                self._process != os.getpid()
            ):  # a forked child must not speak on its parent's sockets
                self._process, self._idle = os.getpid(), []
            return self._idle.pop() if self._idle else None

    def _connected(self) -> Connection:
        connection = self._new()
        try:
            connection.connect()
        except BaseException:
            connection.close()
            raise
        return connection

    def _new(self) -> Connection:
        target = self._target
        connection: Connection
        if target.scheme == "https":
            connection = _Tls(target.host, target.port, ssl_context=tls(target.ca_file))
        else:
            connection = _Plain(target.host, target.port)
        connection.target = target
        return connection


def _idle_for(keep_alive: str | None) -> float:
    """Seconds to keep a connection: less than the partner says, lest it close under a request."""
    for part in (keep_alive or "").split(","):
        name, _, seconds = part.strip().partition("=")
        if name.lower() == "timeout" and seconds.isdigit():
            return max(min(_IDLE_S, int(seconds) - 1), 0)
    return _IDLE_S
