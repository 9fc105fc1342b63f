"""`memory`: all of the hub at rest on embedded defaults, and one worker after many orders.

Shared pages are counted once (the kernel's proportional set size). `ORDERS=10000,200000` says
after how many orders the worker is looked at; by default few, so that it does not take long.
"""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil

from benchmarks import floor
from benchmarks.processing import fill
from benchmarks.result import Result
from benchmarks.stage import NOWHERE, SECRETS, WAREHOUSE, Stage, found, orders, say
from benchmarks.whole_path import partners
from tests.kit.world.processes import until
from tests.kit.world.running import RunningHub

STEPS = tuple(int(step) for step in os.environ.get("ORDERS", "1000,4000").split(","))
_REST_S = 10.0
_MB = 1_000_000
_PORTION = 500


def run(stage: Stage) -> Iterator[Result]:
    yield Result("memory_at_rest", _at_rest(stage), None, "MB")
    yield from _worker(stage)


def _at_rest(stage: Stage) -> float:
    """The hub, its database server and all their children."""
    home = stage.home / "rest"
    with RunningHub(home, **SECRETS) as hub:
        up = psutil.Process(hub.start("up").pid)
        hub.wait_ready()
        time.sleep(_REST_S)
        return proportional([up, *up.children(recursive=True), *_in(home)])


def _in(home: Path) -> list[psutil.Process]:
    """The database server's processes: they work in its folder."""
    here = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(home):
                here.append(process)
        except psutil.Error:
            continue
    return here


def proportional(processes: Iterable[psutil.Process]) -> float:
    """Megabytes of these processes together."""
    by_pid = {process.pid: process for process in processes}
    return float(sum(process.memory_full_info().pss for process in by_pid.values()) / _MB)


def _worker(stage: Stage) -> Iterator[Result]:
    """One worker that routes orders and tells the warehouse of them."""
    with ExitStack() as stack:
        url = stack.enter_context(stage.database())
        urls = stack.enter_context(partners())
        store = stage.store(url)
        found(store, {**NOWHERE, WAREHOUSE: urls[WAREHOUSE]}, books=False)
        hub = stack.enter_context(RunningHub(stage.home, database_url=url, **SECRETS))
        worker = psutil.Process(hub.start("worker").pid)
        db = stack.enter_context(floor.connect(url))
        db.autocommit = True
        done, first = 0, 0.0
        for step in STEPS:
            while done < step:
                fill(store, orders(_PORTION, seed=1000 + done // _PORTION), first=done)
                done += _PORTION
                wanted = (done,)
                until(lambda w=wanted: db.execute(_TOLD).fetchone() == w, "told", 600, 0.1)
            size = worker.memory_info().rss / _MB
            say(f"worker after {step} orders: {size:.0f} MB")
            first = first or size
            yield Result(f"memory_worker_{step}", size, None, "MB", {"grown": _grown(first, size)})
        store.close()


def _grown(first: float, size: float) -> str:
    """By how much the worker is larger than after the first step."""
    return f"{size / first - 1:+.1%}"


_TOLD = f"""SELECT count(*) FROM message
WHERE status = 'delivered' AND connection = '{WAREHOUSE}'"""  # noqa: S608  # a constant
