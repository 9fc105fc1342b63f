"""SIGTERM to a real worker: what is in hand is finished or given back, and it ends with 0."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hub.store.config import snapshot
from tests.kit.catalogue import sales_order
from tests.kit.world import World
from tests.kit.world.processes import within
from tests.workers.shifts import process, wait_for

STOP_S = within(25.0)
RUNNING = "SELECT count(*) FROM work WHERE status IN ('processing', 'sending')"


class Sluggish(BaseHTTPRequestHandler):
    """A warehouse that takes half a second for each document."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(self.headers["Idempotency-Key"])  # type: ignore[attr-defined]
        time.sleep(0.5)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def sluggish() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sluggish)
    server.asked = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def real(world: World, sluggish: ThreadingHTTPServer) -> World:
    """The world's warehouse listens at an address; shop and ERP are told nothing."""
    world.sql(
        """UPDATE connection SET adapter = 'generic_warehouse', limits = '{"concurrency": 1}',
          settings = jsonb_build_object('url', CAST(:url AS text)),
          secrets = '{"webhook_secret": "env:TEST_SECRET"}' WHERE code = 'wh'""",
        url=f"http://127.0.0.1:{sluggish.server_address[1]}/",
    )
    world.sql("UPDATE connection SET takes = '{}' WHERE code IN ('shop', 'erp')")
    world.sql(
        """INSERT INTO setting (name, value) VALUES
        ('network', '{"http": true, "private": ["127.0.0.0/8"]}')"""
    )
    with world.store.database.begin() as db:
        snapshot.changed(db)
    return world


def environ(world: World) -> dict[str, str]:
    return {
        **{name: text for name, text in os.environ.items() if not name.startswith("ORDERHUB_")},
        "ORDERHUB_HOME": str(world.home),
        "ORDERHUB_DATABASE_URL": world.url,
        "TEST_SECRET": "a secret of this test",
    }


def enlisted(world: World) -> bool:
    """The worker holds its number and its first sweep has gone by."""
    return bool(world.sql("SELECT 1 FROM worker WHERE kind = 'worker' AND ended_at IS NULL"))


def test_G25_an_idle_worker_told_to_stop_ends_with_0(real: World) -> None:
    with process(["-m", "hub.cli", "worker"], environ(real)) as worker:
        wait_for(lambda: enlisted(real))
        since = time.monotonic()
        wait_for(lambda: _told(worker.pid))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(STOP_S) == 0
        assert time.monotonic() - since < STOP_S
    assert real.sql("SELECT count(*) FROM lane WHERE holder IS NOT NULL")[0][0] == 0
    assert (
        real.sql("SELECT count(*) FROM worker WHERE ended_at IS NULL AND kind = 'worker'")[0][0]
        == 0
    )


def test_G25_a_worker_stopped_while_it_sends_leaves_nothing_half_done(
    real: World, sluggish: ThreadingHTTPServer
) -> None:
    for number in range(1, 31):
        real.tell(
            "shop",
            sales_order(number, lines=[("C", 1)] if number < 11 else [("D", 1)]),
            key=str(number),
        )
    real.stock("wh", D=100)
    for lane_id in real.due():
        real.hurry(real.engine, lane_id)
    asked: list[str] = sluggish.asked  # type: ignore[attr-defined]
    with process(["-m", "hub.cli", "worker"], environ(real)) as worker:
        wait_for(lambda: asked)
        assert real.sql(RUNNING)[0][0] > 1
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(STOP_S) == 0
    assert real.sql(RUNNING)[0][0] == 0
    done = real.sql("SELECT count(*) FROM message WHERE status = 'delivered'")[0][0]
    assert done == len(asked) < 30  # each call that was begun was finished, and no other begun
    left = real.sql("SELECT status, attempts, count(*) FROM work GROUP BY 1, 2")
    assert [tuple(row) for row in left] == [("pending", 0, 30 - done)]
    assert real.sql("SELECT count(*) FROM lane WHERE holder IS NOT NULL")[0][0] == 0
    assert len(set(asked)) == len(asked)


def _told(pid: int) -> bool:
    """Whether the process catches SIGTERM by now."""
    with open(f"/proc/{pid}/status") as status:  # noqa: PTH123
        caught = next(line.split()[1] for line in status if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)
