"""What no client library would send, over bare sockets, at the real server with the real app."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from hub.gateway.http.body import LIMIT
from tests.gateway.server.process import serving
from tests.kit.catalogue import sales_order
from tests.kit.world import World
from tests.kit.world.gateway import Gateway
from tests.kit.world.signing import signed

BODY = json.dumps(sales_order()).encode()


@pytest.fixture(scope="module")
def running(shared: World) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    with serving(shared.url, shared.home) as found:
        yield found


def talk(port: int, raw: bytes, *, seconds: float = 8.0) -> bytes:
    """Send bytes and read until the other side closes or falls silent."""
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.settimeout(seconds)
        found = b""
        try:
            line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            while data := line.recv(65536):
                found += data
        except OSError:
            pass
        return found


def statuses(answer: bytes) -> list[int]:
    """The status of each answer on the line."""
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


def head(*lines: str, first: str = "POST /in/shop-a HTTP/1.1", host: bool = True) -> bytes:
    """A request's head."""
    whole = [first, *(["Host: hub"] if host else []), *lines, "", ""]
    return "\r\n".join(whole).encode("latin-1")


def good(**more: str) -> list[str]:
    """The headers of an authentic delivery, without its length."""
    return [f"{name}: {value}" for name, value in {**signed(BODY), **more}.items()]


LENGTH = f"Content-Length: {len(BODY)}"
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)


def test_a_plain_and_a_chunked_delivery_are_taken(
    gateway: Gateway, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    port = running[0]
    assert statuses(talk(port, head(*good(), LENGTH) + BODY)) == [200]
    assert statuses(talk(port, head(*good(), "Transfer-Encoding: chunked") + CHUNKED)) == [200]
    assert gateway.world.count("message") == 2


SMUGGLED: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "length and chunks": (
        head(*good(), LENGTH, "Transfer-Encoding: chunked") + CHUNKED,
        (400,),
    ),
    "two lengths": (head(*good(), LENGTH, LENGTH) + BODY, (400,)),
    "two other lengths": (head(*good(), LENGTH, "Content-Length: 5") + BODY, (400,)),
    "a list of lengths": (head(*good(), f"{LENGTH}, {len(BODY)}") + BODY, (400,)),
    "a signed length": (head(*good(), f"Content-Length: +{len(BODY)}") + BODY, (400,)),
    "a hex length": (head(*good(), "Content-Length: 0x10") + BODY, (400,)),
    "a length of less than none": (head(*good(), "Content-Length: -1") + BODY, (400,)),
    "an unknown coding": (head(*good(), "Transfer-Encoding: xchunked") + CHUNKED, (400, 501)),
    "two codings": (
        head(*good(), "Transfer-Encoding: chunked", "Transfer-Encoding: chunked") + CHUNKED,
        (400, 501),
    ),
    "a chunk that overflows": (
        head(*good(), "Transfer-Encoding: chunked") + b"fffffffffffffffff1\r\n" + BODY,
        (0, 400),
    ),
    "a signed chunk": (
        head(*good(), "Transfer-Encoding: chunked") + b"+%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY),
        (400,),
    ),
    "a chunk without end": (
        head(*good(), "Transfer-Encoding: chunked") + b"%x\r\n%sXX0\r\n\r\n" % (len(BODY), BODY),
        (400,),
    ),
    "bare line feeds": ((head(*good(), LENGTH) + BODY).replace(b"\r\n", b"\n"), (0, 400)),
    "a bare line feed in a header": (head(*good(), "X-A: b\nX-C: d", LENGTH) + BODY, (400,)),
    "a folded header": (head(*good(), "X-A: b", " c", LENGTH) + BODY, (400,)),
    "a blank before the colon": (head(*good(), "X-A : b", LENGTH) + BODY, (400,)),
    "a header without a name": (head(*good(), ": b", LENGTH) + BODY, (400,)),
    "a NUL in a header": (head(*good(), "X-A: \x00", LENGTH) + BODY, (400,)),
    "a header of 16 KB": (head(*good(), "X-A: " + "b" * 16_384, LENGTH) + BODY, (431,)),
    "a block of 16 KB": (
        head(*good(), *(f"X-{at}: {'b' * 1000}" for at in range(20)), LENGTH) + BODY,
        (431,),
    ),
    "101 headers": (head(*(f"X-{at}: b" for at in range(120)), LENGTH) + BODY, (431,)),
    "a line of 8 KB": (
        head(*good(), LENGTH, first=f"POST /in/{'x' * 8192} HTTP/1.1") + BODY,
        (414,),
    ),
    "no host": (head(*good(), LENGTH, host=False) + BODY, (400,)),
    "two hosts": (head("Host: other", *good(), LENGTH) + BODY, (400,)),
    "no version": (b"POST /in/shop-a\r\n\r\n", (400,)),
    "another version": (head(*good(), LENGTH, first="POST /in/shop-a HTTP/2.0") + BODY, (400, 505)),
    "a method in small letters": (head(*good(), LENGTH, first="post /in/shop-a HTTP/1.1"), (400,)),
    "an address with a blank": (head(*good(), first="POST /in/ shop-a HTTP/1.1"), (400,)),
    "TRACE": (head(first="TRACE /in/shop-a HTTP/1.1"), (405,)),
    "CONNECT": (head(first="CONNECT shop-a:443 HTTP/1.1"), (400, 404, 405)),
    "two slashes": (
        head(*good(), LENGTH, first="POST //in/shop-a HTTP/1.1") + BODY,
        (400, 404, 405),
    ),
    "a NUL in the address": (
        head(*good(), LENGTH, first="POST /in/shop-a%00 HTTP/1.1") + BODY,
        (401,),
    ),
    "dots in the address": (
        head(*good(), LENGTH, first="POST /in/..%2fin/shop-a HTTP/1.1") + BODY,
        (401,),
    ),
    "an upgrade to HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505)),
    "no HTTP at all": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64, (0, 400)),
    "a proxy's word": (
        b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + head(*good(), LENGTH) + BODY,
        (400,),
    ),
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_S04_a_request_with_two_meanings_is_refused_and_nothing_is_stored(
    gateway: Gateway, running: tuple[int, subprocess.Popen[bytes]], name: str
) -> None:
    raw, expected = SMUGGLED[name]
    hidden = head(*good(), LENGTH) + BODY
    found = statuses(talk(running[0], raw + hidden)) or [0]
    assert found[0] in expected
    if found[0] not in (401, 404, 405):
        assert len(found) == 1  # the line is closed: what hid behind it was never a request
        assert gateway.world.count("message") == 0


