"""Bytes over a bare socket at the real server: an answer that is no 5xx, or the end of the line."""

import socket
from random import Random

from tests.hostile import mutate, seeds
from tests.hostile.judge import Fault
from tests.kit.world.signing import signed

_WAIT_S = 15.0
_HEADS = (
    "Content-Length: 5", "Content-Length: -1", "Content-Length: 99999999999999999999",
    "Transfer-Encoding: chunked", "Transfer-Encoding: xchunked",
    "Transfer-Encoding: chunked, gzip", "Connection: upgrade", "Upgrade: h2c",
    "Expect: 100-continue", "Expect: x", "Host: other", " folded", "X-A : b", ": b", "X-A: \x00",
    "X_A: b", "X-Forwarded-For: 1.1.1.1", "Range: bytes=0-", "Content-Encoding: gzip",
    "Cookie: " + "c" * 4000, "Connection: close", "Connection: keep-alive",
)  # fmt: skip
_FIRST = (
    "POST /in/shop-a HTTP/1.1", "POST /in/shop-a HTTP/1.0", "POST /in/shop-a HTTP/9.9",
    "GET /api/v1/orders HTTP/1.1", "TRACE / HTTP/1.1", "OPTIONS * HTTP/1.1", "GET // HTTP/1.1",
    "POST http://x/in/shop-a HTTP/1.1", "CONNECT a:1 HTTP/1.1", "GET /%00%ff%zz HTTP/1.1",
    "GET /api/v1/orders?limit=0&limit=1 HTTP/1.1", "GET /readyz HTTP/1.1", "GET /metrics HTTP/1.1",
)  # fmt: skip


def request(chance: Random) -> bytes:
    """A request, or what was one."""
    body = mutate.json_message(chance, chance.choice(seeds.generic()).raw)
    lines = [chance.choice(_FIRST) if chance.random() < 0.3 else _FIRST[0], "Host: hub"]
    lines += [f"{name}: {value}" for name, value in signed(body).items()]
    if chance.random() < 0.3:
        size = chance.choice([1, 7, 1000])
        parts = [body[at : at + size] for at in range(0, len(body), size)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
        lines.append("Transfer-Encoding: chunked")
    else:
        lines.append(f"Content-Length: {len(body)}")
    while chance.random() < 0.4:
        lines.insert(chance.randrange(1, len(lines) + 1), chance.choice(_HEADS))
    raw = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
    if chance.random() < 0.4:
        raw = mutate.any_bytes(chance, raw)
    return raw * 2 if chance.random() < 0.1 else raw


def judge(port: int, raw: bytes) -> Fault | None:
    """What the server says to it."""
    try:
        found = _told(port, raw)
    except TimeoutError:
        return Fault("the server neither answers nor hangs up", "")
    statuses = [int(part[:3] or 0) for part in found.split(b"HTTP/1.1 ")[1:] if part[:3].isdigit()]
    wrong = [status for status in statuses if status >= 500 and status not in (501, 503, 505)]
    return Fault(f"{wrong[0]}", found[:300].decode("latin-1")) if wrong else None


def _told(port: int, raw: bytes) -> bytes:
    found = b""
    with socket.create_connection(("127.0.0.1", port), _WAIT_S) as line:
        try:
            line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            while data := line.recv(65536):
                found += data
        except ConnectionError:
            pass
    return found
