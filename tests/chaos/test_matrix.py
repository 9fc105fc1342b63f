"""Rows of the fault matrix that no other suite covers: each fault alone, on real processes."""

import http.client
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from hub.gateway.server.serve import THREADS
from sandbox import outgoing
from sandbox.orders import generate
from tests.chaos.servers import Postgres, has_postgres
from tests.journeys.books import broken, differences
from tests.journeys.brokers import own_broker
from tests.journeys.partners import SECRETS, Partners, as_bytes
from tests.kit.database import open_folder
from tests.kit.proxy import Fault, Proxy
from tests.kit.world import World, open_store
from tests.kit.world.processes import Process, free_port, until, within
from tests.kit.world.running import RunningHub
from workers import registration
from workers.app import make_app
from workers.registration import Identity, bury_the_dead
from workers.wakeups import polling_fallback
from workers.wakeups.polling_fallback import Unrung
from workers.wakeups.wakeup import Bell

pytestmark = pytest.mark.slow

ANSWER_S = 45.0
"""No delivery waits longer for its answer, whatever is wrong."""
_FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
_MAY_MOUNT = os.getuid() == 0 and shutil.which("mount") is not None and has_postgres()


class Post:
    """A shop's deliveries: each is posted until it is taken."""

    def __init__(self, hub: RunningHub, partners: Partners, orders: int, seed: int = 5) -> None:
        self._hub, shop = hub, partners.shops["shop"]
        self.bodies = list(generate(orders, seed, traits=frozenset()))
        for body in self.bodies:
            shop.place(body)
        self._made = [
            shop.webhook("orders/create", as_bytes(body), webhook_id=str(uuid4()))
            for body in self.bodies
        ]
        self.statuses: list[int] = []
        self.taken: set[str] = set()
        """Orders whose delivery was ever answered 2xx."""
        self.slowest = 0.0

    def all(self, first: int = 0, last: int | None = None) -> None:
        """Each once, in their order."""
        for at, (headers, raw) in list(enumerate(self._made))[first:last]:
            begun = time.monotonic()
            url = f"{self._hub.url}/in/shop"
            self.statuses.append(outgoing.post(url, raw, headers, timeout=60.0).status)
            if self.statuses[-1] == 200:
                self.taken.add(str(self.bodies[at]["id"]))
            self.slowest = max(self.slowest, time.monotonic() - begun)

    def again(self) -> None:
        """All of them, until every one is taken."""

        def taken() -> bool:
            self.statuses.clear()
            self.all()
            return set(self.statuses) == {200}

        until(taken, "every delivery is taken", 90.0, 0.5)


@contextmanager
def installation(
    folder: Path, database: str, broker: str | None = None, watch: str | None = None
) -> Iterator[tuple[RunningHub, Partners]]:
    """A hub with its connections applied, and its partners; nothing is started yet."""
    with (
        RunningHub(
            folder, database_url=database, broker_url=broker, watch_url=watch, **SECRETS
        ) as hub,
        Partners(hub, ["shop"]) as partners,
    ):
        bodies = generate(40, 5, traits=frozenset())
        skus = {line["sku"] for body in bodies for line in body["line_items"]}
        hub.apply(partners.connections({"shop": skus}, on_hand=100_000))
        yield hub, partners


def through(url: str, proxy: Proxy) -> str:
    """The same server, by way of a proxy."""
    return make_url(url).set(port=proxy.port).render_as_string(hide_password=False)


