"""Read a request's body: bounded by what is really read, decompressed within the same bound."""

import zlib
from collections.abc import Mapping
from typing import Any

LIMIT = 2 * 1024 * 1024
RATIO = 100
"""A compressed body may grow by this much."""


class Refused(Exception):
    """A request that is refused before anything of it is looked at."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def read(environ: Mapping[str, Any], limit: int = LIMIT) -> bytes:
    """The body as it was meant, decompressed. Errors of the connection itself pass through.

    What was announced as too long is not read; what comes without a length is read up to one byte
    over the limit. A body shorter than announced is none: the sender was cut off.
    """
    announced = environ.get("CONTENT_LENGTH")
    stream = environ["wsgi.input"]
    if announced:
        length = int(announced) if announced.isdecimal() else limit + 1
        if length > limit:
            raise Refused(413, "too_large", f"a body has at most {limit} bytes")
        raw: bytes = stream.read(length)
        if len(raw) < length:
            raise Refused(400, "bad_body", "the body is shorter than announced")
    else:
        raw = stream.read(limit + 1) if environ.get("wsgi.input_terminated") else b""
        if len(raw) > limit:
            raise Refused(413, "too_large", f"a body has at most {limit} bytes")
    return _plain(raw, environ.get("HTTP_CONTENT_ENCODING", ""), limit)


def _plain(raw: bytes, encoding: str, limit: int) -> bytes:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return raw
    if name not in ("gzip", "x-gzip"):
        raise Refused(415, "unknown_encoding", "a body is plain or gzip")
    opened = zlib.decompressobj(wbits=31)
    try:
        plain = opened.decompress(raw, min(limit, max(len(raw), 1) * RATIO) + 1)
    except zlib.error:
        raise Refused(400, "bad_encoding", "the body is not gzip as announced") from None
    if len(plain) > min(limit, len(raw) * RATIO):
        raise Refused(413, "too_large", f"a body has at most {limit} bytes, {RATIO} for each sent")
    if not opened.eof or opened.unused_data:
        raise Refused(400, "bad_encoding", "the body is not one whole gzip stream")
    return plain
