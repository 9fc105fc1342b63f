"""What orders cost, measured, and from that what a rate of orders needs: `python -m
benchmarks.capacity` measures and prints the two tables of docs/capacity.md.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import psutil
import sqlalchemy as sa

from benchmarks import growth
from benchmarks.intake import generator, go
from benchmarks.result import Result
from benchmarks.stage import NOWHERE, SECRETS, Stage, found, number, say, stage
from hub.gateway.server import serve
from hub.store.base.database import OVERFLOW
from tests.kit.world.running import RunningHub
from workers import process

ORDERS, REQUESTS = number("ORDERHUB_BENCH_ORDERS", 1000), number("ORDERHUB_BENCH_REQUESTS", 2000)

HEARD, TOLD, MEASURED = 3, 4, 3
"""Messages of an order's life: in (order, accepted, shipped), out (notice, sale, and each told of
the shipment). Measured are three of the seven: the order, its notice, its sale.
"""
CALL_US = 800.0
"""Processor time of one HTTP call to a partner: docs/performance.md."""
BUSY = 0.6
"""How busy a core may be on average."""
ORDERS_KEPT, HISTORY = 5_300, 7_400
"""Bytes an order, as filled by benchmarks.history: of what is kept for ever (documents of real size
included), and of messages, attempts, timeline and ledger without payloads."""
PAYLOAD = 1_340
"""Bytes of a payload, sealed."""
FPI = 2.2
"""How much more WAL an order needs where indexes are larger than memory: full pages of them."""
WORKER_SESSIONS = process.SESSIONS + OVERFLOW + 1
"""Of a worker: its pool, and the lock that says that it lives."""
DOOR_SESSIONS = 2 * 2 * (serve.THREADS + OVERFLOW)
"""Of a gateway: two processes, each with a pool for the intake and one for the Open API."""
ONE_PRIMARY = 2_000
"""Orders a second of one PostgreSQL, where it has 16 cores and a disk to write 250 MB/s."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one order: microseconds of processor time, bytes of WAL; `door`: of one delivery."""

    worker_us: float
    database_us: float
    wal_bytes: float
    door_us: float
    door_database_us: float


@dataclass(frozen=True, slots=True)
class Needs:
    """What a rate needs."""

    rate: int
    gateway_cores: float
    worker_cores: float
    database_cores: float
    databases: int
    wal_mb_s: float
    gb_day_kept: float
    gb_day_history: float
    gb_day_archive: float
    sessions: int
    calls_in_flight: int


def needs(costs: Costs, rate: int, latency_s: float = 0.2) -> Needs:
    """The model. `latency_s`: how long a partner takes to answer."""
    messages = HEARD + TOLD
    life = messages / MEASURED
    worker_us = costs.worker_us * life + TOLD * CALL_US
    database_us = costs.database_us * life + HEARD * costs.door_database_us
    workers = rate * worker_us / 1e6 / BUSY
    doors = rate * HEARD * costs.door_us / 1e6 / BUSY
    day = rate * 86_400 / 1e9
    return Needs(
        rate=rate,
        gateway_cores=doors,
        worker_cores=workers,
        database_cores=rate * database_us / 1e6 / BUSY,
        databases=max(1, -(-rate // ONE_PRIMARY)),
        wal_mb_s=rate * costs.wal_bytes * life * FPI / 1e6,
        gb_day_kept=day * ORDERS_KEPT,
        gb_day_history=day * HISTORY,
        gb_day_archive=day * messages * PAYLOAD,
        sessions=round(max(1, workers) * WORKER_SESSIONS + max(1, doors / 2) * DOOR_SESSIONS + 8),
        calls_in_flight=round(rate * TOLD * latency_s),
    )


def run(stage: Stage) -> Iterator[Result]:
    measured = measure(stage)
    whole = needs(measured, 1).worker_cores * BUSY * 1e6
    yield Result("capacity", whole, None, "us/order", asdict(measured))


def measure(stage: Stage) -> Costs:
    """One worker without history, one gateway under load."""
    worker_us, database_us, wal = growth.alone(stage, ORDERS)
    door_us, door_database_us = _door(stage)
    return Costs(worker_us, database_us, wal, door_us, door_database_us)


def _door(stage: Stage) -> tuple[float, float]:
    """Microseconds of gateway and of database a delivery."""
    with (
        stage.database() as url,
        RunningHub(stage.home / "door", database_url=url, **SECRETS) as hub,
    ):
        store = stage.store(url)
        found(store, NOWHERE)
        gateway = psutil.Process(hub.start("gateway").pid)
        hub.wait_ready()
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with generator(hub.port, REQUESTS // 4, 7) as warm:
            go(warm, REQUESTS // 4)
        with engine.connect() as db, generator(hub.port, REQUESTS, 8) as load:
            before, theirs = _tree(gateway), growth.sessions(db)
            go(load, REQUESTS)
            used, database = _tree(gateway) - before, growth.spent(theirs, growth.sessions(db))
        store.close()
        return used / REQUESTS * 1e6, database / REQUESTS * 1e6


def _tree(top: psutil.Process) -> float:
    times = [it.cpu_times() for it in (top, *top.children(recursive=True))]
    return float(sum(time.user + time.system for time in times))


def tables(costs: Costs) -> str:
    """Both tables as Markdown."""
    rows = [needs(costs, rate) for rate in (10, 1_000, 100_000)]
    names = [name for name in asdict(rows[0]) if name != "rate"]
    lines = ["| cost | measured |", "| --- | --- |"]
    lines += [f"| {name} | {value:,.0f} |" for name, value in asdict(costs).items()]
    lines += ["", "| needed | " + " | ".join(f"{row.rate:,} orders/s" for row in rows) + " |"]
    lines += ["| --- " * (len(rows) + 1) + "|"]
    for name in names:
        cells = [_rounded(getattr(row, name)) for row in rows]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _rounded(value: float) -> str:
    small = isinstance(value, float) and value < 10
    return f"{value:,.1f}" if small else f"{value:,.0f}"


def main() -> None:
    os.environ.update(SECRETS)
    with stage() as made:
        costs = measure(made)
    say("measured")
    print(tables(costs))


if __name__ == "__main__":
    sys.exit(main())
