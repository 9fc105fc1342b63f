"""One request and its answer on a connection that stands, within bounds of size.

Written and read on the connection's own socket, which keeps the deadline: a layer less than the
connection has, and the request leaves in one piece.
"""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse, IncompleteRead

from adapters.kit.http.sockets import Connection

MAX_BODY, MAX_HEADERS = 5 * 1024 * 1024, 50
_CHUNK = 64 * 1024
_NO_TARGET = re.compile(r"[^\x21-\x7e]")
_NO_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB = 47


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def converse(
    connection: Connection, method: str, target: str, raw: bytes, headers: Mapping[str, str]
) -> tuple[Reply, bool]:
    """The reply, and whether the connection may be used again."""
    request = _request(_host(connection), method, target, raw, headers)
    broken = False
    try:
        connection.sock.sendall(request)
    except (BrokenPipeError, ConnectionResetError):  # an early refusal may still be readable
        broken = True
    response = HTTPResponse(connection.sock, method=method)
    try:
        response.begin()
        if len(response.msg) > MAX_HEADERS:
            raise HTTPException("too many headers")
        if len(set(response.msg.get_all("content-length", ()))) > 1:
            raise HTTPException("several lengths of one body")
        body, whole = _body(response)
        fields: dict[str, str] = {}
        for name, value in response.msg.items():
            before = fields.get(name.lower())
            fields[name.lower()] = value if before is None else f"{before}, {value}"
    finally:
        response.close()
    return Reply(response.status, fields, body), whole and not broken and not response.will_close


def _host(connection: Connection) -> str:
    host = connection.host if connection.host.isascii() else connection.host.encode("idna").decode()
    name = f"[{host}]" if ":" in host else host
    return name if connection.port == connection.default_port else f"{name}:{connection.port}"


def _request(host: str, method: str, target: str, raw: bytes, headers: Mapping[str, str]) -> bytes:
    """The whole request. ValueError where a part would break out of its line."""
    values = "".join((*headers, *headers.values()))
    if _NO_TARGET.search(target) or _NO_VALUE.search(values) or not method.isalpha():
        raise ValueError("a request's target and headers are printable")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{header}: {value}" for header, value in headers.items()]
    if raw or method not in {"GET", "HEAD", "OPTIONS"}:
        lines.append(f"Content-Length: {len(raw)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + raw


def _body(response: HTTPResponse) -> tuple[bytes, bool]:
    """The body, and whether it is whole. Cut short, it counts only beside a status that refuses."""
    parts: list[bytes] = []
    try:
        _fill(parts, response)
    except (OSError, HTTPException, zlib.error):
        if response.status < 300:
            raise
        return b"".join(parts), False
    return b"".join(parts), True


def _fill(parts: list[bytes], response: HTTPResponse) -> None:
    """Read at most MAX_BODY bytes, counted after decompression."""
    packed = (response.msg.get("content-encoding") or "identity").strip().lower()
    if packed not in {*_PACKED, "identity"}:
        raise HTTPException("an encoding that nobody asked for")
    unpack = _Unpacking() if packed in _PACKED else None
    size = 0
    while part := response.read(_CHUNK):
        got = part if unpack is None else unpack.more(part, MAX_BODY + 1 - size)
        size += len(got)
        if size > MAX_BODY:
            raise HTTPException("the body is too large")
        parts.append(got)
    if response.length:
        raise IncompleteRead(b"", response.length)
    if unpack is not None and not unpack.whole:
        raise HTTPException("a compressed body that does not end")


class _Unpacking:
    """A compressed body, piece by piece. It may consist of several parts, one after the other."""

    def __init__(self) -> None:
        self._part = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False

    @property
    def whole(self) -> bool:
        return self._part.eof or not self._begun

    def more(self, packed: bytes, most: int) -> bytes:
        """What a piece holds, cut after `most` bytes."""
        pieces: list[bytes] = []
        while packed and most > 0:
            if self._part.eof:
                self._part = zlib.decompressobj(_GZIP_OR_ZLIB)
            self._begun = True
            got = self._part.decompress(packed, most)
            pieces.append(got)
            most -= len(got)
            packed = self._part.unused_data if self._part.eof else self._part.unconsumed_tail
        return b"".join(pieces)
