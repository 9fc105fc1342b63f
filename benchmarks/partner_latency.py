"""`partner_latency`: what a worker tells a warehouse that takes 100 ms for each answer, by how many
calls the connection may have at a time.

The rate should grow in proportion until the processor is full. The floor is that proportion:
calls at a time, divided by what one takes. Measured is the middle of the run, in which no lane is
empty yet; beside it stands how much of a processor the worker used.
"""

import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import psutil

from adapters.kit.settings_check import Known
from benchmarks import floor
from benchmarks.processing import drain_inbox, fill
from benchmarks.result import Result
from benchmarks.stage import NOWHERE, SECRETS, WAREHOUSE, Stage, number, orders, say, tree
from benchmarks.whole_path import partners
from hub.flows.config import applying
from hub.flows.unit import Unit
from hub.store.config import secrets
from hub.store.opened import Store
from tests.kit.world.running import RunningHub
from workers import process

AT_ONCE = (1, 4, 16, 64)
PARTNER_MS = number("ORDERHUB_BENCH_PARTNER_MS", 100)
SECONDS, MOST = number("ORDERHUB_BENCH_PARTNER_S", 8), 2000
_FROM, _TO, _LOOK_S = 0.1, 0.8, 0.1


def run(stage: Stage) -> Iterator[Result]:
    for calls in AT_ONCE:
        ideal = calls * 1000 / PARTNER_MS
        rate, busy = _rate(stage, calls, min(int(ideal * SECONDS), MOST))
        say(f"partner latency, {calls} at a time: {rate:.1f}/s of {ideal:.0f}/s, busy {busy:.0%}")
        yield Result(f"partner_latency_{calls}", rate, ideal, "orders/s", {"busy": f"{busy:.0%}"})


def _rate(stage: Stage, calls: int, count: int) -> tuple[float, float]:
    """Orders a second that the warehouse acknowledged in the middle of the run, and how much of one
    processor the worker used meanwhile.
    """
    with partners() as urls, stage.database() as url:
        store = stage.store(url)
        _found(store, urls[WAREHOUSE], calls)
        fill(store, orders(count, seed=400))
        context, *_ = process.make_context(store, None, "bench")
        drain_inbox(context)
        context.bell.stop()
        context.identity.stop()
        store.close()
        _slow(urls[WAREHOUSE])
        with (
            RunningHub(stage.home, database_url=url, **SECRETS) as hub,  # where the data key lies
            floor.connect(url) as db,
        ):
            db.autocommit = True
            worker = psutil.Process(hub.start("worker").pid)
            seen = []
            while not seen or seen[-1].told < count:
                time.sleep(_LOOK_S)
                (now,) = db.execute(_TOLD).fetchone() or (0,)
                used = worker.cpu_times()
                seen.append(_Seen(now, time.monotonic(), used.user + used.system))
        middle = [sample for sample in seen if count * _FROM <= sample.told <= count * _TO]
        first, last = middle[0], middle[-1]
        took = last.at - first.at
        return (last.told - first.told) / took, (last.used_s - first.used_s) / took


@dataclass(frozen=True, slots=True)
class _Seen:
    told: int
    at: float
    used_s: float


def _found(store: Store, url: str, calls: int) -> None:
    world = tree({**NOWHERE, WAREHOUSE: url}, books=False)
    for connection in world["connections"]:
        if connection["code"] == WAREHOUSE:
            connection["limits"] = {"concurrency": calls}
    with store.database.begin() as db:
        unit = Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
        known = Known(partial(secrets.reveal, store.vault))
        applying.apply(unit, json.dumps(world).encode(), known, "bench")


def _slow(url: str) -> None:
    """From now on the warehouse takes its time."""
    plan = json.dumps({"rules": [{"do": "slow", "ms": PARTNER_MS}], "seed": 1}).encode()
    with urllib.request.urlopen(f"{url}/_sandbox/misbehave", data=plan, timeout=5):
        pass


_TOLD = f"""SELECT count(*) FROM message
WHERE status = 'delivered' AND connection = '{WAREHOUSE}'"""  # noqa: S608  # a constant
