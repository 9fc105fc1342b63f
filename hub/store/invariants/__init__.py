"""What must hold in the tables, whatever happened: each guarantee as a query that finds where it is
broken.

One snapshot is looked at, so that a busy hub raises no false alarm; nothing is locked or changed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.audit_marks import Keys
from hub.store.invariants.books import BOOKS
from hub.store.invariants.customers import CUSTOMERS
from hub.store.invariants.inbound import INBOUND
from hub.store.invariants.invariant import Invariant
from hub.store.invariants.messages import MESSAGES
from hub.store.invariants.money import MONEY
from hub.store.invariants.outbox import OUTBOX
from hub.store.invariants.queues import QUEUES
from hub.store.invariants.reconciliation import INVOICES, RECONCILIATION
from hub.store.invariants.returns import RETURNS
from hub.store.invariants.scope import SCOPE
from hub.store.invariants.settlement import SETTLEMENT
from hub.store.invariants.stock import STOCK
from hub.store.opened import Store
from hub.store.people import audit_checks
from hub.store.people.audit_trail import Head

INVARIANTS: Sequence[Invariant] = (
    *(*MESSAGES, *OUTBOX, *QUEUES, *STOCK, *INBOUND, *RETURNS, *MONEY, *RECONCILIATION, *INVOICES),
    *(*BOOKS, *SETTLEMENT, *CUSTOMERS, *SCOPE),
)
MOST = 1000
"""So many of what breaks an invariant are looked for, not more."""


@dataclass(frozen=True, slots=True)
class Found:
    """An invariant, and what breaks it: ids and keys, at most `MOST`."""

    number: str
    title: str
    do: str
    broken: Sequence[str]


def check(store: Store, *, at_rest: bool = False) -> list[Found]:
    """Look at the tables. `at_rest`: also at what holds only when nothing is left to do."""
    with snapshot(store) as db:
        return [
            *look(db, at_rest=at_rest),
            chains(db, store.vault.index_key, keys=store.audit_keys),
        ]


def look(
    db: Connection, *, at_rest: bool = False, step: Callable[[], None] = lambda: None
) -> Iterator[Found]:
    """Each invariant with what breaks it. `step` is called after each."""
    for one in wanted(at_rest=at_rest):
        query = sa.text(f"SELECT * FROM ({one.query}) AS broken LIMIT {MOST}")  # noqa: S608  # ours
        yield Found(one.number, one.title, one.do, list(db.scalars(query)))
        step()


def chains(
    db: Connection, key: bytes, logged: Sequence[Head] = (), keys: Keys | None = None
) -> Found:
    """The audit chains, followed to their heads. `key` signs those that are kept, `keys` mark the
    entries.
    """
    breaks = audit_checks.verify_all(db, key, logged, keys)
    return Found(
        "G29",
        "no entry of the audit was altered, moved, removed or cut off",
        "see who may write to the database; the heads in the security log say what stood there",
        [f"{broken.chain} {broken.number} {broken.what}" for broken in breaks[:MOST]],
    )


@contextmanager
def snapshot(store: Store) -> Iterator[Connection]:
    """One look at everything as it is now; it may take its time."""
    with store.database.begin() as db:
        for setting in _PATIENT:
            db.execute(setting)
        yield db


def wanted(*, at_rest: bool) -> list[Invariant]:
    """The invariants that are looked at."""
    return [one for one in INVARIANTS if at_rest or not one.at_rest]


def counts(found: Sequence[Found]) -> dict[str, int]:
    """Guarantee -> how often it is broken, 0 where it holds."""
    sums = dict.fromkeys(sorted({one.number for one in found}), 0)
    for one in found:
        sums[one.number] += len(one.broken)
    return sums


_PATIENT = (
    sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"),
    sa.text("SET LOCAL statement_timeout = '15min'"),
    sa.text("SET LOCAL idle_in_transaction_session_timeout = '15min'"),
    sa.text("SET LOCAL work_mem = '64MB'"),
)