def libpq(url: str) -> str:
    """A URL as psycopg takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def at_rest(hub: RunningHub, partners: Partners, orders: int) -> None:
    """Everything has come to its end, once."""
    hub.wait_quiet(120.0)
    assert hub.one("SELECT count(*) FROM sales_order") == orders
    assert broken(hub) == {}
    assert differences(hub, partners) == []


# --- workers and what they hold


def test_G05_a_worker_that_lost_its_session_for_long_is_not_taken_for_dead_for_ever(
    db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registration, "_BEAT_S", 0.1)
    monkeypatch.setattr(registration, "_AGAIN_S", 0.1)
    with Proxy(int(make_url(db_url).port or 5432)) as proxy:
        far = open_store(through(db_url, proxy), tmp_path, name="far", pool=4)
        near = World(db_url, tmp_path)
        worker = Identity(far.database, "worker").start()
        try:
            near.merchant().shop()
            proxy.go_wrong(Fault("refuse"))
            time.sleep(1.5)  # several beats fail, as in a database's restart
            proxy.go_right()
            number = {"n": worker.number}
            query = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :n
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
            until(lambda: near.one(query, **number), "it holds its number again", 60.0)
            near.sql(
                "UPDATE lane SET holder = :n, leased_until = now() + interval '45 s'", **number
            )
            assert bury_the_dead(near.store.database) == 0
        finally:
            worker.stop()
            far.close()
            near.close()


def test_G04_a_worker_looks_for_itself_while_no_bell_comes_and_only_then(
    db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling_fallback, "SILENCE_S", 0.3)
    monkeypatch.setattr(polling_fallback, "_LOOK_S", 0.05)
    world, drained = World(db_url, tmp_path), []
    world.merchant().shop()
    looks = Unrung(world.store.database, 2)
    try:
        with looks.bell():
            world.tell("shop", {"type": "x"})
            looks.start(drained.append)
            time.sleep(0.6)
            assert drained == [], "a bell is worked on: others come"
            since = time.monotonic()
        until(lambda: drained, "it looks for itself", step=0.01)
        assert time.monotonic() - since >= 0.25
        assert set(drained) == set(world.due())
    finally:
        looks.stop(5)
        world.close()


def test_a_lock_on_the_lanes_does_not_end_who_rings_them(db_url: str, tmp_path: Path) -> None:
    world = World(db_url, tmp_path)
    world.merchant().shop()
    rung: list[int] = []
    bell = Bell(make_app(None), world.store.database)
    bell._publish = rung.append  # type: ignore[method-assign]
    try:
        with psycopg.connect(libpq(db_url)) as db:
            db.execute("LOCK TABLE lane IN ACCESS EXCLUSIVE MODE")
            bell.start().ring([("in", "shop", 0)])
            time.sleep(6.0)  # beyond the time that a session waits for a lock
        bell.ring([("in", "shop", 0)])
        until(lambda: rung, "it rings again")
        lane = world.one("SELECT id FROM lane WHERE connection = 'shop' AND direction = 'in'")
        assert set(rung) == {lane}
    finally:
        bell.stop()
        world.close()


def test_G04_without_a_broker_from_the_start_orders_go_all_the_way(
    db_url: str, tmp_path: Path
) -> None:
    nobody = f"amqp://guest:guest@127.0.0.1:{free_port()}//"
    with installation(tmp_path / "var", db_url, nobody) as (hub, partners):
        running = [hub.start(one) for one in ("gateway", "worker", "scheduler")]
        hub.wait_ready()
        post = Post(hub, partners, 10)
        post.all()
        assert post.statuses == [200] * 10
        assert post.slowest < within(5)
        at_rest(hub, partners, 10)
        assert [one.stop() for one in running] == [0, 0, 0]


@pytest.mark.long
def test_a_clock_an_hour_ahead_on_one_host_changes_nothing(
    db_url: str, broker_url: str | None, tmp_path: Path
) -> None:
    if _FAKETIME is None or broker_url is None:
        pytest.skip("libfaketime (apt-get install faketime) and RabbitMQ are needed")
    ahead = {"LD_PRELOAD": str(_FAKETIME), "FAKETIME": "+1h", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    with (
        own_broker(broker_url) as broker,
        installation(tmp_path / "var", db_url, broker) as (hub, partners),
    ):
        early = hub.start("worker", **ahead)
        right = [hub.start(one) for one in ("gateway", "worker", "scheduler")]
        hub.wait_ready()
        Post(hub, partners, 20).again()
        at_rest(hub, partners, 20)
        assert (
            hub.one("SELECT count(*) FROM lane WHERE leased_until > now() + interval '2 min'") == 0
        )
        assert hub.one("SELECT count(*) FROM worker WHERE ended_at IS NOT NULL") == 0
        assert [one.stop() for one in (early, *right)] == [0] * 4


# --- broker and database from the door


def test_intake_does_not_wait_for_a_broker_that_has_gone_dark(
    db_url: str, broker_url: str | None, tmp_path: Path
) -> None:
    if broker_url is None:
        pytest.skip("no RabbitMQ answers")
    with (
        own_broker(broker_url) as broker,
        Proxy(int(make_url(broker).port or 5672)) as proxy,
        installation(tmp_path / "var", db_url, through(broker, proxy)) as (hub, partners),
    ):
        hub.start("gateway")
        hub.wait_ready()
        post = Post(hub, partners, 40)
        post.all(0, 10)
        proxy.go_wrong(Fault("blackhole"))
        post.all(10)
        assert post.statuses == [200] * 40
        assert post.slowest < within(3)


def test_G01_a_lock_on_a_hot_table_is_waited_for_or_refused_and_nothing_is_lost(
    db_url: str, tmp_path: Path
) -> None:
    with installation(tmp_path / "var", db_url) as (hub, partners):
        hub.start("gateway")
        hub.wait_ready()
        post = Post(hub, partners, 12)
        with psycopg.connect(
            make_url(db_url).set(drivername="postgresql").render_as_string()
        ) as db:
            db.execute("LOCK TABLE message_key IN ACCESS EXCLUSIVE MODE")
            threads = [threading.Thread(target=post.all, args=(at, at + 1)) for at in range(12)]
            for one in threads:
                one.start()
            time.sleep(7.0)  # beyond the time that a session waits for a lock
            db.rollback()
        for one in threads:
            one.join()
        assert set(post.statuses) <= {200, 503}
        assert post.slowest < ANSWER_S
        assert post.taken <= _kept(hub)
        post.again()
        assert hub.one("SELECT count(*) FROM message") == 12


@pytest.mark.long
def test_a_thousand_broken_connections_leave_no_thread_behind(db_url: str, tmp_path: Path) -> None:
    with installation(tmp_path / "var", db_url) as (hub, partners):
        gateway = hub.start("gateway")
        hub.wait_ready()
        post = Post(hub, partners, 5)
        post.all()
        most = len(gateway.children()) * (THREADS + 4)  # a pool grows to its size, and no further
        with Proxy(hub.port) as proxy:
            for at in range(1000):
                proxy.go_wrong(Fault("cut", after=at % 400))
                _knock(proxy.port)
        until(lambda: _threads(gateway) <= most, "its threads are those of its pools")
        post.again()
        assert "Traceback" not in gateway.log


def _threads(gateway: Process) -> int:
    return sum(one.num_threads() for one in gateway.children())


def _knock(port: int) -> None:
    """One delivery that is cut somewhere."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with suppress(OSError, http.client.HTTPException):
        line.request("POST", "/in/shop", b"x" * 300, {"Content-Type": "application/json"})
        line.getresponse().read()
    line.close()


