"""Orders run on PostgreSQL and RabbitMQ with two workers, one of them killed every few seconds, the
broker emptied in between: the same end state as if nothing had happened.

The chaos run of every test run kills workers and empties the broker too. `make long` runs a short
form of this one, `make journey`, or ORDERHUB_JOURNEY_ORDERS=2000, the long one.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from amqp import Connection as AmqpConnection

from sandbox.orders import generate
from tests.journeys.books import broken, differences, recorded
from tests.journeys.brokers import own_broker
from tests.journeys.partners import SECRETS, Partners, as_bytes, deliver
from tests.kit.world.processes import Process, until, within
from tests.kit.world.running import RunningHub
from workers.app import QUEUE

pytestmark = [pytest.mark.slow, pytest.mark.long]

ORDERS = int(os.environ.get("ORDERHUB_JOURNEY_ORDERS", "150"))
SEED = 7
KILL_EVERY_S = 3.0
PORTION = 50
GOES_ON_S = within(5.0)
"""G05: within this time a killed worker's lanes are free for the other."""
TRAITS = frozenset({"discount", "free_shipping", "tip", "note", "digital", "unpaid", "many"})


class Reaper:
    """Kills one of the workers every few seconds while it holds lanes, starts it again, and empties
    the broker each time.
    """

    def __init__(self, hub: RunningHub, broker: str, other: Process) -> None:
        self._hub, self._broker, self._other = hub, broker, other
        self._victim = hub.start("worker")
        self._stop, self._error = threading.Event(), None
        self._changing, self._at_once = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.freed_after: list[float] = []
        self.purged = 0
        self._kills = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._at_once.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def aim(self) -> None:
        """Wait until the victim works again. It is killed with the next lanes it takes, and takes
        them: the other stands still until then. A fast machine would be done with a portion of
        orders before the victim has any.
        """
        with self._changing:
            until(lambda: self._hub.sql(_ENLISTED, pid=self._victim.pid), "the worker is back")
            self._other.signal(signal.SIGSTOP)
            self._kills = len(self.freed_after)
        self._at_once.set()

    def wait_for_the_kill(self) -> None:
        """Of the victim that was aimed at."""
        until(lambda: len(self.freed_after) > self._kills, "the worker was killed", step=0.05)

    def _run(self) -> None:
        try:
            while not self._stop.wait(0.02):
                if self._one_round():
                    self._at_once.wait(KILL_EVERY_S)
        except BaseException as error:  # noqa: BLE001  # told to the test when it stops this
            self._error = error

    def _one_round(self) -> bool:
        """Whether the worker was killed: it was holding lanes."""
        with self._changing:
            if not self._hub.one(_HELD, pid=self._victim.pid) or not self._kill():
                return False
            self._victim = self._hub.start("worker")
            self._at_once.clear()
            return True

    def _kill(self) -> bool:
        """Kill -9, and see when the other may go on. False: it has let go of its lanes meanwhile,
        and lives on.
        """
        pid = self._victim.pid
        self._victim.signal(signal.SIGSTOP)
        time.sleep(0.1)  # what the server was asked for is answered by then
        if not self._hub.one(_HELD, pid=pid):
            self._victim.signal(signal.SIGCONT)
            return False
        self._victim.kill()
        self._empty_the_broker()
        self._other.signal(signal.SIGCONT)
        free = lambda: not self._hub.one(_HELD, pid=pid)  # noqa: E731
        self.freed_after.append(until(free, "a dead worker's lanes are free", step=0.05))
        return True

    def _empty_the_broker(self) -> None:
        where = urlsplit(self._broker)
        with AmqpConnection(
            host=f"{where.hostname}:{where.port or 5672}",
            userid=where.username,
            password=where.password,
            virtual_host=where.path[1:] or "/",
        ) as connection:
            self.purged += connection.channel().queue_purge(QUEUE)


_ENLISTED = "SELECT number FROM worker WHERE pid = :pid AND ended_at IS NULL"
_HELD = (
    """SELECT count(*) FROM lane JOIN worker ON worker.number = lane.holder AND worker.pid = :pid"""
)


@pytest.fixture
def broker(broker_url: str | None) -> Iterator[str]:
    if broker_url is None:
        pytest.skip("no RabbitMQ answers: workers on several processes need one")
    with own_broker(broker_url) as url:
        yield url


def test_G04_G05_killed_workers_and_an_emptied_broker_change_nothing(
    db_url: str, broker: str, tmp_path: Path
) -> None:
    home = tmp_path / "var"
    with (
        RunningHub(home, database_url=db_url, broker_url=broker, **SECRETS) as hub,
        Partners(hub, ["shop"]) as partners,
    ):
        bodies = list(generate(ORDERS, SEED, traits=TRAITS))
        skus = {line["sku"] for body in bodies for line in body["line_items"] if line["sku"]}
        hub.apply(partners.connections({"shop": skus}, on_hand=100_000))
        gateway = hub.start("gateway")
        scheduler, steady = hub.start("scheduler"), hub.start("worker")
        reaper = Reaper(hub, broker, steady)
        shop = partners.shops["shop"]
        for body in bodies:
            shop.place(body)
        posts = [("shop", *shop.webhook("orders/create", as_bytes(body))) for body in bodies]
        hub.wait_ready()
        reaper.start()
        statuses = []
        for first in range(0, ORDERS, PORTION):
            reaper.aim()
            statuses += deliver(hub, posts[first : first + PORTION], SEED)
            reaper.wait_for_the_kill()
        took = hub.wait_quiet(60 + ORDERS)
        reaper.stop()

        assert statuses == [200] * (3 * ORDERS)
        assert len(reaper.freed_after) >= ORDERS / PORTION
        assert max(reaper.freed_after) < GOES_ON_S
        print(
            f"{ORDERS} orders at rest {took:.1f} s after the last was posted;"
            f" {len(reaper.freed_after)} kills with lanes in hand,"
            f" freed after {max(reaper.freed_after):.2f} s at most;"
            f" {reaper.purged} bells thrown away"
        )
        ends = hub.sql("SELECT status, hold_reasons FROM sales_order")
        assert len(ends) == ORDERS
        held = [row for row in ends if row.status == "held"]
        assert {row.status for row in ends} <= {"completed", "held"}
        assert [{one["code"] for one in row.hold_reasons} for row in held] == [
            {"awaiting_payment"}
        ] * sum(body["financial_status"] == "pending" for body in bodies)
        assert broken(hub) == {}
        assert hub.sql("SELECT connection, topic, status, waits_for FROM work") == []
        assert differences(hub, partners) == []
        assert len(recorded(partners.erp, "sale")) == ORDERS - len(held)
        assert (gateway.stop(), scheduler.stop(), steady.stop()) == (0, 0, 0)
        assert hub.sql("SELECT id FROM lane WHERE holder IS NOT NULL") == []
