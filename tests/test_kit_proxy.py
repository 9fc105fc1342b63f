"""The proxy goes wrong where and when it is told, and only there."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.kit.proxy import Fault, Proxy
from tests.kit.world.processes import until


class Echo:
    """Sends back what it gets; counts the bytes."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.got = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._echo, args=(connection,), daemon=True).start()

    def _echo(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while piece := connection.recv(65536):
                self.got += len(piece)
                connection.sendall(piece)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    made = Echo()
    yield made
    made.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[Proxy]:
    with Proxy(echo.port) as made:
        yield made


@contextmanager
def line(proxy: Proxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as made:
        yield made


def told(one: socket.socket, text: bytes) -> bytes:
    """What comes back for a text, all of it or what there is before the end."""
    one.sendall(text)
    back = b""
    while len(back) < len(text):
        piece = one.recv(65536)
        if not piece:
            break
        back += piece
    return back


def died(proxy: Proxy, text: bytes) -> bool:
    """Whether a connection dies, sooner or later, with a reset."""
    try:
        with line(proxy) as one:
            one.sendall(text)
            while one.recv(65536):
                pass
    except ConnectionError:
        return True
    return False


def test_what_is_right_passes_unchanged(proxy: Proxy) -> None:
    text = bytes(range(256)) * 1000
    with line(proxy) as one:
        assert told(one, text) == text
    until(lambda: proxy.open == 0, "the proxy lets go of a closed connection")


@pytest.mark.parametrize("at", [0, 1, 7, 1000])
def test_a_cut_lets_so_many_bytes_pass_and_no_more(proxy: Proxy, echo: Echo, at: int) -> None:
    proxy.go_wrong(Fault("cut", after=at))
    assert died(proxy, b"x" * 5000)
    assert echo.got == at
    assert proxy.cuts == 1
    proxy.go_right()
    with line(proxy) as one:
        assert told(one, b"well again") == b"well again"


def test_a_blackhole_keeps_back_and_lets_go_afterwards(proxy: Proxy) -> None:
    with line(proxy) as one:
        assert told(one, b"before") == b"before"
        proxy.go_wrong(Fault("blackhole"))
        one.sendall(b"held")
        one.settimeout(0.3)
        with pytest.raises(TimeoutError):
            one.recv(10)
        proxy.go_right()
        one.settimeout(5)
        assert one.recv(10) == b"held"


def test_a_reset_ends_open_connections_and_no_new_one(proxy: Proxy) -> None:
    with line(proxy) as one:
        assert told(one, b"before") == b"before"
        proxy.reset_all()
        with pytest.raises(ConnectionResetError):
            one.recv(10)
    with line(proxy) as one:
        assert told(one, b"after") == b"after"


def test_refused_connections_die_at_once(proxy: Proxy) -> None:
    proxy.go_wrong(Fault("refuse"))
    assert died(proxy, b"x")


def test_delay_and_throttle_take_their_time(proxy: Proxy) -> None:
    proxy.go_wrong(Fault("delay", seconds=0.2))
    with line(proxy) as one:
        begun = time.monotonic()
        assert told(one, b"late") == b"late"
        assert time.monotonic() - begun >= 0.4  # once each way
    proxy.go_wrong(Fault("throttle", rate=1000.0))
    with line(proxy) as one:
        begun = time.monotonic()
        assert told(one, b"y" * 300) == b"y" * 300
        assert time.monotonic() - begun >= 0.6


def test_a_fault_that_nobody_knows_is_refused(proxy: Proxy) -> None:
    with pytest.raises(ValueError, match="unknown fault 'rain'"):
        proxy.go_wrong(Fault("rain"))


def test_a_target_that_is_gone_looks_like_a_reset(echo: Echo) -> None:
    echo.close()
    with Proxy(echo.port) as proxy:
        assert died(proxy, b"x")