# --- a disk that is full


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own with little room; skipped where none may be mounted."""
    if not _MAY_MOUNT:
        pytest.skip("mounting a small tmpfs needs root, and PostgreSQL's own programs")
    with open_folder() as folder:
        place = folder / "disk"
        place.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=160m,mode=0777", "tmpfs", str(place)]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            pytest.skip("a small tmpfs cannot be mounted here")
        try:
            yield place
        finally:
            subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_G01_a_full_disk_refuses_and_loses_nothing_that_was_acknowledged(
    small_disk: Path, tmp_path: Path
) -> None:
    few = {"max_wal_size": "32MB", "min_wal_size": "32MB", "checkpoint_timeout": "30s"}
    with Postgres(small_disk / "postgres", few).make() as server:
        server.make_database("small")
        url = server.url("small")
        with installation(tmp_path / "var", _migrated(tmp_path, url)) as (hub, partners):
            hub.start("gateway")
            hub.wait_ready()
            post = Post(hub, partners, 40)
            post.all(0, 10)
            assert post.statuses == [200] * 10
            with _filled(small_disk):
                until(lambda: _refused(post), "a delivery is refused", 60.0, 0.0)
            if not server.lives():
                server.start()
            until(server.answers, "the database answers")
            until(lambda: _ready(hub), "the gateway can store again")
            assert set(post.statuses) <= {200, 503}
            assert post.taken <= _kept(hub)
            post.again()
            assert hub.one("SELECT count(*) FROM message") == 40
            assert hub.one("SELECT count(*) FROM work") == 40


def _kept(hub: RunningHub) -> set[str]:
    """The orders of which a message is stored."""
    return {row.key.rpartition(":")[2] for row in hub.sql("SELECT key FROM message")}


def _migrated(home: Path, url: str) -> str:
    hub = RunningHub(home / "migrating", database_url=url)
    hub.run("migrate")
    return url


@contextmanager
def _filled(disk: Path) -> Iterator[None]:
    """Not a byte is left meanwhile."""
    filler = disk / "filler"
    with filler.open("wb") as out, suppress(OSError):
        while True:
            out.write(b"\0" * 65536)
            out.flush()
    try:
        yield
    finally:
        filler.unlink()


def _refused(post: Post) -> bool:
    post.all()
    return 503 in post.statuses


def _ready(hub: RunningHub) -> Any:
    line = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=3)
    try:
        line.request("GET", "/readyz")
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
