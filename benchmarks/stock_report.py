"""`stock_report`: a count of very many levels reconciled with what the hub holds, beside
the least code that does it: COPY into a table and one difference by sets, which writes the same
rows. `ORDERHUB_BENCH_LEVELS` says how many; one line in a hundred differs.

The count comes in documents of so many lines as a partner's file is cut into. What is measured is
the flow from such documents on, and how much memory the process takes more at most.
"""

import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from benchmarks import floor
from benchmarks.result import Result
from benchmarks.stage import MERCHANT, NOWHERE, WAREHOUSE, Stage, found, number, say
from hub import flows
from hub.flows.unit import Told, Unit
from hub.model.document import Source
from hub.model.stock import ReportedLine, StockReport
from hub.store.base.ids import new_id
from hub.store.opened import Store

LEVELS = number("ORDERHUB_BENCH_LEVELS", 1_000_000)
PORTION = 20_000
DIFFERS = 100
_AT = datetime.now(UTC) - timedelta(hours=1)
_MB = 1024


def run(stage: Stage) -> Iterator[Result]:
    with stage.database() as url:
        store = stage.store(url)
        found(store, NOWHERE, books=False)
        _shelves(store)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started, flow_s = time.perf_counter(), 0.0
        for begin in range(0, LEVELS, PORTION):
            report = _report(begin)
            at = time.perf_counter()
            _take(store, report)
            flow_s += time.perf_counter() - at
        whole_s = time.perf_counter() - started
        size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        _check(store)
        store.close()
    with stage.database() as url:
        store = stage.store(url)
        found(store, NOWHERE, books=False)
        _shelves(store)
        store.close()
        bare = _bare(url)
    say(f"stock report of {LEVELS}: hub {flow_s:.1f} s, floor {bare:.1f} s")
    grown = {"process_mb": round(size / _MB), "grown_mb": round((size - before) / _MB)}
    more = {"levels": LEVELS, "with_documents_s": round(whole_s, 1), **grown}
    yield Result("stock_report", LEVELS / flow_s, LEVELS / bare, "levels/s", more)


def _shelves(store: Store) -> None:
    """So many levels of ten pieces each, with their ledger."""
    with store.database.begin() as db:
        db.execute(sa.text("SET LOCAL statement_timeout = '10min'"))
        for statement in _SHELVES:
            db.execute(sa.text(statement), {"m": MERCHANT, "wh": WAREHOUSE, "many": LEVELS})


def _report(begin: int) -> StockReport:
    lines = tuple(
        ReportedLine.model_construct(
            sku=f"S{n}", item_code=None, quality="good", on_hand=Decimal(_counted(n))
        )
        for n in range(begin, min(begin + PORTION, LEVELS))
    )
    source = Source(connection=WAREHOUSE, id=f"r{begin}")
    return StockReport.model_construct(
        type="stock_report",
        source=source,
        warehouse=WAREHOUSE,
        at=_AT,
        report_id=f"r{begin}",
        lines=lines,
    )


def _counted(n: int) -> int:
    return 9 if n % DIFFERS == 0 else 10


def _take(store: Store, report: StockReport) -> None:
    with store.database.begin() as db:
        directory = store.directories.read(db)
        unit = Unit(db, store.vault, directory, datetime.now(UTC))
        told = Told(report, directory.connections[WAREHOUSE], new_id(), new_id())
        (verdict,) = flows.take(unit, [told])
    if verdict.status != "done":
        raise AssertionError(f"{report.report_id} is {verdict}")


def _check(store: Store) -> None:
    with store.database.begin() as db:
        low = db.scalar(sa.text("SELECT count(*) FROM stock_level WHERE on_hand = 9"))
        booked = db.scalar(sa.text("SELECT count(*) FROM ledger WHERE reason = 'stocktake'"))
    wanted = -(-LEVELS // DIFFERS)
    if (low, booked) != (wanted, wanted):
        raise AssertionError(f"{low} levels and {booked} ledger lines, not {wanted}")


def _bare(url: str) -> float:
    """All lines into a table; one statement marks what was counted and books what differs."""
    with floor.connect(url) as db:
        started = time.perf_counter()
        db.execute("CREATE TEMPORARY TABLE line (sku text, on_hand numeric) ON COMMIT DROP")
        with db.cursor() as cursor, cursor.copy("COPY line FROM STDIN") as copy:
            for n in range(LEVELS):
                copy.write_row((f"S{n}", _counted(n)))
        db.execute("ANALYZE line")
        db.execute(_BARE, (_AT, WAREHOUSE, floor.new_id()))
        db.commit()
        return time.perf_counter() - started


_SHELVES = (
    """INSERT INTO product (merchant_id, sku, title)
    SELECT :m, 'S' || n, 'Article' FROM generate_series(0, :many - 1) AS n""",
    """INSERT INTO stock_level (warehouse, sku, quality, merchant_id, on_hand)
    SELECT :wh, 'S' || n, 'good', :m, 10 FROM generate_series(0, :many - 1) AS n""",
)
_BARE = """WITH counted AS (
    UPDATE stock_level AS level SET on_hand = line.on_hand, counted_at = %s
    FROM line JOIN stock_level AS was ON was.sku = line.sku AND was.warehouse = %s
    WHERE level.warehouse = was.warehouse AND level.sku = was.sku AND level.quality = was.quality
      AND level.merchant_id = was.merchant_id
    RETURNING level.*, line.on_hand - was.on_hand AS delta
  ), dirty AS (
    INSERT INTO stock_dirty SELECT merchant_id, sku FROM counted WHERE delta <> 0
  )
  INSERT INTO ledger (id, warehouse, sku, quality, merchant_id, delta, balance_after, reason,
    document, actor)
  SELECT CAST(overlay(CAST(gen_random_uuid() AS text) PLACING left(CAST(%s AS text), 15) FROM 1
    FOR 15) AS uuid), warehouse, sku, quality, merchant_id, delta, on_hand, 'stocktake', 'r', 'wh'
  FROM counted WHERE delta <> 0"""
