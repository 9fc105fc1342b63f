"""One request and its answer, as they stand on the wire."""

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

import pytest

from adapters.kit.http import Http, Transport
from adapters.kit.http.exchange import MAX_BODY, MAX_HEADERS
from adapters.kit.testing.scripted_partner import Loopback, Told
from hub.model.errors import OutcomeUnknown, Rejected, TryLater

LOCAL = Transport.local()
OK = b"HTTP/1.1 200 OK\r\n"


def ask(raw: bytes, method: str = "GET", **request: object) -> bytes:
    """The body of a call that is answered with these bytes and then closed."""
    with Loopback(lambda _: Told(raw=raw, close=True)) as partner:
        return Http(partner.url, {}, LOCAL).call_full(method, "/x", **request).body


@pytest.mark.parametrize(
    "raw",
    [
        OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
        OK + b"Content-Length: 2\r\ncontent-length: 02\r\n\r\n{}",
        OK + b"Content-Length: 2\r\nContent-Encoding: br\r\n\r\n{}",
        OK + b"Content-Length: 2\r\nContent-Encoding: gzip, gzip\r\n\r\n{}",
        OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b'{"a": 1}')[:-9],
        OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"{}") + gzip.compress(b"{}")[:8],
        OK + b"Content-Encoding: gzip\r\n\r\n" + b"\x1f\x8b\x08\x00 no gzip",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        OK + b"a: b\r\n" * (MAX_HEADERS + 1) + b"\r\n{}",
        OK + b"a: " + b"b" * 70_000 + b"\r\n\r\n{}",
        b"HTTP/1.1 200 " + b"O" * 70_000 + b"\r\n\r\n{}",
        b"HTTP/1.1 twohundred OK\r\n\r\n{}",
        OK + b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1) + b" " * (MAX_BODY + 1),
    ],
    ids=[
        "two lengths",
        "two spellings of a length",
        "brotli",
        "packed twice",
        "gzip cut",
        "second gzip part cut",
        "no gzip",
        "chunks cut",
        "chunk size is no number",
        "too many headers",
        "a header too long",
        "a status line too long",
        "a status that is none",
        "too large",
    ],
)
def test_an_answer_that_breaks_the_rules_is_none(raw: bytes) -> None:
    with pytest.raises(TryLater):
        ask(raw)
    with pytest.raises(OutcomeUnknown):
        ask(raw, "POST")


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", b"{}"),
        (
            OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;a=b\r\n}\r\n0\r\nT: x\r\n\r\n",
            b"{}",
        ),
        (OK + b"\r\nuntil it closes", b"until it closes"),
        (OK + b"Content-Encoding: identity\r\n\r\n{}", b"{}"),
        (OK + b"Content-Encoding: GZIP\r\n\r\n" + gzip.compress(b"{") + gzip.compress(b"}"), b"{}"),
        (OK + b"Content-Encoding: deflate\r\n\r\n" + zlib.compress(b"{}"), b"{}"),
        (OK + b"Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", b""),
        (OK + b"a: b\r\n" * MAX_HEADERS + b"\r\n{}", b"{}"),
        (b"HTTP/1.1 204 None\r\nContent-Length: 2\r\n\r\n", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\n{}", b"{}"),
        (OK + b"Content-Length: 2\r\n\r\n{}rest", b"{}"),
    ],
    ids=[
        "the same length twice",
        "chunks with extension and trailer",
        "until it closes",
        "not packed",
        "two gzip parts",
        "deflate",
        "packed nothing",
        "as many headers as may be",
        "204 has no body",
        "continue",
        "more than its length",
    ],
)
def test_an_answer_is_read_to_its_end(raw: bytes, body: bytes) -> None:
    assert ask(raw, "POST") == body


