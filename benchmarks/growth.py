"""`growth`: what an order costs with much history, beside the same with little.

One order: taken in, routed, told to warehouse and books, by one worker, with partners that answer
at once. Cost is processor time, of the worker and of its database sessions, so that other load on
the machine weighs little. Rounds alternate between the two databases; the ratio of the medians
counts.

    python -m benchmarks growth                      # fills ORDERHUB_BENCH_HISTORY orders (200,000)
    python -m benchmarks.growth SMALL_URL LARGE_URL  # on databases filled before
"""

import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psutil
import sqlalchemy as sa

from adapters.ports import Parts, Receipt
from benchmarks import history, plans
from benchmarks.processing import fill
from benchmarks.result import Result
from benchmarks.stage import NOWHERE, SECRETS, SHOP, Stage, found, number, orders, say, stage
from hub.model.document import Document
from hub.store.messages import lanes
from hub.store.opened import Store
from tests.kit.plans import watched
from workers import process
from workers.context import Context
from workers.drain import drain

LITTLE, MUCH = 10_000, number("ORDERHUB_BENCH_HISTORY", 200_000)
ORDERS, ROUNDS = number("ORDERHUB_BENCH_ORDERS", 1000), number("ORDERHUB_BENCH_ROUNDS", 4)
_SEEDS = count(time.time_ns() // 1_000_000_000)
"""A database may be measured again: its orders are new ones."""


class Prompt:
    """A partner that takes everything at once."""

    def send(self, document: Document, key: str) -> Receipt:  # noqa: ARG002  # the port's shape
        return Receipt(f"ref-{key[-12:]}")

    def send_many(self, batch: Sequence[tuple[Document, str]]) -> list[Receipt]:
        return [self.send(document, key) for document, key in batch]


class Prompted:
    """The shop as it is, everybody else prompt."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def of(self, partner: Any, network: Any, version: int) -> Parts | Prompt:
        if partner.code == SHOP:
            real: Parts = self._real.of(partner, network, version)
            return real
        return Prompt()

    def inward(self, partner: Any, network: Any, version: int) -> Parts | Prompt:
        return self.of(partner, network, version)


@dataclass
class Side:
    """One database under measurement, and what an order cost there, in microseconds."""

    name: str
    store: Store
    context: Context
    first: int = 0
    worker: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    wal: list[float] = field(default_factory=list)

    def round(self, bodies: list[bytes]) -> None:
        """Take orders in and work them until nothing is due."""
        own, theirs, wal = time.process_time(), self._sessions(), self._wal()
        fill(self.store, bodies, first=self.first)
        self.first += len(bodies)
        while self._drain():
            pass
        self.worker.append((time.process_time() - own) / len(bodies) * 1e6)
        after = self._sessions()
        self.database.append(spent(theirs, after) / len(bodies) * 1e6)
        self.wal.append((self._wal() - wal) / len(bodies))

    def cost(self) -> float:
        """Microseconds of processor time an order."""
        each = [mine + its for mine, its in zip(self.worker, self.database, strict=True)]
        return statistics.median(each)

    def _drain(self) -> bool:
        with self.store.database.begin() as db:
            due = lanes.due(db)
        for lane in due:
            drain(self.context, lane, process.ONCE)
        return bool(due)

    def _sessions(self) -> dict[int, float]:
        with self.store.database.begin() as db:
            return sessions(db)

    def _wal(self) -> int:
        with self.store.database.begin() as db:
            return int(db.scalar(sa.text("SELECT pg_current_wal_lsn() - '0/0'")) or 0)


def run(stage: Stage) -> Iterator[Result]:
    with stage.database() as little, stage.database() as much:
        for url, wanted in ((little, LITTLE), (much, MUCH)):
            history.fill(url, wanted)
        yield from compare(stage, little, much)


def compare(stage: Stage, little: str, much: str) -> Iterator[Result]:
    """Measure two filled databases in turn."""
    with ExitStack() as stack:
        sides = [_side(stage, stack, name, url) for name, url in (("10k", little), ("much", much))]
        for side in sides:
            side.round(orders(ORDERS, seed=next(_SEEDS)))  # once for nothing: caches, plans
            side.worker.clear(), side.database.clear(), side.wal.clear()
        for at in range(ROUNDS):
            bodies = orders(ORDERS, seed=next(_SEEDS))
            for side in sides if at % 2 else reversed(sides):
                side.round(bodies)
                say(
                    f"growth {at + 1}/{ROUNDS} {side.name}: worker {side.worker[-1]:.0f} us,"
                    f" database {side.database[-1]:.0f} us, WAL {side.wal[-1]:,.0f} bytes an order"
                )
        few, many = sides
        with watched(many.store.database._engine) as seen:  # noqa: SLF001  # to look at it is the point
            many.round(orders(20, seed=next(_SEEDS)))
        plans.show(seen)
        if not plans.claims_touch_unfinished_rows_only(seen):
            raise AssertionError("a claim looked at more than unfinished work")
        with many.store.database.begin() as db:
            known = db.scalar(sa.text("SELECT count(*) FROM sales_order"))
        for side in sides:
            del side.worker[ROUNDS:], side.database[ROUNDS:], side.wal[ROUNDS:]
        more = {
            "orders_of_history": known,
            "worker_us": [round(statistics.median(side.worker)) for side in sides],
            "database_us": [round(statistics.median(side.database)) for side in sides],
            "wal_bytes": [round(statistics.median(side.wal)) for side in sides],
        }
        yield Result("growth", many.cost(), few.cost(), "us/order", more)


def alone(stage: Stage, count: int) -> tuple[float, float, float]:
    """Without history: microseconds of worker and of database, bytes of WAL, an order."""
    with ExitStack() as stack:
        side = _side(stage, stack, "empty", stack.enter_context(stage.database()))
        for _ in range(1 + ROUNDS):
            side.round(orders(count, seed=next(_SEEDS)))
        figures = (side.worker, side.database, side.wal)
        worker, database, wal = (statistics.median(each[1:]) for each in figures)
        return worker, database, wal


def sessions(db: sa.Connection) -> dict[int, float]:
    """Processor seconds of the sessions on a database."""
    return {pid: _used(pid) for pid in db.scalars(_SESSIONS)}


def spent(before: dict[int, float], after: dict[int, float]) -> float:
    """What sessions used between two looks."""
    return sum(used - before.get(pid, 0.0) for pid, used in after.items())


def _side(stage: Stage, stack: ExitStack, name: str, url: str) -> Side:
    store = stage.store(url)
    stack.callback(store.close)
    with store.database.begin() as db:
        known = db.scalar(sa.text("SELECT count(*) FROM connection"))
    if not known:
        found(store, NOWHERE)
    context, *_ = process.make_context(store, None, "bench")
    stack.callback(context.identity.stop)
    stack.callback(context.bell.stop)
    context.adapters = Prompted(context.adapters)  # type: ignore[assignment]
    return Side(name, store, context, first=time.time_ns())


def _used(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


_SESSIONS = sa.text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")


def main(little: str, much: str) -> None:
    os.environ.update(SECRETS)
    with stage() as made:
        for result in compare(made, little, much):
            print(result.line(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
