"""`statement`: a month of order lines of many merchants worked out into statements, beside one
aggregate written by hand that knows each line's percent already and comes to the same charges.

`ORDERHUB_BENCH_ITEMS` says how many lines, `ORDERHUB_BENCH_MERCHANTS` of how many merchants.
"""

import json
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import sqlalchemy as sa

from benchmarks.result import Result
from benchmarks.stage import Stage, number, say
from hub.flows.settlement import statements
from hub.flows.unit import Unit
from hub.store.opened import Store

ITEMS = number("ORDERHUB_BENCH_ITEMS", 1_000_000)
MERCHANTS = number("ORDERHUB_BENCH_MERCHANTS", 1_000)
AT_ONCE = 200
"""Merchants calculated in a transaction."""
SHAPES, CATEGORIES = 20, 8
OCTOBER = (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
_MB = 1024


def run(stage: Stage) -> Iterator[Result]:
    with stage.database() as url:
        store = stage.store(url)
        _month(store)
        hand_s, by_hand = _by_hand(store)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        charged = _calculated(store)
        hub_s = time.perf_counter() - started
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        store.close()
    if charged != by_hand:
        raise AssertionError(f"charged {charged}, by hand {by_hand}")
    say(f"statements of {ITEMS} lines: hub {hub_s:.1f} s, by hand {hand_s:.1f} s")
    more = {"merchants": MERCHANTS, "grown_mb": round(grown / _MB)}
    yield Result("statement", ITEMS / hub_s, ITEMS / hand_s, "lines/s", more)


def _month(store: Store) -> None:
    """Merchants with contracts of a rule a category, and what they sold."""
    rules = [
        {"name": f"c{it}", "categories": [f"c{it}"], "percent": str(5 + it)}
        for it in range(CATEGORIES)
    ]
    values = {
        "merchants": MERCHANTS,
        "items": ITEMS,
        "shapes": SHAPES,
        "categories": CATEGORIES,
        "terms": json.dumps({"currency": "EUR", "rules": rules}),
        "since": OCTOBER[0],
        "until": OCTOBER[1],
    }
    with store.database.begin() as db:
        db.execute(sa.text("SET LOCAL statement_timeout = '10min'"))
        for statement in _MONTH:
            db.execute(sa.text(statement), values)
    with store.database.begin() as db:
        db.execute(sa.text("SET LOCAL statement_timeout = '10min'"))
        db.execute(sa.text("RESET ROLE"))
        db.execute(sa.text("ANALYZE charge_item, charge_shape"))


def _calculated(store: Store) -> Decimal:
    with store.database.begin() as db:
        ids = list(db.scalars(sa.text("SELECT id FROM statement ORDER BY merchant_id")))
    for at in range(0, len(ids), AT_ONCE):
        with store.database.begin() as db:
            unit = Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
            statements.calculate(unit, ids[at : at + AT_ONCE], "bench")
    with store.database.begin() as db:
        return -Decimal(db.scalar(sa.text(_CHARGED)) or 0)


def _by_hand(store: Store) -> tuple[float, Decimal]:
    started = time.perf_counter()
    with store.database.begin() as db:
        db.execute(sa.text("SET LOCAL statement_timeout = '10min'"))
        rows = db.execute(sa.text(_HAND), {"since": OCTOBER[0], "until": OCTOBER[1]}).all()
    return time.perf_counter() - started, sum((row.amount for row in rows), Decimal(0))


_SHAPE = "CAST(md5(concat('m', m, ':', shape)) AS uuid)"
_MONTH = (
    """INSERT INTO merchant (code, name, currency) SELECT 'm' || m, 'm' || m, 'EUR'
    FROM generate_series(1, :merchants) AS m""",
    """INSERT INTO contract (merchant_id, version, valid_from, terms, author)
    SELECT 'm' || m, 1, '2026-01-01Z', CAST(:terms AS jsonb), 'bench'
    FROM generate_series(1, :merchants) AS m""",
    f"""INSERT INTO charge_shape (id, merchant_id, traits)
    SELECT {_SHAPE}, 'm' || m, jsonb_build_object('kind', 'sale', 'channel', 'shop', 'sku',
      concat('S', shape), 'categories', jsonb_build_array(concat('c', shape % :categories)))
    FROM generate_series(1, :merchants) AS m, generate_series(1, :shapes) AS shape""",  # noqa: S608  # ours
    f"""INSERT INTO charge_item (entry_id, merchant_id, position, kind, shape_id, currency, at,
      settle_at, line, quantity, amount, tax)
    SELECT gen_random_uuid(), 'm' || m, 1, 'sale', {_SHAPE}, 'EUR', at, at, 'order:1', 1,
      5 + n % 9973 * 0.01, 0
    FROM generate_series(1, :items) AS n
    CROSS JOIN LATERAL (SELECT n % :merchants + 1 AS m, n % :shapes + 1 AS shape,
      CAST(:since AS timestamptz) + n % 2600000 * interval '1 s' AS at) AS it""",  # noqa: S608  # ours
    """INSERT INTO statement (id, merchant_id, number, currency, period_from, period_to, status)
    SELECT gen_random_uuid(), 'm' || m, 'S' || m, 'EUR', :since, :until, 'open'
    FROM generate_series(1, :merchants) AS m""",
)
_HAND = """SELECT i.merchant_id, shape.traits -> 'categories' ->> 0 AS category, count(*),
    sum(i.amount) AS base,
    sum(round(i.amount * (5 + CAST(right(shape.traits -> 'categories' ->> 0, 1) AS int))
      * 0.01, 2)) AS amount
  FROM charge_item AS i JOIN charge_shape AS shape ON shape.id = i.shape_id
    AND shape.merchant_id = i.merchant_id
  WHERE i.settle_at >= :since AND i.settle_at < :until AND i.currency = 'EUR'
  GROUP BY 1, 2"""
_CHARGED = "SELECT sum(amount) FROM statement_line WHERE kind = 'charge'"
