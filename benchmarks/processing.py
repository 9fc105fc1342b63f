"""`processing`: stored webhooks to routed orders, in orders a second, in one process.

The inbox is filled beforehand, nobody is told anything: the outbox only fills. Both sides end with
the same number of rows in every table, which is checked.
"""

import statistics
from collections.abc import Iterator

import psycopg

from benchmarks import floor
from benchmarks.result import Result
from benchmarks.stage import (
    NOWHERE,
    SHOP,
    Stage,
    Stopwatch,
    found,
    number,
    orders,
    plain_python,
    say,
    webhooks,
)
from hub.store.base.ids import new_id
from hub.store.messages import inbox, lanes
from hub.store.messages.inbox import Arrival
from hub.store.opened import Store
from workers import process
from workers.context import Context
from workers.drain import drain

ORDERS, ROUNDS = number("ORDERHUB_BENCH_ORDERS", 2000), number("ORDERHUB_BENCH_ROUNDS", 3)
_FILL = 200


def run(stage: Stage) -> Iterator[Result]:
    bodies = orders(ORDERS)
    _hub(stage, bodies[:200])  # both once for nothing: modules, plans, the template's pages
    _floor(stage, bodies[:200])
    hub, bare = [], []
    for n in range(ROUNDS):
        ours, our_rows = _hub(stage, bodies)
        theirs, their_rows = _floor(stage, bodies)
        if our_rows != their_rows:
            raise AssertionError(f"not the same rows: {our_rows} and {their_rows}")
        hub.append(len(bodies) / ours.wall)
        bare.append(len(bodies) / theirs.wall)
        our_us, their_us = (watch.cpu / len(bodies) * 1e6 for watch in (ours, theirs))
        say(
            f"processing {n + 1}/{ROUNDS}: hub {hub[-1]:.0f}/s, floor {bare[-1]:.0f}/s;"
            f" processor time an order {our_us:.0f} and {their_us:.0f} us"
        )
    yield Result("processing", statistics.median(hub), statistics.median(bare), "orders/s")


def _hub(stage: Stage, bodies: list[bytes]) -> tuple[Stopwatch, dict[str, int]]:
    watch = Stopwatch()
    with stage.database() as url:
        store = stage.store(url)
        found(store, NOWHERE)
        fill(store, bodies)
        context, *_ = process.make_context(store, None, "bench")
        with watch.measure():
            drain_inbox(context)
        context.bell.stop()
        context.identity.stop()
        store.close()
        return watch, _counted(url, len(bodies))


def _floor(stage: Stage, bodies: list[bytes]) -> tuple[Stopwatch, dict[str, int]]:
    watch = Stopwatch()
    with stage.database() as url:
        store = stage.store(url)
        found(store, NOWHERE)
        store.close()
        with floor.connect(url) as db:
            for at, (headers, raw) in enumerate(webhooks(bodies)):
                floor.keep(db, "orders/create", headers["X-Shopify-Webhook-Id"], f"key-{at}", raw)
            db.commit()
            with plain_python(), watch.measure():
                while floor.work(db):
                    pass
        return watch, _counted(url, len(bodies))


def fill(store: Store, bodies: list[bytes], first: int = 0, shop: str = SHOP) -> None:
    """Store webhooks as the gateway would. `first` is the number of the first delivery."""
    partner = store.directory().connections[shop]
    arrivals = [
        Arrival(
            id=new_id(),
            merchant=partner.merchant,
            connection=shop,
            shards=partner.shards,
            topic="orders/create",
            delivery_id=str(at),
            key=f"key-{at}",
            payload=body,
            correlation_id=new_id(),
        )
        for at, body in enumerate(bodies, start=first)
    ]
    for at in range(0, len(arrivals), _FILL):
        with store.database.begin() as db:
            inbox.keep(db, store.vault, arrivals[at : at + _FILL])


def drain_inbox(context: Context) -> None:
    """Work the shop's lanes until nothing is due."""
    while True:
        with context.database.begin() as db:
            due = lanes.due(db, ("in",))
        if not due:
            return
        for lane in due:
            drain(context, lane, process.ONCE)


_TABLES = (
    "message", "work", "message_key", "seen", "attempt", "sales_order", "timeline",
    "routing_decision", "fulfilment_order", "fulfilment_line", "reservation", "stock_dirty",
)  # fmt: skip


def _counted(url: str, expected: int) -> dict[str, int]:
    with floor.connect(url) as db:
        counted = {name: _count(db, name) for name in _TABLES}
    if counted["sales_order"] != expected:
        raise AssertionError(f"{counted['sales_order']} of {expected} orders were routed")
    return counted


def _count(db: "psycopg.Connection[floor.Row]", table: str) -> int:
    found = db.execute(f"SELECT count(*) FROM {table}").fetchone()  # type: ignore[arg-type]  # noqa: S608  # names of ours
    return int(found[0]) if found else 0
