"""Statements and their lines."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import long, new_ids, short
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows

_PREFIX = "S"


@dataclass(slots=True)
class StatementRow:
    """A statement as it stands. `terms`: the newest version of the contract that it knows;
    `revision`: how often it was calculated.
    """

    id: UUID
    merchant: str
    number: str
    currency: str
    period_from: datetime
    period_to: datetime
    status: str
    revision: int = 0
    terms: int = 0
    carried_in: Decimal = Decimal(0)
    balance: Decimal = Decimal(0)
    payout: Decimal = Decimal(0)
    carried_out: Decimal = Decimal(0)
    digest: bytes | None = None
    calculated_by: str | None = None
    calculated_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    payout_reference: str | None = None
    paid_at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of a statement; `amount` is in favour of the merchant."""

    kind: str
    code: str
    rule: str | None
    version: int | None
    items: int
    quantity: Decimal
    base: Decimal
    amount: Decimal
    percent: str | None = None


def open_(db: Connection, rows: Iterable[tuple[str, str, datetime, datetime]]) -> list[UUID]:
    """Open statements (merchant, currency, from, to); one that is there stays. Returns the new."""
    wanted = list(rows)
    if not wanted:
        return []
    values = (
        (id_, merchant, short(_PREFIX, id_), *row)
        for id_, (merchant, *row) in zip(new_ids(len(wanted)), wanted, strict=True)
    )
    return list(db.scalars(_OPEN, _NEW.of(values)))


def id_of(number: str) -> UUID | None:
    """The id behind a statement's number; None where it is none of ours."""
    return long(_PREFIX, number)


def load(db: Connection, ids: Sequence[UUID]) -> list[StatementRow]:
    """Statements, locked."""
    return [StatementRow(*row) for row in db.execute(_LOAD, {"ids": list(ids)})]


def seen(db: Connection, id_: UUID) -> StatementRow:
    """One statement, to look at only."""
    return StatementRow(*db.execute(_SEEN, {"id": id_}).one())


def newest(db: Connection, merchants: Sequence[str]) -> dict[tuple[str, str], datetime]:
    """(merchant, currency) -> where its last statement ends."""
    rows = db.execute(_NEWEST, {"merchants": list(merchants)})
    return {(row.merchant_id, row.currency): row.until for row in rows}


def without(db: Connection, merchants: Sequence[str]) -> list[str]:
    """Those of these merchants that never had a statement."""
    return list(db.scalars(_WITHOUT, {"merchants": list(merchants)}))


def currencies(db: Connection, merchants: Sequence[str]) -> dict[tuple[str, str], datetime]:
    """(merchant, currency) -> when the first of what it sold in it belongs to."""
    rows = db.execute(_CURRENCIES, {"merchants": list(merchants)})
    return {(row.merchant_id, row.currency): row.first for row in rows}


def before(
    db: Connection, merchants: Sequence[str], currency: str, period_from: datetime
) -> list[Any]:
    """What earlier statements of these merchants left: merchant, period_to, carried out, whether
    they are final, and their lines of what was held and reserved.
    """
    values = {"merchants": list(merchants), "currency": currency, "from": period_from}
    return list(db.execute(_BEFORE, values))


def write_figures(
    db: Connection, rows: Sequence[StatementRow], lines: Mapping[UUID, Sequence[LineRow]]
) -> None:
    """Store what statements came to, in place of what they came to before."""
    if not rows:
        return
    write(db, _FORGET_LINES, {"ids": [row.id for row in rows]})
    values = (
        (
            *(row.id, row.merchant, position, line.kind, line.code, line.rule, line.version),
            *(line.items, line.quantity, line.base, line.amount),
            json.dumps({"percent": line.percent} if line.percent else {}),
        )
        for row in rows
        for position, line in enumerate(lines[row.id], start=1)
    )
    write(db, _WRITE_LINES, _LINES.of(values))
    update(db, rows)


def update(db: Connection, rows: Sequence[StatementRow]) -> None:
    """Store how statements stand."""
    write(db, _UPDATE, _STANDING.of(_standing(row) for row in rows))


def lines_of(db: Connection, ids: Sequence[UUID]) -> dict[UUID, list[LineRow]]:
    """Statement -> its lines."""
    found: dict[UUID, list[LineRow]] = {id_: [] for id_ in ids}
    for row in db.execute(_LINES_OF, {"ids": list(ids)}):
        found[row.statement_id].append(LineRow(*tuple(row)[1:]))
    return found


def by_number(db: Connection, numbers: Sequence[str]) -> dict[str, UUID]:
    """Number -> id, of statements there are."""
    rows = db.execute(_BY_NUMBER, {"numbers": list(numbers)})
    return {row.number: row.id for row in rows}


def to_pay(db: Connection, currency: str) -> list[StatementRow]:
    """Approved statements of a currency whose payout is not made and in no file, locked. One that
    the bank refused, or a person took back, is in none.
    """
    return [StatementRow(*row) for row in db.execute(_TO_PAY, {"currency": currency})]


def _standing(row: StatementRow) -> tuple[Any, ...]:
    return (
        *(row.id, row.status, row.revision, row.terms, row.carried_in, row.balance, row.payout),
        *(row.carried_out, row.digest, row.calculated_by, row.calculated_at, row.approved_by),
        *(row.approved_at, row.payout_reference, row.paid_at, row.note),
    )


