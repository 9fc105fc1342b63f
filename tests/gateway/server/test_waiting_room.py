"""What a request's end is, and whose turn it is: the parts of the waiting room by themselves."""

import pytest

from hub.gateway.http.body import LIMIT
from hub.gateway.server.incoming import Incoming
from hub.gateway.server.line import Line, Turn

HEAD = b"POST /in/shop-a?x=1 HTTP/1.1\r\nHost: hub\r\n"
PLAIN = HEAD + b"Content-Length: 5\r\n\r\nhello"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;a=b\r\n123\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    "whole", [PLAIN, CHUNKED, HEAD + b"\r\n"], ids=["plain", "chunked", "none"]
)
@pytest.mark.parametrize("step", [1, 2, 7, 1000])
def test_S30_a_request_ends_where_it_ends_however_it_comes(whole: bytes, step: int) -> None:
    found = Incoming()
    for at in range(0, len(whole), step):
        assert not found.over
        found.feed(whole[at : at + step])
    assert (found.whole, found.odd) == (True, False)
    assert found.split() == (whole, b"")
    assert found.door() == "/in/shop-a"


def test_what_follows_a_request_is_the_next_one() -> None:
    found = Incoming(PLAIN + CHUNKED)
    assert found.split() == (PLAIN, CHUNKED)
    assert Incoming(CHUNKED + PLAIN).split() == (CHUNKED, PLAIN)


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        HEAD + b"Content-Length: +5\r\n\r\n",
        HEAD + b"Content-Length: %d\r\n\r\n" % (LIMIT + 1),
        HEAD + b"Transfer-Encoding: gzip\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 200,
        HEAD.replace(b"\r\n", b"\n") + b"\n",
        b"x" * 20_000,
    ],
    ids=range(10),
)
def test_S04_what_cannot_be_followed_is_not_waited_for(raw: bytes) -> None:
    found = Incoming(raw)
    assert (found.odd, found.whole) == (True, False)


def test_S30_doors_take_turns_and_none_takes_all() -> None:
    line: Line[int] = Line(most=6, each=4, share=2)
    for one in range(4):
        line.put(Turn("flood"), one, now=float(one))
    assert line.room(Turn("flood")) == "busy"
    assert line.room(Turn("other")) == ""
    line.put(Turn("other"), 10, now=9.0)
    line.put(Turn("other"), 11, now=9.0)
    taken = [line.take() for _ in range(5)]
    flood, other = Turn("flood"), Turn("other")
    assert taken == [(flood, 0), (other, 10), (flood, 1), (other, 11), None]
    line.done(Turn("flood"))
    assert line.take() == (flood, 2)
    assert list(line.expired(before=4.0)) == [3]
    assert len(line) == 0


def test_S30_at_one_door_callers_take_turns_and_none_takes_all() -> None:
    line: Line[int] = Line(most=100, each=50, share=5)
    much, little = Turn("/api", "10.0.0.1", 3), Turn("/api", "10.0.0.2", 3)
    for one in range(20):
        line.put(much, one, now=0.0)
    line.put(little, 100, now=1.0)
    taken = [line.take() for _ in range(5)]
    assert taken == [(much, 0), (little, 100), (much, 1), (much, 2), None]


def test_S30_where_all_places_are_taken_the_longest_queue_gives_way() -> None:
    line: Line[int] = Line(most=4, each=4, share=4)
    for one in range(3):
        line.put(Turn("/in/a", "10.0.0.1"), one, now=0.0)
    line.put(Turn("/in/a", "10.0.0.2"), 10, now=0.0)
    assert line.room(Turn("/in/a", "10.0.0.1")) == "full"
    assert line.room(Turn("/in/a", "10.0.0.2")) == ""
    assert line.put(Turn("/in/a", "10.0.0.3"), 20, now=0.0) == 2
    assert len(line) == 4
