"""`posting`: the hot path, orders routed and then shipped, with and without the pass that books in
the ledger what left, in turn. The pass runs beside it in a process of its own, as in the scheduler.

What is compared is orders a second. Where others use the machine that wanders by more than the
pass costs, so processor time is told too: of the worker in both cases, and of the pass.
"""

import multiprocessing
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from typing import Any

import sqlalchemy as sa

from benchmarks.processing import drain_inbox, fill
from benchmarks.result import Result
from benchmarks.stage import NOWHERE, WAREHOUSE, Stage, Stopwatch, found, number, orders, say
from hub import flows
from hub.flows.settlement import post
from hub.flows.unit import Told, Unit
from hub.model.document import Source
from hub.model.fulfilment import Package, Shipment
from hub.store.base.ids import new_id
from hub.store.opened import Store
from hub.store.orders import fulfilments
from workers import process

ORDERS, ROUNDS = number("ORDERHUB_BENCH_ORDERS", 2000), number("ORDERHUB_BENCH_ROUNDS", 3)
_BATCH = 200
_EVERY_S = 1.0
"""The scheduler asks so often."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One round, per order: wall and processor time of the worker, and of the pass beside it."""

    wall: float
    cpu: float
    beside: float


def run(stage: Stage) -> Iterator[Result]:
    bodies = orders(ORDERS)
    _round(stage, bodies[:_BATCH], posting=True)
    ran: dict[bool, list[Ran]] = {False: [], True: []}
    for n in range(ROUNDS):
        for posting in (False, True) if n % 2 else (True, False):
            ran[posting].append(_round(stage, bodies, posting=posting))
        without, beside = ran[False][-1], ran[True][-1]
        say(
            f"posting {n + 1}/{ROUNDS}: worker {without.cpu * 1e6:.0f} us an order without and"
            f" {beside.cpu * 1e6:.0f} with it, the pass {beside.beside * 1e6:.0f} us"
        )
    median = {
        posting: Ran(*(statistics.median(getattr(it, name) for it in all_) for name in _FIGURES))
        for posting, all_ in ran.items()
    }
    more = {
        "worker_cpu_ratio": round(median[True].cpu / median[False].cpu, 3),
        "worker_us": [round(median[it].cpu * 1e6) for it in (False, True)],
        "pass_us": round(median[True].beside * 1e6),
    }
    yield Result("posting", 1 / median[True].wall, 1 / median[False].wall, "orders/s", more)


_FIGURES = ("wall", "cpu", "beside")


def _round(stage: Stage, bodies: list[bytes], *, posting: bool) -> Ran:
    watch = Stopwatch()
    with stage.database() as url:
        store = stage.store(url)
        found(store, NOWHERE)
        fill(store, bodies)
        context, *_ = process.make_context(store, None, "bench")
        with _beside(stage, url, is_on=posting) as spent, watch.measure():
            drain_inbox(context)
            _ship(store)
        context.bell.stop()
        context.identity.stop()
        _check(store, len(bodies) if posting else 0)
        store.close()
    many = len(bodies)
    return Ran(watch.wall / many, watch.cpu / many, spent.get("cpu", 0.0) / many)


def _ship(store: Store) -> None:
    """The warehouse confirms all that it was told, as a worker takes such messages."""
    with store.database.begin() as db:
        ids = list(db.scalars(sa.text("SELECT id FROM fulfilment_order ORDER BY id")))
        db.execute(sa.text("UPDATE fulfilment_order SET status = 'notified'"))
    for at in range(0, len(ids), _BATCH):
        with store.database.begin() as db:
            directory = store.directories.read(db)
            partner = directory.connections[WAREHOUSE]
            unit = Unit(db, store.vault, directory, datetime.now(UTC))
            shipments = [
                Told(_shipment(fulfilments.number(it)), partner, new_id(), new_id())
                for it in ids[at : at + _BATCH]
            ]
            said = flows.take(unit, shipments)
        if wrong := [it for it in said if it.status != "done"]:
            raise AssertionError(f"a shipment is {wrong[0]}")


def _shipment(number_: str) -> Shipment:
    return Shipment(
        source=Source(connection=WAREHOUSE, id=number_),
        fulfilment_order_id=number_,
        shipped_at=datetime.now(UTC),
        packages=(Package(carrier="dhl", tracking_number=f"T{number_}"),),
    )


def _check(store: Store, expected: int) -> None:
    with store.database.begin() as db:
        booked = db.scalar(sa.text("SELECT count(*) FROM entry WHERE reason = 'sale:1'"))
    if booked != expected:
        raise AssertionError(f"{booked} of {expected} orders are in the ledger")


@contextmanager
def _beside(stage: Stage, url: str, *, is_on: bool) -> Iterator[dict[str, float]]:
    """The pass beside what happens inside; afterwards it books the rest, and says what it took."""
    spent: dict[str, float] = {}
    if not is_on:
        yield spent
        return
    spawned = multiprocessing.get_context("spawn")
    ready, stop, said = spawned.Event(), spawned.Event(), spawned.Queue()
    beside = spawned.Process(target=_pass, args=(stage, url, ready, stop, said))
    beside.start()
    ready.wait()
    try:
        yield spent
    finally:
        stop.set()
        spent["cpu"] = said.get(timeout=300)
        beside.join()


def _pass(stage: Stage, url: str, ready: Event, stop: Event, said: Any) -> None:
    """Book what left, every second as the scheduler does, and at the end what is left."""
    store = stage.store(url)
    _book(store)
    begun = time.process_time()
    ready.set()
    while not stop.wait(_EVERY_S):
        _book(store)
    while _book(store, margin_s=0.0):
        pass
    said.put(time.process_time() - begun)
    store.close()


def _book(store: Store, **how: float) -> bool:
    with store.database.begin() as db:
        unit = Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
        return post.post(unit, **how)