def test_the_answer_to_head_has_no_body_and_a_304_is_a_refusal_without_one() -> None:
    assert ask(OK + b"Content-Length: 500\r\n\r\n", "HEAD") == b""
    with pytest.raises(Rejected, match="304"):
        ask(b"HTTP/1.1 304 Same\r\nContent-Length: 500\r\n\r\n")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/x y", {}),
        ("/x\r\nHost: elsewhere", {}),
        ("/\u00e9", {}),
        ("/x", {"a": "b\r\nc: d"}),
        ("/x", {"a": "b\x00"}),
        ("/x", {"a\n": "b"}),
        ("/x", {"a": "\x7f"}),
    ],
)
def test_S08_what_would_break_out_of_its_line_never_leaves(
    path: str, headers: dict[str, str]
) -> None:
    with Loopback(lambda _: Told.json({})) as partner:
        with pytest.raises(ValueError, match="printable"):
            Http(partner.url, {}, LOCAL).call("GET", path, headers=headers)
        assert partner.asked == []


def test_what_came_beyond_an_answer_is_never_taken_for_the_next_one() -> None:
    more = OK + b"Content-Length: 2\r\n\r\n{}" + OK + b'Content-Length: 9\r\n\r\n{"a":"b"}'
    with Loopback(lambda _: Told(raw=more)) as partner:
        http = Http(partner.url, {}, LOCAL)
        assert [http.call("POST", "/x") for _ in range(3)] == [{}] * 3
        assert len(partner.asked) == 3


def test_an_answer_before_the_request_was_read_counts_and_its_connection_does_not() -> None:
    answers = iter([b"HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n"])
    with _hasty(lambda: next(answers)) as url, pytest.raises((Rejected, OutcomeUnknown)):
        Http(url, {}, LOCAL).call("POST", "/x", body=b"x" * 4_000_000)


def test_a_read_on_a_connection_closed_at_that_moment_goes_again_and_a_write_does_not() -> None:
    with _fickle() as (url, asked):
        http = Http(url, {}, LOCAL)
        assert http.call("GET", "/1") == {}
        assert http.call("GET", "/2") == {}  # the second request of a connection meets its end
        assert asked == ["GET /1", "GET /2", "GET /2"]
        with pytest.raises(OutcomeUnknown):
            http.call("POST", "/3", body={})
        assert asked[3:] == ["POST /3"]


def test_a_read_that_meets_the_end_of_a_fresh_connection_is_not_repeated() -> None:
    with Loopback(lambda _: Told(raw=b"", close=True)) as partner:
        with pytest.raises(TryLater):
            Http(partner.url, {}, LOCAL).call("GET", "/x")
        assert len(partner.asked) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_answer_that_trickles_is_left_at_the_deadline_of_the_whole_call(method: str) -> None:
    told = Told(raw=OK + b"Content-Length: 500\r\n\r\n" + b" " * 500, pause_s=0.02)
    with Loopback(lambda _: told) as partner:
        since = monotonic()
        with pytest.raises((TryLater, OutcomeUnknown), match=r"within 0\.5 s"):
            Http(partner.url, {}, Transport.local(timeout_s=0.5)).call(method, "/x")
        assert 0.4 < monotonic() - since < 5


@contextmanager
def _served(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that leaves each connection to `serve`."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@contextmanager
def _fickle() -> Iterator[tuple[str, list[str]]]:
    """A partner that answers the first request of a connection and closes at the second."""
    asked: list[str] = []

    def serve(connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as reader:
            for answers in (True, False):
                words = reader.readline().decode().split()
                while reader.readline().strip():
                    pass
                asked.append(" ".join(words[:2]))
                if answers:
                    connection.sendall(OK + b"Content-Length: 2\r\n\r\n{}")

    with _served(serve) as url:
        yield url, asked


@contextmanager
def _hasty(answer: Callable[[], bytes]) -> Iterator[str]:
    """A partner that answers before it has read, and closes."""

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.recv(1000)
            connection.sendall(answer())
            connection.shutdown(socket.SHUT_WR)

    with _served(serve) as url:
        yield url
