"""Fill a database with the history of finished orders, set by set on the server, so that growth can
be measured without living through it.

    python -m benchmarks.history --orders 10000000 --merchants 50 --database-url URL

Every order leaves the rows that a real one leaves: what arrived and was told, attempts, timeline,
stock. Documents are stand-ins of a few bytes, payloads lie in no table, as after archiving. Only
the last `--kept-months` have messages, attempts, timeline and ledger: what is older is past
retention.
The database must be migrated and without orders; its indexes are dropped and built again.
"""

import argparse
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from benchmarks.history_rows import DERIVE, ROWS, UNTIMED
from hub.store.history import partitions

PORTION = 100_000
Session = psycopg.Connection[tuple[object, ...]]


def connect(url: str) -> Session:
    """A session that sees every merchant and waits for no disk."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    options = "-c orderhub.scope=* -c synchronous_commit=off -c maintenance_work_mem=1GB"
    return psycopg.connect(plain, options=f"{options} -c jit=off", autocommit=True)


def fill(
    url: str, orders: int, merchants: int = 50, months: int = 36, kept: int = 6, sessions: int = 2
) -> None:
    """Write the history of `orders` finished orders of the last `months`."""
    now = datetime.now(UTC)
    begun, kept_from = now - timedelta(days=30 * months), now - timedelta(days=30 * kept)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as owner:
        partitions.ensure(owner, kept_from, kept + partitions.AHEAD)
    with connect(url) as db:
        _places(db, merchants)
        indexes = _drop_indexes(db)
    portions = list(range(0, orders, PORTION))
    clock, done = time.monotonic(), [0]

    def work() -> None:
        with connect(url) as db:
            while portions:
                first = portions.pop(0)
                count = min(PORTION, orders - first)
                _portion(db, first, count, orders, merchants, begun, now, kept_from)
                done[0] += count
                rate = done[0] / (time.monotonic() - clock)
                say(f"{done[0]:,} of {orders:,} orders, {rate:,.0f}/s")

    threads = [threading.Thread(target=work) for _ in range(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if done[0] != orders:
        raise SystemExit("a portion failed")
    _build(url, indexes, sessions)
    say(f"filled in {time.monotonic() - clock:,.0f} s")


def _places(db: Session, merchants: int) -> None:
    db.execute(
        """INSERT INTO merchant SELECT 'm' || n, 'Merchant ' || n, 'EUR', 'active'
        FROM generate_series(0, %s - 1) AS n ON CONFLICT DO NOTHING""",
        [merchants],
    )


def _portion(
    db: Session,
    first: int,
    count: int,
    orders: int,
    merchants: int,
    begun: datetime,
    now: datetime,
    kept_from: datetime,
) -> None:
    with db.transaction():
        db.execute("DROP TABLE IF EXISTS o")
        step = (now - begun) / max(orders, 1)
        db.execute(DERIVE, {"first": first, "last": first + count - 1, "begun": begun,
                            "step": step, "merchants": merchants})  # fmt: skip
        for table, statement in ROWS.items():
            timed = table not in UNTIMED
            if timed and begun + step * (first + count) < kept_from:
                continue
            db.execute(statement, {"from": kept_from if timed else begun})


def _drop_indexes(db: Session) -> list[tuple[str, str]]:
    """Drop what can be built again in the end. Returns (table, statement) to build it."""
    tables = list(ROWS)
    constraints = db.execute(
        """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE contype IN ('p', 'u') AND conparentid = 0 AND conrelid::regclass::text = ANY (%s)""",
        [tables],
    ).fetchall()
    plain = db.execute(
        """SELECT tablename, indexname, indexdef FROM pg_indexes
        WHERE schemaname = 'public' AND tablename = ANY (%s)
          AND indexname NOT IN (SELECT conname FROM pg_constraint)""",
        [tables],
    ).fetchall()
    again = []
    for table, name, definition in constraints:
        db.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        again.append((table, f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"))
    for table, name, definition in plain:
        db.execute(f"DROP INDEX {name}")
        again.append((str(table), str(definition).replace(" ON ONLY ", " ON ")))
    return again


def _build(url: str, indexes: Sequence[tuple[str, str]], sessions: int) -> None:
    """Build them, a table at a time in each session: two on one table would wait for each other."""
    by_table: dict[str, list[str]] = {}
    for table, statement in indexes:
        by_table.setdefault(table, []).append(statement)
    left = sorted(by_table, key=lambda table: table in ("seen", "message", "attempt"))

    def work() -> None:
        with connect(url) as db:
            while left:
                table = left.pop()
                clock = time.monotonic()
                for statement in by_table[table]:
                    db.execute(statement)  # type: ignore[call-overload]
                db.execute(f"VACUUM (FREEZE, ANALYZE) {table}")  # type: ignore[call-overload]
                say(f"indexes of {table}: {time.monotonic() - clock:,.0f} s")

    threads = [threading.Thread(target=work) for _ in range(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(given: Sequence[str]) -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--orders", type=int, default=1_000_000)
    options.add_argument("--merchants", type=int, default=50)
    options.add_argument("--months", type=int, default=36, help="how long ago the first was")
    options.add_argument("--kept-months", type=int, default=6, help="of messages and their like")
    options.add_argument("--sessions", type=int, default=2)
    options.add_argument("--database-url", required=True)
    chosen = options.parse_args(given)
    fill(
        chosen.database_url,
        chosen.orders,
        chosen.merchants,
        chosen.months,
        chosen.kept_months,
        chosen.sessions,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
