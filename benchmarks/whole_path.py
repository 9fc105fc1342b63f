"""`whole_path`: from the first signed webhook until warehouse and ERP have acknowledged the last
order, in orders a second.

Both sides: two door processes and one that works, against the same sandbox partners, which run as
processes of their own.
"""

import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks import floor
from benchmarks.intake import floor_door, generator, go
from benchmarks.result import Result
from benchmarks.stage import ERP, NOWHERE, SECRETS, SHOP, WAREHOUSE, Stage, found, number, say
from tests.journeys.brokers import own_broker
from tests.kit.database import find_servers
from tests.kit.fixtures import ROOT
from tests.kit.world.processes import free_port, until
from tests.kit.world.running import RunningHub

ORDERS, ROUNDS = number("ORDERHUB_BENCH_WHOLE", 600), number("ORDERHUB_BENCH_ROUNDS", 3)
WARM_UP = 60
CONNECTIONS = 8


def run(stage: Stage) -> Iterator[Result]:
    hub, bare = [], []
    for n in range(ROUNDS):
        hub.append(_hub(stage))
        bare.append(_floor(stage))
        say(f"whole path {n + 1}/{ROUNDS}: hub {hub[-1]:.1f}/s, floor {bare[-1]:.1f}/s")
    yield Result("whole_path", statistics.median(hub), statistics.median(bare), "orders/s")


def _hub(stage: Stage) -> float:
    with ExitStack() as stack:
        urls, url = stack.enter_context(partners()), stack.enter_context(stage.database())
        _found(stage, url, urls)
        broker = find_servers(dict(os.environ)).broker
        broker = stack.enter_context(own_broker(broker)) if broker else None
        home = stage.home / f"whole-{time.monotonic_ns()}"
        hub = stack.enter_context(RunningHub(home, database_url=url, broker_url=broker, **SECRETS))
        for command in ("gateway", "worker", "scheduler"):
            hub.start(command)
        hub.wait_ready()
        until(
            lambda: hub.sql("SELECT number FROM worker WHERE kind = 'worker'"), "the worker works"
        )
        return _measured(url, hub.port)


def _floor(stage: Stage) -> float:
    with ExitStack() as stack:
        urls, url = stack.enter_context(partners()), stack.enter_context(stage.database())
        _found(stage, url, urls)
        port = stack.enter_context(floor_door(url))
        told = ["benchmarks.floor_teller", url, urls[WAREHOUSE], urls[ERP]]
        with process(*told):
            return _measured(url, port)


def _found(stage: Stage, url: str, urls: dict[str, str]) -> None:
    store = stage.store(url)
    found(store, {**NOWHERE, **urls})
    store.close()


def _measured(url: str, port: int) -> float:
    """Orders a second, once some have gone before for nothing."""
    _through(url, port, WARM_UP, seed=50, before=0)
    return ORDERS / _through(url, port, ORDERS, seed=51, before=WARM_UP)


def _through(url: str, port: int, orders: int, seed: int, before: int) -> float:
    with generator(port, orders, seed, CONNECTIONS) as load, floor.connect(url) as db:
        db.autocommit = True
        begun = time.perf_counter()
        go(load, orders)
        wanted = 2 * (before + orders)
        until(lambda: db.execute(_TOLD).fetchone() == (wanted,), "all are told", 120, 0.02)
        return time.perf_counter() - begun


_TOLD = f"""SELECT count(*) FROM message
WHERE status = 'delivered' AND connection IN ('{WAREHOUSE}', '{ERP}')"""  # noqa: S608  # constants


@contextmanager
def partners() -> Iterator[dict[str, str]]:
    """The sandbox warehouse, which only takes orders in, and the ERP, as processes."""
    with ExitStack() as stack:
        urls = {SHOP: NOWHERE[SHOP]}
        for code, name, more in ((WAREHOUSE, "warehouse", ()), (ERP, "erp", ("--open-catalogue",))):
            port = free_port()
            urls[code] = f"http://127.0.0.1:{port}"
            stack.enter_context(process("sandbox", name, "--port", str(port), *more))
            until(lambda at=urls[code]: _answers(at), f"the {name} answers")
        yield urls


@contextmanager
def process(module: str, *arguments: str) -> "Iterator[subprocess.Popen[bytes]]":
    """A module of this project as a process, terminated at the end."""
    command = [sys.executable, "-m", module, *arguments]
    started = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield started
    finally:
        started.terminate()
        started.wait(timeout=20)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_sandbox/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
