"""One request and its answer on a connection that stands, within bounds of size."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException

from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from adapters.kit.sockets import Connection

MAX_BODY, MAX_HEADERS = 5 * 1024 * 1024, 50
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def converse(
    connection: Connection, method: str, target: str, raw: bytes, headers: dict[str, str]
) -> tuple[Reply, bool]:
    """The reply, and whether the connection may be used again."""
    broken = False
    try:
        connection.request(method, target, body=raw or None, headers=headers, preload_content=False)
    except (BrokenPipeError, ConnectionResetError):  # an early refusal may still be readable
        broken = True
    response = connection.getresponse()
    if sum(1 for _ in response.headers.iteritems()) > MAX_HEADERS:
        raise HTTPException("too many headers")
    body, whole = _body(response)
    found = {name.lower(): value for name, value in response.headers.items()}
    keep = whole and not broken and not connection.is_closed
    return Reply(response.status, found, body), keep


def _body(response: BaseHTTPResponse) -> tuple[bytes, bool]:
    """The body, and whether it is whole. Cut short, it counts only beside a status that refuses."""
    parts: list[bytes] = []
    try:
        _fill(parts, response)
    except (OSError, HTTPException, HTTPError):
        if response.status < 300:
            raise
        return b"".join(parts), False
    return b"".join(parts), True


def _fill(parts: list[bytes], response: BaseHTTPResponse) -> None:
    """Read at most MAX_BODY bytes, counted after decompression."""
    size = 0
    while part := response.read(_CHUNK, decode_content=True):
        size += len(part)
        if size > MAX_BODY:
            raise HTTPException("the body is too large")
        parts.append(part)
