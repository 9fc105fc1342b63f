"""Payouts in files for the bank, and where it says that they stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.pipelining import settle, write
from hub.store.base.rows import Rows


@dataclass(slots=True)
class TransferRow:
    """A statement's payout in one file. `state` None: the bank said nothing yet. `payee_terms` and
    `payer_terms`: the versions of the contracts, the merchant's and the operator's, that named the
    accounts.
    """

    file: str
    statement_id: UUID
    merchant: str
    amount: Decimal
    written_at: datetime
    state: str | None = None
    code: str | None = None
    reason: str | None = None
    told_at: datetime | None = None
    payee_terms: int | None = None
    payer_terms: int | None = None


def alone(db: Connection) -> None:
    """Let nobody else write a file until the end of the transaction."""
    settle(db)
    db.execute(_ALONE)


def waiting(db: Connection, currency: str) -> str | None:
    """The newest file of a currency of which nothing is paid and the bank said nothing; None where
    there is none.
    """
    file: str | None = db.scalar(_WAITING, {"currency": currency})
    return file


def in_file(db: Connection, file: str) -> list[TransferRow]:
    """The payouts of a file, in its order."""
    return [TransferRow(*row) for row in db.execute(_IN_FILE, {"file": file})]


def written(db: Connection, rows: Iterable[TransferRow]) -> None:
    """Note that payouts stand in a file; one that is noted stays as it is."""
    write(db, _WRITTEN, _NEW.of(_new(row) for row in rows))


def statements_in(db: Connection, files: Sequence[str]) -> list[UUID]:
    """The statements whose payouts stand in these files."""
    return list(db.scalars(_STATEMENTS_IN, {"files": list(files)}))


def of(db: Connection, statements: Sequence[UUID]) -> list[TransferRow]:
    """The payouts of statements, the oldest first."""
    return [TransferRow(*row) for row in db.execute(_OF, {"ids": list(statements)})]


def refusals(db: Connection, statements: Sequence[UUID]) -> dict[UUID, int]:
    """Statement -> how often the bank refused its payout, of those where it did."""
    rows = db.execute(_REFUSALS, {"ids": list(statements)})
    return {row.statement_id: row.many for row in rows}


def told(db: Connection, rows: Sequence[TransferRow]) -> None:
    """Store what the bank said."""
    said = ((it.file, it.statement_id, it.state, it.code, it.reason, it.told_at) for it in rows)
    write(db, _TOLD, _SAID.of(said))


def _new(row: TransferRow) -> tuple[Any, ...]:
    return (
        row.file,
        row.statement_id,
        row.merchant,
        row.amount,
        row.written_at,
        row.payee_terms,
        row.payer_terms,
    )


_NEW = Rows(
    file="text",
    statement="uuid",
    merchant="text",
    amount="numeric",
    written_at="timestamptz",
    payee_terms="int4",
    payer_terms="int4",
)
_SAID = Rows(
    file="text",
    statement="uuid",
    state="text",
    code="text",
    reason="text",
    told_at="timestamptz",
)
_COLUMNS = """file, statement_id, merchant_id, amount, written_at, state, code, reason, told_at,
      payee_terms, payer_terms"""
_ALONE = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('payouts', 0))")
_WAITING = sa.text(
    """SELECT file FROM transfer JOIN statement ON statement.id = transfer.statement_id
      AND statement.merchant_id = transfer.merchant_id
    WHERE file IN (
      SELECT file FROM transfer JOIN statement ON statement.id = transfer.statement_id
        AND statement.merchant_id = transfer.merchant_id
      WHERE statement.status = 'approved' AND statement.currency = :currency
        AND transfer.state IS NULL
    )
    GROUP BY file HAVING bool_and(transfer.state IS NULL AND statement.status = 'approved')
    ORDER BY max(written_at) DESC, file LIMIT 1"""
)
_IN_FILE = sa.text(
    f"SELECT {_COLUMNS} FROM transfer WHERE file = :file ORDER BY statement_id"  # noqa: S608  # ours
)
_WRITTEN = sa.text(
    f"""INSERT INTO transfer (file, statement_id, merchant_id, amount, written_at, payee_terms,
      payer_terms)
    SELECT file, statement, merchant, amount, written_at, payee_terms, payer_terms
    FROM {_NEW.named("t")}
    ON CONFLICT DO NOTHING"""  # noqa: S608  # ours
)
_STATEMENTS_IN = sa.text(
    "SELECT DISTINCT statement_id FROM transfer WHERE file = ANY (:files) ORDER BY 1"
)
_OF = sa.text(
    f"""SELECT {_COLUMNS} FROM transfer WHERE statement_id = ANY (:ids)
    ORDER BY statement_id, written_at, file"""  # noqa: S608  # ours
)
_REFUSALS = sa.text(
    """SELECT statement_id, count(*) AS many FROM transfer
    WHERE statement_id = ANY (:ids) AND state = 'refused' GROUP BY 1"""
)
_TOLD = sa.text(
    f"""UPDATE transfer SET state = t.state, code = t.code, reason = t.reason, told_at = t.told_at
    FROM {_SAID.named("t")} WHERE transfer.file = t.file
      AND transfer.statement_id = t.statement"""  # noqa: S608  # ours
)
