"""`publication`: very many changed levels are told to a channel: at most one message a SKU and
channel waits, however often a level changes before it is sent. `ORDERHUB_BENCH_CHANGED` says how
many; each changes twice, and is published after each change.

What is measured is the flow, from what changed to what stands in the outbox.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa

from benchmarks.result import Result
from benchmarks.stage import MERCHANT, NOWHERE, SHOP, WAREHOUSE, Stage, make, number, say, tree
from hub.flows.stock import stock_out
from hub.flows.unit import Unit
from hub.store.opened import Store

CHANGED = number("ORDERHUB_BENCH_CHANGED", 100_000)


def run(stage: Stage) -> Iterator[Result]:
    with stage.database() as url:
        store = stage.store(url)
        world = tree(NOWHERE, books=False)
        del world["connections"][0]["subscribes"]  # the shop hears of all it can take
        make(store, world)
        _sql(store, _ARTICLES, many=CHANGED)
        began = time.perf_counter()
        for on_hand in (10, 9):
            _sql(store, _CHANGE, pieces=on_hand)
            _publish(store)
            say(f"published {CHANGED} levels of {on_hand}")
        seconds = time.perf_counter() - began
        waiting, said = _sql(store, _WAITING)[0]
        store.close()
    if (waiting, said) != (CHANGED, CHANGED):
        raise AssertionError(f"{waiting} messages wait, about {said} articles, not {CHANGED}")
    more = {"changed": CHANGED, "times": 2, "messages_waiting": waiting}
    yield Result("publication", 2 * CHANGED / seconds, None, "levels/s", more)


def _publish(store: Store) -> None:
    taken = True
    while taken:
        with store.database.begin() as db:
            unit = Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
            taken = bool(stock_out.publish(unit))


def _sql(store: Store, *statements: str, **values: object) -> list[tuple[int, int]]:
    with store.database.begin() as db:
        db.execute(sa.text("SET LOCAL statement_timeout = '10min'"))
        for statement in statements:
            result = db.execute(sa.text(statement), {"m": MERCHANT, "wh": WAREHOUSE, **values})
        return [(row[0], row[1]) for row in result] if result.returns_rows else []


_ARTICLES = """INSERT INTO product (merchant_id, sku, title)
    SELECT :m, 'PUB' || n, 'Article' FROM generate_series(1, :many) AS n WHERE :wh <> ''"""
_CHANGE = """WITH level AS (
      INSERT INTO stock_level (warehouse, sku, quality, merchant_id, on_hand)
      SELECT :wh, sku, 'good', merchant_id, :pieces FROM product
      WHERE merchant_id = :m AND sku LIKE 'PUB%'
      ON CONFLICT (warehouse, sku, quality, merchant_id) DO UPDATE SET on_hand = excluded.on_hand
      RETURNING merchant_id, sku
    )
    INSERT INTO stock_dirty (merchant_id, sku) SELECT merchant_id, sku FROM level
    ON CONFLICT DO NOTHING"""
_WAITING = f"""SELECT count(*), count(DISTINCT key) FROM work
    WHERE direction = 'out' AND connection = '{SHOP}' AND key LIKE 'stock:%PUB%'
      AND :m <> '' AND :wh <> ''"""  # noqa: S608  # ours