_NEW = Rows(
    id="uuid",
    merchant="text",
    number="text",
    currency="text",
    since="timestamptz",
    until="timestamptz",
)
_STANDING = Rows(
    id="uuid",
    status="text",
    revision="int",
    terms="int",
    carried_in="numeric",
    balance="numeric",
    payout="numeric",
    carried_out="numeric",
    digest="bytea",
    calculated_by="text",
    calculated_at="timestamptz",
    approved_by="text",
    approved_at="timestamptz",
    payout_reference="text",
    paid_at="timestamptz",
    note="text",
)
_LINES = Rows(
    id="uuid",
    merchant="text",
    position="int",
    kind="text",
    code="text",
    rule="text",
    version="int",
    items="bigint",
    quantity="numeric",
    base="numeric",
    amount="numeric",
    detail="text",
)
_OPEN = sa.text(
    f"""INSERT INTO statement (id, merchant_id, number, currency, period_from, period_to, status)
    SELECT id, merchant, number, currency, since, until, 'open' FROM {_NEW.named("s")}
    ON CONFLICT DO NOTHING RETURNING id"""  # noqa: S608  # ours
)
_COLUMNS = """id, merchant_id, number, currency, period_from, period_to, status, revision, terms,
  carried_in, balance, payout, carried_out, digest, calculated_by, calculated_at, approved_by,
  approved_at, payout_reference, paid_at, note"""
_LOAD = sa.text(
    f"SELECT {_COLUMNS} FROM statement WHERE id = ANY (:ids) ORDER BY id FOR UPDATE"  # noqa: S608
)
_SEEN = sa.text(f"SELECT {_COLUMNS} FROM statement WHERE id = :id")  # noqa: S608  # ours
_NEWEST = sa.text(
    """SELECT merchant_id, currency, max(period_to) AS until FROM statement
    WHERE merchant_id = ANY (:merchants) GROUP BY 1, 2"""
)
_WITHOUT = sa.text(
    """SELECT merchant FROM unnest(CAST(:merchants AS text[])) AS merchant
    WHERE NOT EXISTS (SELECT FROM statement WHERE merchant_id = merchant)"""
)
_CURRENCIES = sa.text(
    """SELECT merchant_id, currency, min(settle_at) AS first FROM entry
    WHERE merchant_id = ANY (:merchants) GROUP BY 1, 2"""
)
_BEFORE = sa.text(
    """SELECT s.merchant_id, s.period_to, s.carried_out, s.approved_at IS NOT NULL AS final,
      coalesce(jsonb_agg(jsonb_build_object('kind', line.kind, 'code', line.code,
        'amount', CAST(line.amount AS text)) ORDER BY line.position)
        FILTER (WHERE line.kind IS NOT NULL), '[]') AS lines
    FROM statement AS s LEFT JOIN statement_line AS line ON line.statement_id = s.id
      AND line.merchant_id = s.merchant_id
      AND line.kind IN ('hold_out', 'reserve_out', 'reserve_in')
    WHERE s.merchant_id = ANY (:merchants) AND s.currency = :currency AND s.period_to <= :from
    GROUP BY s.id, s.merchant_id ORDER BY s.merchant_id, s.period_to, s.id"""
)
_FORGET_LINES = sa.text("DELETE FROM statement_line WHERE statement_id = ANY (:ids)")
_WRITE_LINES = sa.text(
    f"""INSERT INTO statement_line (statement_id, merchant_id, position, kind, code, rule, version,
      items, quantity, base, amount, detail)
    SELECT id, merchant, position, kind, code, rule, version, items, quantity, base, amount,
      CAST(detail AS jsonb) FROM {_LINES.named("l")}"""  # noqa: S608  # ours
)
_UPDATE = sa.text(
    f"""UPDATE statement SET status = s.status, revision = s.revision, terms = s.terms,
      carried_in = s.carried_in, balance = s.balance, payout = s.payout,
      carried_out = s.carried_out, digest = s.digest, calculated_by = s.calculated_by,
      calculated_at = s.calculated_at, approved_by = s.approved_by, approved_at = s.approved_at,
      payout_reference = s.payout_reference, paid_at = s.paid_at, note = s.note
    FROM {_STANDING.named("s")} WHERE statement.id = s.id"""  # noqa: S608  # ours
)
_LINES_OF = sa.text(
    """SELECT statement_id, kind, code, rule, version, items, quantity, base, amount,
      detail ->> 'percent' AS percent
    FROM statement_line WHERE statement_id = ANY (:ids) ORDER BY statement_id, position"""
)
_BY_NUMBER = sa.text("SELECT id, number FROM statement WHERE number = ANY (:numbers)")
_TO_PAY = sa.text(
    f"""SELECT {_COLUMNS} FROM statement
    WHERE status = 'approved' AND currency = :currency AND payout > 0 AND NOT EXISTS (
      SELECT FROM transfer WHERE transfer.statement_id = statement.id
        AND transfer.merchant_id = statement.merchant_id
        AND transfer.state IS DISTINCT FROM 'refused'
    )
    ORDER BY id FOR UPDATE"""  # noqa: S608  # ours
)
