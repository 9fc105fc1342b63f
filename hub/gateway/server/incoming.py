"""One request as its bytes come in: where it ends, so that only whole requests take a thread.

It reads just enough to know that: what it cannot follow it hands on as it is, and the server's own
parser refuses it. Nothing here decides what a request means.
"""

import re

from hub.gateway.http.body import LIMIT

HEAD_BYTES = 16 * 1024
_FIELD = re.compile(
    rb"\r\n(content-length|transfer-encoding|expect|host|authorization|x-forwarded-for)[ \t]*:"
    rb"([^\r\n]*)",
    re.IGNORECASE,
)
_LENGTH = re.compile(rb"[0-9]{1,12}")
_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[^\r\n]{0,64}\r\n")
_NO_SIZE_BYTES = 128
"""Longer than any line that names a chunk's size and is followed."""


class Incoming:
    """The bytes of one connection from the beginning of a request on.

    `whole`: a request is there from begin to end. `odd`: it is none that can be followed, or longer
    than is read; it is handed on as far as it came. `nowhere`: it is HTTP/1.1 and does not say for
    which host. `forwarded` and `credential` tell callers apart in line, nothing more.
    """

    __slots__ = (
        *("_at", "_body", "_chunked", "_head", "_length", "asks", "buffer", "credential"),
        *("forwarded", "nowhere", "odd", "whole"),
    )

    def __init__(self, begun: bytes = b"") -> None:
        self.buffer = bytearray()
        self.whole = self.odd = self.asks = self.nowhere = False
        self.forwarded, self.credential = "", b""
        self._head = 0
        self._length, self._chunked = 0, False
        self._at = self._body = 0
        self.feed(begun)

    @property
    def has_head(self) -> bool:
        """Whether what follows is the body."""
        return self._head > 0

    @property
    def over(self) -> bool:
        """Whether nothing more is to be read before it is handed on."""
        return self.whole or self.odd

    def feed(self, more: bytes) -> None:
        """What came."""
        searched = max(0, len(self.buffer) - 3)
        self.buffer += more
        if not self._head:
            self._find_head(searched)
        if self._head and not self.over:
            self._find_end()

    def end(self) -> None:
        """The other side sends no more."""
        self.odd = self.odd or not self.whole

    def door(self) -> str:
        """What it is addressed to, as far as fairness between callers needs it."""
        line = bytes(self.buffer[:200]).partition(b"\r\n")[0].split(b" ")
        path = line[1].partition(b"?")[0] if len(line) > 1 else b""
        parts = path.split(b"/", 3)
        if path.startswith(b"/in/"):
            return b"/".join(parts[:3]).decode("latin-1")
        return "/" + (parts[1] if len(parts) > 1 else b"").decode("latin-1")

    def split(self) -> tuple[bytes, bytes]:
        """The request's own bytes, and what came after them."""
        at = self._at if self.whole else len(self.buffer)
        return bytes(self.buffer[:at]), bytes(self.buffer[at:])

    def _find_head(self, searched: int) -> None:
        at = self.buffer.find(b"\r\n\r\n", searched)
        if at < 0:
            bare = self.buffer.find(b"\n\n", searched) >= 0
            self.odd = bare or len(self.buffer) > HEAD_BYTES
            return
        if at > HEAD_BYTES:
            self.odd = True
            return
        self._head = self._at = at + 4
        self._read_head(bytes(self.buffer[: at + 2]))

    def _read_head(self, head: bytes) -> None:
        headers: dict[bytes, list[bytes]] = {}
        for name, value in _FIELD.findall(head):
            headers.setdefault(name.lower(), []).append(value.strip())
        lengths, codings = headers.get(b"content-length", []), headers.get(b"transfer-encoding", [])
        self.nowhere = b"host" not in headers and head.partition(b"\r\n")[0].endswith(b" HTTP/1.1")
        self.forwarded = b",".join(headers.get(b"x-forwarded-for", [])).decode("latin-1")
        self.credential = b",".join(headers.get(b"authorization", []))
        self.asks = [value.lower() for value in headers.get(b"expect", [])] == [b"100-continue"]
        if len(lengths) + len(codings) > 1:
            self.odd = True
        elif codings:
            self._chunked = codings[0].lower() == b"chunked"
            self.odd = not self._chunked
        elif lengths:
            self._length = int(lengths[0]) if _LENGTH.fullmatch(lengths[0]) else LIMIT + 1
            self.odd = self._length > LIMIT

    def _find_end(self) -> None:
        if self._chunked:
            self._follow_chunks()
        elif len(self.buffer) >= self._head + self._length:
            self._at = self._head + self._length
            self.whole = True

    def _follow_chunks(self) -> None:
        while not self.over:
            line = _SIZE.match(self.buffer, self._at)
            if line is None:
                self.odd = len(self.buffer) - self._at > _NO_SIZE_BYTES
                self.odd = self.odd or self.buffer.find(b"\n", self._at) >= 0
                return
            size = int(line[1], 16)
            if size == 0:
                self._end_chunks(line.end())
                return
            if self._body + size > LIMIT:  # so much is read, to be refused for it
                self.odd = self._body + len(self.buffer) - line.end() > LIMIT
                return
            end = line.end() + size + 2
            if len(self.buffer) < end:
                return
            self.odd = self.buffer[end - 2 : end] != b"\r\n"
            self._body += size
            self._at = end

    def _end_chunks(self, at: int) -> None:
        """The last chunk is there: after it an empty line. Trailers are not followed."""
        if len(self.buffer) >= at + 2:
            self.odd = self.buffer[at : at + 2] != b"\r\n"
            self.whole, self._at = not self.odd, at + 2
