"""A scripted partner on a real loopback socket: it answers what it is told, or misbehaves.

It speaks just enough HTTP to read a request whole, so that a test may answer with any bytes at all.
"""

import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import sleep
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

_READ_S = 10.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the partner saw it. Header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Told:
    """An answer. `raw` is sent in place of a proper response; `close` then ends the connection."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    close: bool = False
    pause_s: float = 0.0
    """Between the bytes, sent singly, of `raw`; before the answer where there is no `raw`."""

    @classmethod
    def json(cls, tree: Any, status: int = 200, **headers: str) -> Self:
        """A JSON answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, json.dumps(tree).encode(), {"content-type": "application/json", **named})


SILENCE = Told(raw=b"", close=True)
"""Takes the request and closes without a word: the answer is lost."""

Script = Callable[[Asked], Told]


class Loopback:
    """A server of one script. `asked` is what it was asked, in order."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self.connections = 0
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        self.hang_up()
        self._accepting.join(2)

    def hang_up(self) -> None:
        """Close every connection that is open."""
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue
            self._open.clear()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(_READ_S)
            with self._lock:
                self.connections += 1
                self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            reader = connection.makefile("rb")
            try:
                while (asked := _read(reader)) is not None:
                    self.asked.append(asked)
                    if not _tell(connection, self.script(asked)):
                        return
            except OSError:
                return
            finally:
                reader.close()


def _read(reader: Any) -> Asked | None:
    first = reader.readline().decode("latin-1").split()
    if len(first) < 3:
        return None
    headers = {}
    while line := reader.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = reader.read(int(headers.get("content-length", 0)))
    return Asked(first[0], first[1], headers, body)


def _tell(connection: socket.socket, answer: Told) -> bool:
    """Send the answer; whether the connection stays open."""
    if answer.raw is None:
        sleep(answer.pause_s)
        connection.sendall(_response(answer))
    elif answer.pause_s:
        for byte in answer.raw:
            connection.sendall(bytes([byte]))
            sleep(answer.pause_s)
    else:
        connection.sendall(answer.raw)
    if answer.close:
        connection.shutdown(socket.SHUT_RDWR)
    return not answer.close


def _response(told: Told) -> bytes:
    headers = {"content-length": str(len(told.body)), **told.headers}
    lines = [f"HTTP/1.1 {told.status} Told", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + told.body
