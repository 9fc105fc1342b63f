"""`partner_latency`: what a worker tells a warehouse that takes 100 ms for each answer, by how many
calls the connection may have at a time.

The rate should grow in proportion until the processor is full. The floor is that proportion:
calls at a time, divided by what one takes.
"""

import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from adapters.kit.known import Known
from benchmarks import floor
from benchmarks.processing import drain_inbox, fill
from benchmarks.result import Result
from benchmarks.stage import NOWHERE, SECRETS, WAREHOUSE, Stage, number, orders, say, tree
from benchmarks.whole_path import partners
from hub.flows import applying
from hub.flows.unit import Unit
from hub.store import secrets
from hub.store.runtime import Store
from tests.kit.hub import Hub, until
from workers import motion

AT_ONCE = (1, 4, 16, 64)
PARTNER_MS = number("ORDERHUB_BENCH_PARTNER_MS", 100)
SECONDS, MOST = number("ORDERHUB_BENCH_PARTNER_S", 5), 1500


def run(stage: Stage) -> Iterator[Result]:
    for calls in AT_ONCE:
        ideal = calls * 1000 / PARTNER_MS
        rate = _rate(stage, calls, min(int(ideal * SECONDS), MOST))
        say(f"partner latency, {calls} at a time: {rate:.1f}/s of {ideal:.0f}/s")
        yield Result(f"partner_latency_{calls}", rate, ideal, "orders/s")


def _rate(stage: Stage, calls: int, told: int) -> float:
    """Orders a second, from the first to the last that the warehouse has acknowledged."""
    with partners() as urls, stage.database() as url:
        store = stage.store(url)
        _found(store, urls[WAREHOUSE], calls)
        fill(store, orders(told, seed=400))
        engine, *_ = motion.make_engine(store, None, "bench")
        drain_inbox(engine)
        engine.bell.stop()
        engine.identity.stop()
        store.close()
        _slow(urls[WAREHOUSE])
        with (
            Hub(stage.home, database_url=url, **SECRETS) as hub,  # where the data key lies
            floor.connect(url) as db,
        ):
            db.autocommit = True
            hub.start("worker")
            until(lambda: db.execute(_TOLD).fetchone() == (told,), "all are told", 300, 0.05)
            seconds = db.execute(_TOOK).fetchone()
        if seconds is None:
            raise AssertionError("no attempt was made")
        return float(told / seconds[0])


def _found(store: Store, url: str, calls: int) -> None:
    world = tree({**NOWHERE, WAREHOUSE: url}, books=False)
    for one in world["connections"]:
        if one["code"] == WAREHOUSE:
            one["limits"] = {"concurrency": calls}
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
_TOOK = f"""SELECT extract(epoch FROM max(attempt.finished_at) - min(attempt.started_at))
FROM attempt JOIN message ON message.id = attempt.message_id
WHERE message.connection = '{WAREHOUSE}'"""  # noqa: S608  # a constant