def test_a_pipelined_second_request_is_one_of_its_own(
    gateway: Gateway, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    two = b"".join(head(*good(), LENGTH) + BODY for _ in range(2))
    assert statuses(talk(running[0], two)) == [200, 200]
    assert gateway.world.count("message") == 2


def test_only_newer_http_asks_for_a_host_and_no_answer_names_the_server(
    gateway: Gateway, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    old = talk(running[0], b"GET /healthz HTTP/1.0\r\n\r\n")
    new = talk(running[0], head(first="GET /healthz HTTP/1.1", host=False))
    bad = talk(running[0], head("X-A : b", first="GET /healthz HTTP/1.1"))
    told = talk(running[0], head(*good(), LENGTH) + BODY)
    assert old.startswith(b"HTTP/1.0 200 ")
    assert [statuses(one) for one in (new, bad, told)] == [[400], [400], [200]]
    assert b'"the request names no host"' in new
    for answer in (old, new, bad, told):
        assert b"\r\nserver:" not in answer.lower()
        assert b"gunicorn" not in answer.lower()


def test_an_absolute_address_means_its_path(
    gateway: Gateway, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    first = "POST http://elsewhere/in/shop-a HTTP/1.1"
    assert statuses(talk(running[0], head(*good(), LENGTH, first=first) + BODY)) == [200]
    assert gateway.world.count("message") == 1


def test_S03_a_security_header_that_stands_twice_is_not_authentic(
    gateway: Gateway, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    for name in ("webhook-signature", "webhook-id", "webhook-timestamp"):
        headers = signed(BODY)
        twice = [f"{key}: {value}" for key, value in headers.items()]
        raw = head(*twice, f"{name}: {headers[name]}", LENGTH) + BODY
        assert statuses(talk(running[0], raw)) == [401]
    assert gateway.world.count("message") == 0


def test_S03_a_header_spelt_with_an_underscore_does_not_stand_for_another(
    gateway: Gateway, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    wrong = signed(BODY)
    right = wrong.pop("webhook-signature")
    lines = [f"{key}: {value}" for key, value in wrong.items()]
    bad = head(*lines, "webhook-signature: v1,AAAA", f"webhook_signature: {right}", LENGTH)
    assert statuses(talk(running[0], bad + BODY)) == [401]
    alone = head(*lines, f"webhook_signature: {right}", LENGTH)
    assert statuses(talk(running[0], alone + BODY)) == [401]
    good_one = head(*lines, f"webhook-signature: {right}", "webhook_signature: v1,AAAA", LENGTH)
    assert statuses(talk(running[0], good_one + BODY)) == [200]
    mounted = head(*good(), "SCRIPT_NAME: /in", "X-Forwarded-Proto: https", LENGTH)
    assert statuses(talk(running[0], mounted + BODY)) == [200]


def test_S05_a_body_is_counted_as_it_is_read(
    gateway: Gateway, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    whole = b'"' + b"x" * (LIMIT - 2) + b'"'
    longer = whole + b" "

    def plain(body: bytes) -> bytes:
        lines = [f"{key}: {value}" for key, value in signed(body).items()]
        return head(*lines, f"Content-Length: {len(body)}") + body

    def chunked(body: bytes) -> bytes:
        lines = [f"{key}: {value}" for key, value in signed(body).items()]
        parts = [body[at : at + 100_000] for at in range(0, len(body), 100_000)]
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        return head(*lines, "Transfer-Encoding: chunked") + chunks + b"0\r\n\r\n"

    for form in (plain, chunked):
        assert statuses(talk(running[0], form(whole))) == [200]
        assert statuses(talk(running[0], form(longer)))[:1] == [413]
    assert gateway.world.count("message") == 2


def test_a_body_cut_off_is_not_stored(
    gateway: Gateway, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    cut = talk(running[0], head(*good(), LENGTH) + BODY[:-5])
    assert statuses(cut) in ([], [400])
    half = head(*good(), "Transfer-Encoding: chunked") + CHUNKED[:-20]
    assert statuses(talk(running[0], half)) in ([], [400])
    assert gateway.world.count("message") == 0


@pytest.mark.slow
def test_S04_a_head_that_trickles_is_cut_off_after_ten_seconds(
    running: tuple[int, subprocess.Popen[bytes]],
) -> None:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", running[0]), 5) as line:
        line.settimeout(0.5)
        found = b""
        for byte in head("X-A: " + "b" * 1000):
            try:
                line.sendall(bytes([byte]))
                found += line.recv(1000)
            except TimeoutError:
                continue
            except OSError:
                break
            break
        line.settimeout(30)
        while not found:
            found = line.recv(1000)
    assert statuses(found) == [408]
    assert 8 < time.monotonic() - began < 40  # all of it takes ten minutes
