"""How a delivery is answered over WSGI: in the partner's own form, or as a problem."""

from collections.abc import Callable, Mapping
from uuid import UUID

from adapters.ports import Answer
from hub.gateway.http.correlation import HEADER
from hub.gateway.http.problems import CONTENT_TYPE, Trouble

Start = Callable[[str, list[tuple[str, str]]], object]

_STATUS = {
    200: "200 OK",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    413: "413 Content Too Large",
    415: "415 Unsupported Media Type",
    429: "429 Too Many Requests",
    503: "503 Service Unavailable",
}


def own(start: Start, said: Answer, correlation: UUID, more: Mapping[str, str]) -> list[bytes]:
    headers = {"Content-Type": said.content_type, **more}
    return send(start, said.status, said.body, headers, correlation)


def problem(start: Start, told: Trouble, correlation: UUID) -> list[bytes]:
    headers = {"Content-Type": CONTENT_TYPE, **told.headers}
    return send(start, told.status, told.document(correlation), headers, correlation)


def send(
    start: Start, status: int, body: bytes, headers: Mapping[str, str], correlation: UUID
) -> list[bytes]:
    start(
        _STATUS.get(status, f"{status} Other"),
        [
            ("Content-Length", str(len(body))),
            (HEADER, str(correlation)),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
            *headers.items(),
        ],
    )
    return [body]
