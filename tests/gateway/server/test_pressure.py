"""More than can be served, slower than it should come, and a database that does not answer.

Real processes. What was answered 2xx is stored, what was not says when to come again, memory is
bounded, and nobody waits for somebody else's flood.
"""

import http.client
import json
import select
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from sqlalchemy.engine import make_url

from hub.gateway.http.body import LIMIT
from hub.gateway.server.worker import HELD_BYTES
from hub.store.base.database import driver_url
from tests.gateway.server.process import serving
from tests.kit.catalogue import sales_order
from tests.kit.world import World
from tests.kit.world.gateway import Gateway
from tests.kit.world.processes import within
from tests.kit.world.signing import signed

BODY = json.dumps(sales_order()).encode()
Running = tuple[int, subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def running(shared: World) -> Iterator[Running]:
    with serving(shared.url, shared.home) as found:
        yield found


def head(path: str, length: int, body: bytes = BODY) -> bytes:
    """The head of an authentic delivery."""
    lines = [f"POST {path} HTTP/1.1", "Host: hub", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in signed(body).items()]
    return "\r\n".join([*lines, "", ""]).encode()


def deliver(port: int, path: str = "/in/shop-a") -> tuple[int, str | None, Any, float]:
    """One delivery: status (0: cut off), Retry-After, answer, seconds."""
    began = time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        line.request("POST", path, BODY, signed(BODY))
        answer = line.getresponse()
        found = json.loads(answer.read())
        return answer.status, answer.getheader("Retry-After"), found, time.monotonic() - began
    except (OSError, http.client.HTTPException):
        return 0, None, None, time.monotonic() - began
    finally:
        line.close()


def many(port: int, threads: int, each: int, path: str = "/in/shop-a") -> list[Any]:
    """So many clients that deliver one after the other."""
    found: list[Any] = []

    def client() -> None:
        found.extend(deliver(port, path) for _ in range(each))

    clients = [threading.Thread(target=client) for _ in range(threads)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    return found


def memory(process: subprocess.Popen[bytes]) -> int:
    """Bytes of the server and its worker."""
    parent = psutil.Process(process.pid)
    return sum(one.memory_info().rss for one in [parent, *parent.children(recursive=True)])


def slow(port: int, raw: bytes, count: int, address: str = "127.0.0.1") -> list[socket.socket]:
    """Connections that begin a request and leave it at that."""
    found = []
    for _ in range(count):
        line = socket.create_connection(("127.0.0.1", port), 10, (address, 0))
        line.setblocking(False)
        _send(line, raw)
        found.append(line)
    return found


def _send(line: socket.socket, raw: bytes) -> None:
    deadline = time.monotonic() + 10
    while raw and time.monotonic() < deadline:
        _, ready, _ = select.select([], [line], [], 1)
        try:
            raw = raw[line.send(raw) :] if ready else raw
        except OSError:
            return


def test_G24_a_flood_is_answered_and_what_was_taken_is_stored(
    gateway: Gateway, running: Running
) -> None:
    port, process = running
    many(port, 4, 5)
    before, done = memory(process), threading.Event()
    most, others = [before], []

    def look() -> None:
        while not done.wait(0.1):
            most.append(memory(process))

    def neighbour() -> None:
        while not done.is_set():
            others.append(deliver(port, "/in/shop-b"))

    beside = [threading.Thread(target=look), threading.Thread(target=neighbour)]
    for one in beside:
        one.start()
    found = many(port, 200, 4)
    done.set()
    for one in beside:
        one.join()
    statuses = Counter(status for status, *_ in found)
    assert set(statuses) <= {200, 429, 503}
    assert all(retry for status, retry, *_ in found if status in (429, 503))
    told = {answer["id"] for status, _, answer, _ in [*found, *others] if status == 200}
    stored = {row[0] for row in gateway.world.sql("SELECT id::text FROM message")}
    assert told
    assert told <= stored
    assert max(most) - before < 100 * 1024 * 1024
    assert others
    assert {status for status, *_ in others} == {200}


def test_S30_two_hundred_slow_clients_do_not_keep_others_out(
    gateway: Gateway, running: Running
) -> None:
    port, _ = running
    quick = many(port, 2, 10)
    bodies = slow(port, head("/in/shop-a", len(BODY)) + BODY[:10], 150)
    heads = slow(port, b"POST /in/shop-a HTTP/1.1\r\nHost: hub\r\n", 50)
    stored = gateway.world.count("message")
    found = many(port, 2, 10)
    assert {status for status, *_ in [*quick, *found]} == {200}
    assert max(seconds for *_, seconds in found) < within(5)
    assert gateway.world.count("message") == stored + 20
    for line in [*bodies, *heads]:
        line.close()


def test_S30_slow_heads_of_one_address_take_no_place_of_another(
    gateway: Gateway, running: Running
) -> None:
    port, _ = running
    _let_in_again(gateway, port)
    began = b"POST /in/shop-a HTTP/1.1\r\nHost: hub\r\n"
    lines = slow(port, began, 320, "127.0.0.2")
    found = [deliver(port) for _ in range(20)]
    assert {status for status, *_ in found} == {200}
    assert max(seconds for *_, seconds in found) < within(5)
    said = [_said(line) for line in lines]
    refused = [one for one in said if one.startswith((b"HTTP/1.1 429 ", b"HTTP/1.1 408 "))]
    assert len(refused) >= 320 - 250
    for line in lines:
        line.close()


def test_S30_a_body_that_comes_slowly_but_in_time_is_taken(
    gateway: Gateway, running: Running
) -> None:
    stored = _let_in_again(gateway, running[0])
    with closing(socket.create_connection(("127.0.0.1", running[0]), 10)) as line:
        for part in (head("/in/shop-a", len(BODY)), BODY[:100], BODY[100:]):
            line.sendall(part)
            select.select([line], [], [], 0.3)
        assert line.recv(1000).startswith(b"HTTP/1.1 200 ")
    assert gateway.world.count("message") == stored + 1


def test_G24_bodies_that_never_end_hold_a_bounded_memory(
    gateway: Gateway, running: Running
) -> None:
    port, process = running
    stored = _let_in_again(gateway, port)
    before = memory(process)
    raw = head("/in/shop-a", LIMIT) + b" " * (LIMIT - 1)
    lines = slow(port, raw, 3 * HELD_BYTES // LIMIT)
    grown = memory(process) - before
    refused, deadline = [], time.monotonic() + 60
    while not refused and time.monotonic() < deadline:
        refused = [line for line in lines if _said(line).startswith(b"HTTP/1.1 503 ")]
    for line in lines:
        line.close()
    assert refused
    assert grown < 2 * HELD_BYTES
    _let_in_again(gateway, port)
    assert {status for status, *_ in many(port, 2, 5)} == {200}
    assert gateway.world.count("message") > stored + 10


def _let_in_again(gateway: Gateway, port: int) -> int:
    """How many messages are stored once an address is let in whose many lines were closed just now;
    until the gateway has noticed, they count as held.
    """
    deadline = time.monotonic() + 60
    while deliver(port)[0] != 200:
        assert time.monotonic() < deadline, "an address stays shut out after its lines are closed"
        time.sleep(0.1)
    return gateway.world.count("message")


def _said(line: socket.socket) -> bytes:
    try:
        return line.recv(1000)
    except OSError:
        return b""


def test_G24_a_locked_table_is_answered_503_and_then_all_goes_on(
    gateway: Gateway, running: Running, shared: World
) -> None:
    port, _ = running
    many(port, 2, 2)
    with psycopg.connect(driver_url(shared.url)) as lock:
        lock.execute("LOCK TABLE seen IN ACCESS EXCLUSIVE MODE")
        found = many(port, 40, 1)
        assert {status for status, *_ in found} <= {429, 503}
        assert all(retry for _, retry, *_ in found)
        assert max(seconds for *_, seconds in found) < within(25)
        lock.rollback()
    assert {status for status, *_ in many(port, 4, 5)} == {200}


class _Line:
    """A way to the database that can be frozen: bytes are taken and go nowhere."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.thawed = threading.Event()
        self.thawed.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.thawed.set()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                inner, _ = self._listener.accept()
                outer = socket.create_connection(self._target)
            except OSError:
                return
            for pair in ((inner, outer), (outer, inner)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, giver: socket.socket, taker: socket.socket) -> None:
        try:
            while data := giver.recv(65536):
                self.thawed.wait()
                taker.sendall(data)
        except OSError:
            pass
        for one in (giver, taker):
            one.close()


@contextmanager
def _frozen_line(url: str) -> Iterator[tuple[_Line, str]]:
    at = make_url(url)
    line = _Line(at.host or "127.0.0.1", at.port or 5432)
    through = at.set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False)
    try:
        yield line, through
    finally:
        line.close()


def test_G24_a_frozen_database_is_answered_503_and_then_all_goes_on(
    gateway: Gateway, shared: World
) -> None:
    home: Path = gateway.store.settings.home
    with _frozen_line(shared.url) as (line, url), serving(url, home) as (port, process):
        assert {status for status, *_ in many(port, 4, 5)} == {200}
        before = memory(process)
        line.thawed.clear()
        found = many(port, 60, 1)
        assert {status for status, *_ in found} <= {429, 503}
        assert all(retry for _, retry, *_ in found)
        assert max(seconds for *_, seconds in found) < within(25)
        assert memory(process) - before < 50 * 1024 * 1024
        line.thawed.set()
        deadline = time.monotonic() + 60
        while deliver(port)[0] != 200:
            assert time.monotonic() < deadline
        assert {status for status, *_ in many(port, 4, 5)} == {200}
