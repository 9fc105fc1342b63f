"""One caller of the Open API beside others, at the real server: what takes long has few seats of
its own, and nobody holds all threads. What is measured beside other tests says nothing, so the rate
is taken where tests run alone.
"""

import http.client
import json
import os
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from hub.doors.proved import PROVED
from hub.gateway.server.line import Line, Turn
from hub.gateway.serving import SLOW_EACH
from hub.store.config import snapshot
from tests.gateway.api.test_orders import order
from tests.gateway.server.process import serving
from tests.kit.world import World
from tests.kit.world.gateway import Gateway
from tests.kit.world.processes import until

Running = tuple[int, subprocess.Popen[bytes]]
SLOW_CALLS, LEAST, ROUNDS, READS = 24, 0.8, 5, 300


class Silent:
    """A partner that takes calls and answers none, until it is told to hang up."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self.held: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                self.held.append(self._listener.accept()[0])
            except OSError:
                return

    def hang_up(self) -> None:
        while self.held:
            self.held.pop().close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self.hang_up()
        self._listener.close()


@pytest.fixture(scope="module")
def running(shared: World) -> Iterator[Running]:
    with serving(shared.url, shared.home) as found:
        yield found


@pytest.fixture
def silent(gateway: Gateway, running: Running) -> Iterator[Silent]:
    with closing(Silent()) as partner:
        told = json.dumps({"url": partner.url})
        gateway.world.sql(
            "UPDATE connection SET settings = CAST(:s AS jsonb) WHERE code = 'wh-a'",
            s=told,
        )
        with gateway.store.database.begin() as db:
            snapshot.changed(db)
        before = threading.active_count()
        asked = (running[0], gateway.key("all"), "POST", "connections/wh-a/test")

        def is_known() -> bool:
            threading.Thread(target=ask, args=asked).start()
            time.sleep(0.2)
            return bool(partner.held)

        until(is_known, "the gateway knows where the partner is")
        until(lambda: partner.hang_up() or threading.active_count() < before + 2, "it is over")
        yield partner


def ask(port: int, key: str, method: str = "GET", path: str = "orders", body: bytes = b"{}") -> int:
    """The status of one call."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as line:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        line.request(method, f"/api/v1/{path}", body if method == "POST" else None, headers)
        with line.getresponse() as answer:
            answer.read()
            return int(answer.status)


def rate(port: int, gateway: Gateway) -> float:
    """Reads a second of a caller who has asked for nothing yet."""
    key, began = gateway.key("orders:read"), time.monotonic()
    assert {ask(port, key) for _ in range(READS)} == {200}
    return READS / (time.monotonic() - began)


class Crowd:
    """So many connection tests of one caller at once."""

    def __init__(self, port: int, key: str) -> None:
        self.found: list[int] = []
        path = "connections/wh-a/test"
        self.threads = [
            threading.Thread(target=lambda: self.found.append(ask(port, key, "POST", path)))
            for _ in range(SLOW_CALLS)
        ]
        for one in self.threads:
            one.start()

    def refused(self) -> bool:
        return len(self.found) == SLOW_CALLS - SLOW_EACH

    def end(self, partner: Silent) -> None:
        while any(one.is_alive() for one in self.threads):
            partner.hang_up()
            time.sleep(0.05)


def test_S30_slow_calls_have_seats_of_their_own_and_others_are_served_beside_them(
    gateway: Gateway, running: Running, silent: Silent
) -> None:
    port, slow, other = (
        running[0],
        gateway.key("all"),
        gateway.key("orders:read", "connections:write"),
    )
    crowd = Crowd(port, slow)
    until(crowd.refused, "those who find no seat are told")
    assert Counter(crowd.found) == {429: SLOW_CALLS - SLOW_EACH}
    until(lambda: len(silent.held) == SLOW_EACH, "those who have one call the partner")
    assert [ask(port, other) for _ in range(20)] == [200] * 20
    assert [ask(port, slow) for _ in range(5)] == [200] * 5
    second = threading.Thread(target=ask, args=(port, other, "POST", "connections/wh-a/test"))
    second.start()  # another caller has seats as well
    until(lambda: len(silent.held) == SLOW_EACH + 1, "another caller has a seat")
    crowd.end(silent)
    second.join(30)
    assert Counter(crowd.found) == {429: SLOW_CALLS - SLOW_EACH, 200: SLOW_EACH}


def test_S30_one_caller_holds_a_share_of_the_threads_from_however_many_addresses(
    gateway: Gateway,
) -> None:
    key = gateway.key("orders:read")
    credential = f"Bearer {key}"
    assert PROVED.name(credential.encode()) == ""
    assert gateway.call("GET", "orders", key).status_code == 200
    name = PROVED.name(credential.encode())
    assert name not in ("", key)
    line: Line[int] = Line(most=100, each=50, share=12)
    turns = [Turn("/api", name, 6) for _ in range(3)] + [Turn("/api", "10.0.0.9", 6)]
    for turn in turns:
        for one in range(8):
            line.put(turn, one, now=0.0)
    taken = Counter(found[0].caller for found in iter(line.take, None) if found)
    assert taken == {name: 6, "10.0.0.9": 6}


class Asking:
    """One caller that asks what routing would do, as often as it may."""

    def __init__(self, port: int, key: str) -> None:
        self._over = threading.Event()
        body = json.dumps(order()).encode()
        self._threads = [
            threading.Thread(target=self._go_on, args=(port, key, body)) for _ in range(4)
        ]
        for one in self._threads:
            one.start()

    def _go_on(self, port: int, key: str, body: bytes) -> None:
        while not self._over.is_set():
            if ask(port, key, "POST", "routing/what-if", body) == 429:
                self._over.wait(1)  # as Retry-After says

    def end(self) -> None:
        self._over.set()
        for one in self._threads:
            one.join()


@pytest.mark.slow
@pytest.mark.skipif("PYTEST_XDIST_WORKER" in os.environ, reason="a rate is measured alone")
def test_G22_beside_one_who_asks_what_if_all_the_time_a_caller_keeps_its_rate(
    gateway: Gateway, running: Running
) -> None:
    port, slow = running[0], gateway.key("all")
    alone, beside = [], []
    rate(port, gateway)
    for _ in range(ROUNDS):
        alone.append(rate(port, gateway))
        asking = Asking(port, slow)
        time.sleep(1.0)  # what it may have at once is used up
        beside.append(rate(port, gateway))
        asking.end()
    kept = max(beside) / max(alone)
    print(f"kept {kept:.2f} of {max(alone):.0f}/s")  # what `make journey` shows
    assert kept >= LEAST


@pytest.mark.slow
@pytest.mark.skipif("PYTEST_XDIST_WORKER" in os.environ, reason="a rate is measured alone")
def test_G22_beside_slow_calls_of_another_a_caller_keeps_its_rate(
    gateway: Gateway, running: Running, silent: Silent
) -> None:
    port, slow = running[0], gateway.key("all")
    alone, beside = [], []
    rate(port, gateway)
    for _ in range(ROUNDS):
        alone.append(rate(port, gateway))
        crowd = Crowd(port, slow)
        until(crowd.refused, "those who find no seat are told")
        beside.append(rate(port, gateway))
        crowd.end(silent)
    kept = max(beside) / max(alone)
    print(f"kept {kept:.2f} of {max(alone):.0f}/s")  # what `make journey` shows
    assert kept >= LEAST
