"""`reconciliation`: very many lines of a provider's reports read from its files and matched with as
many payments that are expected, beside the least code that does it: `csv` and COPY into a table,
one join by the payment's name and two updates. `ORDERHUB_BENCH_MONEY` says how many; of a hundred
lines one is of an amount that differs, one names nobody, five belong to orders of several lines.

The lines come in reports of so many as a month is cut into, in the form of Stripe's itemised ones.
What is measured is reading and the flow, by the clock and by processor time, of our process and of
the database's session where it is on this machine, and how much memory the process takes more.
"""

import csv
import io
import resource
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import psutil
import sqlalchemy as sa

from benchmarks import floor
from benchmarks.result import Result
from benchmarks.stage import MERCHANT, NOWHERE, Stage, found, number, say
from hub import flows
from hub.flows.unit import Told, Unit
from hub.model.document import Document
from hub.store.base.ids import new_id
from hub.store.opened import Store
from mappings.kit import Context
from mappings.kit.context import code_lists
from mappings.stripe.itemized import itemized

LINES = number("ORDERHUB_BENCH_MONEY", 500_000)
PORTION = 25_000
_AT = datetime.now(UTC) - timedelta(days=2)
_MB = 1024
_COLUMNS = (
    *("balance_transaction_id", "created_utc", "currency", "gross", "fee", "net"),
    *("reporting_category", "source_id", "charge_id", "automatic_payout_id"),
    "payment_metadata[order_id]",
)
_FEE = Decimal("0.35")


class Spent(NamedTuple):
    """By the clock, and processor time of our process and of the database's session."""

    wall: float
    ours: float
    database: float


def run(stage: Stage) -> Iterator[Result]:
    with stage.database() as url:
        store = stage.store(url, pool=1)
        _open(store)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        took = dict.fromkeys(("read", "flow"), Spent(0.0, 0.0, 0.0))
        for begin in range(0, LINES, PORTION):
            raw, started = _file(begin), _spent(store)
            documents = itemized(raw, ("order_id",), _CONTEXT)
            read = _spent(store)
            _take(store, documents)
            for name, since, until in (("read", started, read), ("flow", read, _spent(store))):
                spent = zip(took[name], since, until, strict=True)
                took[name] = Spent(*(it + then - at for it, at, then in spent))
        size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        left = _check(store)
        store.close()
    with stage.database() as url:
        store = stage.store(url)
        _open(store)
        store.close()
        bare = _bare(url)
    whole_s = sum(it.wall for it in took.values())
    say(f"reconciliation of {LINES}: hub {whole_s:.1f} s, floor {bare:.1f} s, left {left}")
    grown = {"process_mb": round(size / _MB), "grown_mb": round((size - before) / _MB)}
    processor = {
        "read_us": round(took["read"].ours / LINES * 1e6, 1),
        "flow_us": round(took["flow"].ours / LINES * 1e6, 1),
        "database_us": round(took["flow"].database / LINES * 1e6, 1),
    }
    more = {"lines": LINES, "whole_s": round(whole_s, 1), **processor, **grown}
    yield Result("reconciliation", LINES / whole_s, LINES / bare, "lines/s", more)


def _spent(store: Store) -> Spent:
    """So far. Of a database elsewhere nobody knows: 0."""
    database = 0.0
    with store.database.begin() as db:
        session: Any = db.connection.driver_connection
        with suppress(psutil.Error):
            process = psutil.Process(session.info.backend_pid)
            if "postgres" in process.name():
                database = sum(process.cpu_times()[:2])
    return Spent(time.perf_counter(), time.process_time(), database)


def _open(store: Store) -> None:
    """So many payments, each expected; of twenty orders one expects what five lines come to."""
    found(store, NOWHERE, books=False)
    with store.database.begin() as db:
        db.execute(sa.text("SET LOCAL statement_timeout = '10min'"))
        for statement in _EXPECTED:
            db.execute(sa.text(statement), {"m": MERCHANT, "many": LINES, "at": _AT})


_CONTEXT = Context("psp", MERCHANT, code_lists("stripe"))


def _line(n: int) -> tuple[str, str, Decimal]:
    """The payment's name, the order's and the amount of a line."""
    gross = Decimal(2000 + n % 977) / 100
    if n % 100 == 1:
        return f"P{n}", "", gross + 1
    if n % 100 == 2:
        return f"X{n}", f"nobody-{n}", gross
    if n % 100 >= 95:
        return f"L{n}", f"O{n // 100}", Decimal("4.00")
    return f"P{n}", "", gross


def _file(begin: int) -> bytes:
    """A report: its lines, and the payout that they come to."""
    text, payout, paid = io.StringIO(), f"po_{begin}", Decimal(0)
    at = f"{_AT:%Y-%m-%d %H:%M:%S}"
    rows = csv.writer(text)
    rows.writerow(_COLUMNS)
    for n in range(begin, min(begin + PORTION, LINES)):
        reference, order, gross = _line(n)
        net = gross - _FEE
        paid += net
        what = (gross, _FEE, net, "charge", reference, reference, payout, order)
        rows.writerow((f"txn_{n}", at, "eur", *what))
    rows.writerow((f"txn_{payout}", at, "eur", -paid, 0, -paid, "payout", payout, "", payout, ""))
    return text.getvalue().encode()


def _take(store: Store, documents: list[Document]) -> None:
    with store.database.begin() as db:
        directory = store.directories.read(db)
        unit = Unit(db, store.vault, directory, datetime.now(UTC))
        partner = next(it for it in directory.connections.values() if it.merchant == MERCHANT)
        tellings = [Told(it, partner, new_id(), new_id()) for it in documents]
        verdicts = flows.take(unit, tellings)
    if [it.status for it in verdicts] != ["done"]:
        raise AssertionError(f"the reports are {verdicts}")


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
    files = [_file(begin) for begin in range(0, LINES, PORTION)]
    with floor.connect(url) as db:
        started = time.perf_counter()
        db.execute("CREATE TABLE line (reference text, gross numeric, fee numeric, state text)")
        with db.cursor() as cursor, cursor.copy("COPY line FROM STDIN") as copy:
            for file in files:
                for row in csv.DictReader(io.StringIO(file.decode())):
                    copy.write_row((row["source_id"], row["gross"], row["fee"], "open"))
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
    """INSERT INTO expected_open (id, merchant_id, kind, amount, currency)
    SELECT id, merchant_id, kind, amount, currency FROM expected_money""",
)
_BARE = """WITH alike AS (
    SELECT e.id, line.reference FROM line JOIN expected_money AS e USING (reference)
    WHERE e.amount = line.gross AND e.state = 'open'
  ), theirs AS (
    UPDATE line SET state = 'matched' FROM alike WHERE alike.reference = line.reference
  )
  UPDATE expected_money AS e SET state = 'matched', match_id = alike.id FROM alike
  WHERE e.id = alike.id"""
