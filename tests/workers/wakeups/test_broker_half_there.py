"""What answers in the broker's place and hangs up, as a balancer does, costs no memory."""

import gc
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from amqp import Connection

from hub.memory import SELDOM
from hub.store.base.database import Database
from workers.app import make_app
from workers.wakeups.wakeup import Bell

RINGS = 400


@pytest.fixture
def broker() -> Iterator[str]:
    """URL of what takes connections and ends each at its first word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:

        def hang_up() -> None:
            with suppress(OSError):
                while True:
                    line, _ = server.accept()
                    with line:
                        line.recv(8)

        threading.Thread(target=hang_up, daemon=True).start()
        yield f"amqp://guest:guest@127.0.0.1:{server.getsockname()[1]}//"
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def seldom() -> Iterator[None]:
    """Garbage is collected as in a process of the hub."""
    usual = gc.get_threshold()
    gc.collect()
    gc.set_threshold(*SELDOM)
    yield
    gc.set_threshold(*usual)


def test_what_failed_is_not_kept(broker: str, db_url: str, seldom: None) -> None:
    database = Database(db_url, pool=1)
    bell = Bell(make_app(broker), database)
    before = alive()
    for lane in range(RINGS):
        bell._publish(lane)
    assert bell.failed == RINGS
    assert alive() - before < RINGS / 2
    database.dispose()


def alive() -> int:
    """Connections of the broker's client, living ones and garbage."""
    return sum(issubclass(type(it), Connection) for it in gc.get_objects())
