"""Statements with their lines, and what a line opens down to."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.settlement import statements
from hub.store.settlement.statements import LineRow, StatementRow
from hub.store.tables import statement, transfer
from hub.store.views.page import Page, Position, by_id, id_of, page


@dataclass(frozen=True, slots=True)
class StatementItem:
    """A statement as it is listed."""

    id: UUID
    number: str
    merchant: str
    currency: str
    period_from: datetime
    period_to: datetime
    status: str
    carried_in: Decimal
    balance: Decimal
    payout: Decimal
    carried_out: Decimal
    terms: int
    revision: int
    calculated_by: str | None
    calculated_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    payout_reference: str | None
    paid_at: datetime | None
    note: str | None
    bank_says: str | None
    """Where its payout stands at the bank, by the file that it was last written to."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which statements; None: all."""

    merchant: str | None = None
    status: str | None = None
    currency: str | None = None


def listed(
    db: Connection, wanted: Wanted, *, after: Position | None = None, limit: int = 50
) -> Page[StatementItem]:
    """Statements, newest first."""
    query = _SELECTED
    for column, value in (
        (statement.c.merchant_id, wanted.merchant),
        (statement.c.status, wanted.status),
        (statement.c.currency, wanted.currency),
    ):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        query = query.where(statement.c.id < id_of(after))
    rows = db.execute(query.order_by(statement.c.id.desc()).limit(limit + 1)).all()
    return page(rows, limit, _item, by_id)


def by_number(db: Connection, number: str) -> StatementItem | None:
    """One statement by its number."""
    row = db.execute(_SELECTED.where(statement.c.number == number)).one_or_none()
    return _item(row) if row else None


def by_id_of(db: Connection, statement_id: UUID) -> StatementItem | None:
    """One statement by its id."""
    row = db.execute(_SELECTED.where(statement.c.id == statement_id)).one_or_none()
    return _item(row) if row else None


def row_of(db: Connection, item: StatementItem) -> StatementRow:
    """A statement as flows take it, not locked."""
    return statements.seen(db, item.id)


def lines(db: Connection, item: StatementItem) -> list[LineRow]:
    """A statement's lines."""
    return statements.lines_of(db, [item.id])[item.id]


def earlier(db: Connection, item: StatementItem, most: int = 12) -> list[StatementItem]:
    """The statements before this one, the newest first."""
    query = (
        _SELECTED.where(
            statement.c.merchant_id == item.merchant,
            statement.c.currency == item.currency,
            statement.c.period_to <= item.period_from,
        )
        .order_by(statement.c.period_to.desc(), statement.c.id.desc())
        .limit(most)
    )
    return [_item(row) for row in db.execute(query)]


_BANK_SAYS = (
    sa.select(transfer.c.state)
    .where(
        transfer.c.statement_id == statement.c.id,
        transfer.c.merchant_id == statement.c.merchant_id,
    )
    .order_by(transfer.c.written_at.desc(), transfer.c.file)
    .limit(1)
    .scalar_subquery()
    .label("bank_says")
)
_SELECTED = sa.select(statement, _BANK_SAYS)


def _item(row: Any) -> StatementItem:
    return StatementItem(
        id=row.id,
        number=row.number,
        merchant=row.merchant_id,
        currency=row.currency,
        period_from=row.period_from,
        period_to=row.period_to,
        status=row.status,
        carried_in=row.carried_in,
        balance=row.balance,
        payout=row.payout,
        carried_out=row.carried_out,
        terms=row.terms,
        revision=row.revision,
        calculated_by=row.calculated_by,
        calculated_at=row.calculated_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        payout_reference=row.payout_reference,
        paid_at=row.paid_at,
        note=row.note,
        bank_says=row.bank_says,
    )
