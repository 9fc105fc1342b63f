"""`idle`: how long one order takes from its webhook to the warehouse when nothing else is going on,
on embedded defaults.
"""

import socket
import statistics
import time
from collections.abc import Iterator

from benchmarks.load import post, request
from benchmarks.result import Result
from benchmarks.stage import NOWHERE, SECRETS, WAREHOUSE, Stage, number, orders, tree, webhooks
from sandbox.qimen import Warehouse
from sandbox.qimen.wire import Account
from tests.kit.world.processes import until
from tests.kit.world.running import RunningHub

SAMPLES = number("ORDERHUB_BENCH_SAMPLES", 60)
_PAUSE_S = 0.05


def run(stage: Stage) -> Iterator[Result]:
    account = Account("sandbox", "sandbox", SECRETS["SANDBOX_WAREHOUSE_SECRET"])
    with (
        RunningHub(stage.home / "idle", **SECRETS) as hub,
        Warehouse(account=account) as warehouse,
    ):
        hub.start("up")
        hub.wait_ready()
        hub.apply(tree({**NOWHERE, WAREHOUSE: warehouse.url}, books=False))
        requests = [request(*webhook) for webhook in webhooks(orders(SAMPLES + 5, seed=3))]
        took = []
        with socket.create_connection(("127.0.0.1", hub.port)) as connection:
            for before, body in enumerate(requests):
                begun = time.perf_counter()
                assert post(connection, body)
                until(
                    lambda n=before: len(warehouse.record) > n, "the warehouse is told", 30, 0.001
                )
                took.append((time.perf_counter() - begun) * 1000)
                time.sleep(_PAUSE_S)
    took = sorted(took[5:])
    p99 = round(took[int(len(took) * 0.99)], 1)
    yield Result("idle", statistics.median(took), None, "ms to the warehouse, median", {"p99": p99})
