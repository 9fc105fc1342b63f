"""`reconciliation`: very many lines of a provider's reports matched with as many payments that are
expected, beside the least code that does it: COPY into a table, one join by the payment's name and
two updates. `ORDERHUB_BENCH_MONEY` says how many; of a hundred lines one is of an amount that
differs, one names nobody, and five belong to orders of several lines.

The lines come in reports of so many as a month is cut into. What is measured is the flow from such
documents on, and how much memory the process takes more at most.
"""

import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from benchmarks import floor
from benchmarks.result import Result
from benchmarks.stage import MERCHANT, NOWHERE, Stage, found, number, say
from hub import flows
from hub.flows.unit import Told, Unit
from hub.model.document import Source
from hub.model.settlement import Payout, Period, SettlementLine, SettlementReport
from hub.store.base.ids import new_id
from hub.store.opened import Store

LINES = number("ORDERHUB_BENCH_MONEY", 500_000)
PORTION = 25_000
_AT = datetime.now(UTC) - timedelta(days=2)
_MB = 1024
_CHANNEL = "psp"


def run(stage: Stage) -> Iterator[Result]:
    with stage.database() as url:
        store = stage.store(url)
        _open(store)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started, flow_s = time.perf_counter(), 0.0
        for begin in range(0, LINES, PORTION):
            report = _report(begin)
            at = time.perf_counter()
            _take(store, report)
            flow_s += time.perf_counter() - at
        whole_s = time.perf_counter() - started
        size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        left = _check(store)
        store.close()
    with stage.database() as url:
        store = stage.store(url)
        _open(store)
        store.close()
        bare = _bare(url)
    say(f"reconciliation of {LINES}: hub {flow_s:.1f} s, floor {bare:.1f} s, left {left}")
    grown = {"process_mb": round(size / _MB), "grown_mb": round((size - before) / _MB)}
    took = {"flow_s": round(flow_s, 1), "with_documents_s": round(whole_s, 1)}
    more = {"lines": LINES, **took, **grown}
    yield Result("reconciliation", LINES / flow_s, LINES / bare, "lines/s", more)


def _open(store: Store) -> None:
    """So many payments, each expected; of twenty orders one expects what five lines come to."""
    found(store, NOWHERE, books=False)
    with store.database.begin() as db:
        db.execute(sa.text("SET LOCAL statement_timeout = '10min'"))
        for statement in _EXPECTED:
            db.execute(sa.text(statement), {"m": MERCHANT, "many": LINES, "at": _AT})


def _line(n: int) -> SettlementLine:
    gross = Decimal(2000 + n % 977) / 100
    reference, order = f"P{n}", None
    if n % 100 == 1:
        gross += 1
    elif n % 100 == 2:
        reference = f"X{n}"
    elif n % 100 >= 95:
        reference, order, gross = f"L{n}", f"O{n // 100}", Decimal(4)
    fee = Decimal("0.35")
    return SettlementLine.model_construct(
        reference=reference,
        channel_order_id=order or (f"nobody-{n}" if n % 100 == 2 else None),
        kind="sale",
        gross=gross,
        fee=fee,
        net=gross - fee,
        currency="EUR",
        at=_AT,
    )


def _report(begin: int) -> SettlementReport:
    lines = tuple(_line(n) for n in range(begin, min(begin + PORTION, LINES)))
    name = f"r{begin}"
    return SettlementReport.model_construct(
        type="settlement_report",
        source=Source(connection=_CHANNEL, id=name),
        provider="psp",
        report_id=name,
        period=Period(start=_AT, to=_AT + timedelta(days=1)),
        currency="EUR",
        opening=Decimal(0),
        closing=Decimal(0),
        payout=Payout(reference=name, amount=sum((it.net for it in lines), Decimal(0))),
        lines=lines,
    )


def _take(store: Store, report: SettlementReport) -> None:
    with store.database.begin() as db:
        directory = store.directories.read(db)
        unit = Unit(db, store.vault, directory, datetime.now(UTC))
        partner = next(it for it in directory.connections.values() if it.merchant == MERCHANT)
        (verdict,) = flows.take(unit, [Told(report, partner, new_id(), new_id())])
    if verdict.status != "done":
        raise AssertionError(f"{report.report_id} is {verdict}")


def _check(store: Store) -> int:
    """Two of a hundred are left, and nothing else."""
    with store.database.begin() as db:
        left = db.scalar(sa.text("SELECT count(*) FROM provider_row WHERE state = 'open'"))
        rest = db.scalar(
            sa.text(
                "SELECT count(*) FROM expected_money WHERE state = 'open' AND kind = 'sale'"
                " AND reason <> 'amount_differs'"
            )
        )
    if (left, rest) != (LINES // 50, LINES // 100):
        raise AssertionError(f"{left} rows are left and {rest} payments")
    return int(left or 0)


def _bare(url: str) -> float:
    """All lines into a table; one statement finds what each pays, and marks both."""
    with floor.connect(url) as db:
        started = time.perf_counter()
        db.execute("CREATE TABLE line (reference text, gross numeric, fee numeric, state text)")
        with db.cursor() as cursor, cursor.copy("COPY line FROM STDIN") as copy:
            for n in range(LINES):
                it = _line(n)
                copy.write_row((it.reference, it.gross, it.fee, "open"))
        db.execute("ANALYZE line")
        db.execute(_BARE)
        db.commit()
        return time.perf_counter() - started


_EXPECTED = (
    """INSERT INTO expected_money (id, merchant_id, kind, key, reference, order_id,
      order_reference, order_number, amount, currency, due_at, reason)
    SELECT gen_random_uuid(), :m, 'sale', 'k' || n, 'P' || n, gen_random_uuid(), 'S' || n,
      '#' || n, (2000 + n % 977) / 100.0, 'EUR', :at, 'order_without_payout'
    FROM generate_series(0, :many - 1) AS n WHERE n % 100 < 95""",
    """INSERT INTO expected_money (id, merchant_id, kind, key, order_id, order_reference,
      order_number, amount, currency, due_at, reason)
    SELECT gen_random_uuid(), :m, 'sale', 'o' || n, gen_random_uuid(), 'O' || n, '#O' || n, 20,
      'EUR', :at, 'order_without_payout'
    FROM generate_series(0, :many / 100 - 1) AS n""",
)
_BARE = """WITH alike AS (
    SELECT e.id, line.reference FROM line JOIN expected_money AS e USING (reference)
    WHERE e.amount = line.gross AND e.state = 'open'
  ), theirs AS (
    UPDATE line SET state = 'matched' FROM alike WHERE alike.reference = line.reference
  )
  UPDATE expected_money AS e SET state = 'matched', match_id = alike.id FROM alike
  WHERE e.id = alike.id"""
