"""`hot_sku`: one article bought by 64 writers at once, beside the same orders for many articles.

Each writer is a lane of its own: eight shops with eight lanes. Fewer pieces are on the shelf than
are bought, so that some writer must go without; what is reserved is counted at the end.
"""

import json
import statistics
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import text

from adapters.kit.settings_check import Known
from benchmarks.processing import fill
from benchmarks.result import Result
from benchmarks.stage import NOWHERE, SHOP, Stage, Stopwatch, number, orders, say, skus, tree
from hub.flows.config import applying
from hub.flows.unit import Unit
from hub.store.config import secrets
from hub.store.messages import lanes
from hub.store.opened import Store
from workers import process
from workers.context import Context
from workers.drain import drain
from workers.wakeups.fair_share import Seats

ORDERS, ROUNDS = number("ORDERHUB_BENCH_HOT", 1280), number("ORDERHUB_BENCH_ROUNDS", 3)
SHOPS, LANES = number("ORDERHUB_BENCH_SHOPS", 8), 8
SHORT = 32
"""So many pieces fewer than are bought."""


def run(stage: Stage) -> Iterator[Result]:
    hot, many = [], []
    for n in range(ROUNDS):
        hot.append(ORDERS / _round(stage, skus()[:1], n).wall)
        many.append(ORDERS / _round(stage, skus(), n).wall)
        say(f"hot SKU {n + 1}/{ROUNDS}: one {hot[-1]:.0f}/s, many {many[-1]:.0f}/s")
    one, other = statistics.median(hot), statistics.median(many)
    yield Result("hot_sku", one, other, "orders/s", {"writers": SHOPS * LANES})


def _round(stage: Stage, bought: Sequence[str], seed: int) -> Stopwatch:
    watch = Stopwatch()
    bodies = [json.loads(body) for body in orders(ORDERS, seed=300 + seed)]
    lines = [line for body in bodies for line in body["line_items"]]
    for at, line in enumerate(lines):
        line["sku"] = bought[at % len(bought)]
    pieces = sum(line["quantity"] for line in lines)
    on_hand = pieces - SHORT if len(bought) == 1 else pieces
    with stage.database() as url:
        store = stage.store(url, pool=SHOPS * LANES)
        _found(store, dict.fromkeys(bought, on_hand))
        for at in range(SHOPS):
            mine = [json.dumps(body).encode() for body in bodies[at::SHOPS]]
            fill(store, mine, first=at * ORDERS, shop=f"{SHOP}{at}")
        context, *_ = process.make_context(store, None, "bench")
        context.seats = Seats(4 * SHOPS * LANES)
        with watch.measure():
            _drain(context)
        context.bell.stop()
        context.identity.stop()
        _check(store, on_hand, pieces)
        store.close()
    return watch


def _drain(context: Context) -> None:
    """Every lane by a writer of its own."""
    with ThreadPoolExecutor(SHOPS * LANES) as writers:
        while True:
            with context.database.begin() as db:
                due = lanes.due(db, ("in",))
            if not due:
                return
            list(writers.map(lambda lane: drain(context, lane, process.ONCE), due))


def _check(store: Store, on_hand: int, bought: int) -> None:
    """Nothing is reserved that is not there, and hardly a piece is left."""
    with store.database.begin() as db:
        reserved = db.scalars(text("SELECT reserved FROM stock_level WHERE reserved > 0")).all()
        open_ = db.scalar(text("SELECT sum(quantity) FROM reservation"))
    least = min(on_hand, bought) - (SHORT if on_hand < bought else 0)
    if max(reserved) > on_hand or sum(reserved) != open_ or open_ < least:
        raise AssertionError(f"{reserved} reserved of {on_hand}, {open_} in reservations")


def _found(store: Store, on_hand: dict[str, int]) -> None:
    world = tree(NOWHERE, books=False)
    shop = next(connection for connection in world["connections"] if connection["code"] == SHOP)
    others = [connection for connection in world["connections"] if connection["code"] != SHOP]
    shops = [
        {**shop, "code": f"{SHOP}{at}", "limits": {"concurrency": LANES}} for at in range(SHOPS)
    ]
    world["connections"] = [*shops, *others]
    world["stock"] = [level | {"on_hand": on_hand.get(level["sku"], 0)} for level in world["stock"]]
    with store.database.begin() as db:
        unit = Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
        known = Known(partial(secrets.reveal, store.vault))
        applying.apply(unit, json.dumps(world).encode(), known, "bench")
