"""Everything a run stands on: servers of its own, proxies before them, the hub's processes, the
sandbox partners, and what a person at the console would do.
"""

import json
import random
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError

from sandbox.catalogue import CATALOGUE
from sandbox.partner import Partner
from tests.chaos.history import History
from tests.chaos.servers import Postgres, RabbitMQ, has_rabbitmq
from tests.journeys.partners import ERP, SECRETS, WAREHOUSE, Partners
from tests.kit.proxy import Proxy
from tests.kit.world.processes import Process, free_port, until
from tests.kit.world.running import RunningHub
from workers.app import QUEUE

SHOPS = ("shop-a", "shop-b", "shop-c")
WORKERS = 2
_DATABASE = "chaos"
_LIMITS = {"settle_s": 15, "timeout_s": 5, "rate_per_s": 200}
"""Shorter than a partner in the field would be given: an unknown outcome is settled in seconds."""


class Scene:
    """One installation under fire. Made by `open_scene`."""

    def __init__(self, folder: Path, history: History) -> None:
        self.folder, self.history = folder, history
        self.postgres: Postgres
        self.rabbit: RabbitMQ | None = None
        self.hub: RunningHub
        self.partners: Partners
        self.to_database: Proxy
        self.to_broker: Proxy | None = None
        self.to_partners: dict[str, Proxy] = {}
        self.gateways: list[Process] = []
        self.workers: list[Process] = []
        self.schedulers: list[Process] = []
        self.bad_ends: list[str] = []
        self._down: list[Process] = []
        self._lock = threading.Lock()
        self._key = ""

    @property
    def doors(self) -> list[str]:
        return [self.hub.url, f"http://127.0.0.1:{self._second}"]

    def start(self) -> None:
        """The hub's processes, and wait until it can store."""
        self._second = free_port()
        self.gateways = [self.hub.start("gateway"), self._other_gateway()]
        self.schedulers = [self.hub.start("scheduler")]
        self.workers = [self.hub.start("worker") for _ in range(WORKERS)]
        self.hub.wait_ready()
        until(lambda: self.enlisted(self.workers[-1]), "the last worker is enlisted")

    def _other_gateway(self) -> Process:
        return self.hub.start("gateway", ORDERHUB_BIND=f"127.0.0.1:{self._second}")

    def kill(self, one: Process) -> None:
        """Kill -9, with all its children. It stays dead until `again`."""
        with self._lock:
            self._down.append(one)
        one.kill_all()

    def end(self, one: Process) -> int:
        """SIGTERM. It stays away until `again`. Returns its exit code."""
        with self._lock:
            self._down.append(one)
        return one.stop(60.0)

    def again(self, old: Process) -> Process:
        """Start anew what was killed, in the place of the old one."""
        with self._lock:
            if old in self._down:
                self._down.remove(old)
            return self._again(old)

    def _again(self, old: Process) -> Process:
        for group in (self.gateways, self.workers, self.schedulers):
            if old in group:
                at = group.index(old)
                made = self._made_like(old, at)
                group[at] = made
                self.hub.processes.remove(old)
                return made
        raise LookupError(old.command)

    def _made_like(self, old: Process, at: int) -> Process:
        return (
            self._other_gateway()
            if old.command == "gateway" and at
            else self.hub.start(old.command)
        )

    def mend(self) -> None:
        """Start what ended by itself, as a supervisor does."""
        with self._lock:
            for one in [*self.gateways, *self.workers, *self.schedulers]:
                if not one.lives() and one not in self._down:
                    self.history.add("ended", command=one.command, said=one.log[-300:])
                    self._again(one)

    def supervise(self) -> Callable[[], None]:
        """Mend all the time. Returns what ends it."""
        enough = threading.Event()

        def watch() -> None:
            while not enough.wait(1.0):
                self.mend()

        thread = threading.Thread(target=watch, name="supervisor", daemon=True)
        thread.start()

        def end() -> None:
            enough.set()
            thread.join(10)

        return end

    def enlisted(self, worker: Process) -> bool:
        return bool(self.hub.sql(_ENLISTED, pid=worker.pid))

    def lanes_of(self, worker: Process) -> int:
        """How many lanes it holds."""
        return int(self.hub.one(_HELD, pid=worker.pid))

    def free(self, worker: Process) -> Callable[[], bool]:
        """Whether none is in a dead worker's name any more."""
        pid = worker.pid
        return lambda: not self.hub.one(_HELD, pid=pid)

    def given_up(self, worker: Process) -> Callable[[], bool]:
        """Whether each lane that it holds now is free or has been taken anew."""
        held = {row.id: row.fence for row in self.ask(_LANES, pid=worker.pid)}
        pid = worker.pid

        def is_so() -> bool:
            return not any(held.get(row.id) == row.fence for row in self.hub.sql(_LANES, pid=pid))

        return is_so

    def ready(self, door: str) -> bool:
        """Whether a gateway can store."""
        try:
            with urllib.request.urlopen(f"{door}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def consumers(self) -> int:
        """Workers that listen for bells."""
        if self.rabbit is None:
            return len(self.workers)
        with self.rabbit.connect() as session:
            found = session.channel().queue_declare(QUEUE, passive=True)
            return int(found.consumer_count)

    def works_since(self, at: Any) -> Callable[[], bool]:
        """Whether a message was finished after that moment of the database's clock."""
        return lambda: bool(self.hub.one(_FINISHED, at=at))

    def told_since(self, connection: str, at: Any) -> Callable[[], bool]:
        """Whether a partner was told something after that moment, or nothing waits to be told."""
        return lambda: bool(self.hub.one(_TOLD, at=at, connection=connection))

    def clock(self) -> Any:
        """The database's time."""
        ((at,),) = self.ask("SELECT clock_timestamp()")
        return at

    def ask(self, text: str, seconds: float = 90.0, **values: Any) -> list[Any]:
        """Rows of the database, as soon as it answers: another fault may have it away."""
        begun = time.monotonic()
        while True:
            try:
                return self.hub.sql(text, **values)
            except DBAPIError:
                if time.monotonic() - begun > seconds:
                    raise
                time.sleep(0.2)

    def partner(self, connection: str) -> Partner:
        if connection == WAREHOUSE:
            return self.partners.warehouse
        return self.partners.erp if connection == ERP else self.partners.shops[connection]

    @property
    def connections(self) -> list[str]:
        return [WAREHOUSE, ERP, *self.partners.shops]

    def resume(self, connection: str, seconds: float = 60.0) -> None:
        """What a person does after a partner refused our credentials, once it takes them again."""
        until(lambda: self._resumed(connection), f"{connection} is resumed", seconds, 0.5)

    def _resumed(self, connection: str) -> bool:
        ((status,),) = self.ask("SELECT status FROM connection WHERE code = :c", c=connection)
        if status != "paused":
            return True
        request = urllib.request.Request(
            f"{self.hub.url}/api/v1/connections/{connection}/resume",
            json.dumps({"reason": "the partner takes our credentials again"}).encode(),
            {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"},
        )
        with suppress(urllib.error.HTTPError, OSError), urllib.request.urlopen(request, timeout=10):
            return True
        return False

    def make_key(self) -> None:
        self._key = json.loads(self.hub.run("key", "add", "--scopes", "all", "--json"))["key"]

    def stop(self) -> None:
        """SIGTERM to all, as an operator ends it; what does not end with 0 is noted."""
        for one in [*self.gateways, *self.schedulers, *self.workers]:
            code = one.stop() if one.lives() else -1
            if code != 0:
                self.bad_ends.append(f"{one.command} ended with {code}")

    def thaw(self) -> None:
        """Whatever stands frozen goes on."""
        for one in [*self.gateways, *self.workers, *self.schedulers]:
            if one.lives():
                one.signal(signal.SIGCONT)
        for server in (self.postgres, self.rabbit):
            if server is not None:
                server.thaw()


@contextmanager
def open_scene(
    folder: Path, history: History, *, proxies: bool = True, data: Path | None = None
) -> Iterator[Scene]:
    """Servers, hub and partners, ready for orders. `data`: where the database's cluster lies."""
    scene = Scene(folder, history)
    with ExitStack() as held:
        scene.postgres = Postgres(data or folder / "postgres")
        scene.rabbit = RabbitMQ(folder / "rabbitmq") if has_rabbitmq() else None
        _start_servers(scene, held)
        scene.to_database = held.enter_context(Proxy(scene.postgres.port))
        broker = None
        if scene.rabbit is not None:
            scene.to_broker = held.enter_context(Proxy(scene.rabbit.port))
            broker = scene.rabbit.url(scene.to_broker.port if proxies else None)
        port = scene.to_database.port if proxies else None
        scene.hub = RunningHub(
            folder / "home",
            database_url=scene.postgres.url(_DATABASE, port),
            watch_url=scene.postgres.url(_DATABASE),
            broker_url=broker,
            **SECRETS,
        )
        held.callback(_end, scene)
        scene.partners = held.enter_context(Partners(scene.hub, SHOPS))
        _connect(scene, held, proxies=proxies)
        scene.start()
        yield scene


def _start_servers(scene: Scene, held: ExitStack) -> None:
    """Both at once: each takes seconds."""
    held.callback(scene.postgres.close)
    if scene.rabbit is not None:
        held.callback(scene.rabbit.close)
    with ThreadPoolExecutor(1) as beside:
        begun = beside.submit(scene.rabbit.start) if scene.rabbit is not None else None
        scene.postgres.make().start()
        scene.postgres.make_database(_DATABASE)
        if begun is not None:
            begun.result()


def _end(scene: Scene) -> None:
    scene.thaw()
    for one in scene.hub.processes:
        one.kill_all()
    scene.hub.close()


def _connect(scene: Scene, held: ExitStack, *, proxies: bool) -> None:
    """Migrate, and apply the connections with proxies before the partners."""
    scene.hub.run("migrate")
    goods = {shop: {one.sku for one in CATALOGUE} for shop in SHOPS}
    tree = scene.partners.connections(goods, on_hand=1_000_000)
    for one in tree["connections"]:
        one["limits"] = {**one.get("limits", {}), **_LIMITS}
        if proxies:
            port = urlsplit(one["settings"]["api_url"]).port
            proxy = scene.to_partners[one["code"]] = held.enter_context(Proxy(int(port or 0)))
            one["settings"]["api_url"] = f"http://127.0.0.1:{proxy.port}"
    scene.hub.apply(tree)
    scene.make_key()


def pause(die: random.Random, least: float, most: float) -> None:
    """A drawn while."""
    time.sleep(die.uniform(least, most))


_ENLISTED = "SELECT number FROM worker WHERE pid = :pid AND ended_at IS NULL"
_HELD = "SELECT count(*) FROM lane JOIN worker ON worker.number = lane.holder AND worker.pid = :pid"
_LANES = """SELECT lane.id, fence FROM lane
    JOIN worker ON worker.number = lane.holder AND worker.pid = :pid"""
_FINISHED = "SELECT EXISTS (SELECT FROM message WHERE finished_at > :at)"
_TOLD = """SELECT EXISTS (SELECT FROM message WHERE connection = :connection AND direction = 'out'
    AND finished_at > :at) OR NOT EXISTS (SELECT FROM work WHERE connection = :connection
    AND direction = 'out' AND status IN ('pending', 'retry', 'unknown', 'sending'))"""
