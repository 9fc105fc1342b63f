"""Chargebacks as a list."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base import ids
from hub.store.tables import chargeback
from hub.store.views.page import Page, Position, by_id, id_of, page


@dataclass(frozen=True, slots=True)
class CaseItem:
    """A chargeback as it stands."""

    id: UUID
    key: str
    merchant: str
    order_id: UUID | None
    reference: str
    order_reference: str | None
    amount: Decimal
    currency: str
    status: str
    note: str | None
    opened_at: datetime
    updated_at: datetime


def listed(
    db: Connection,
    *,
    status: str | None = None,
    merchant: str | None = None,
    after: Position | None = None,
    limit: int = 50,
) -> Page[CaseItem]:
    """Chargebacks, oldest first."""
    table = chargeback.c
    pairs = ((table.status, status), (table.merchant_id, merchant))
    query = sa.select(chargeback).where(
        *(column == value for column, value in pairs if value is not None)
    )
    if after is not None:
        query = query.where(table.id > id_of(after))
    rows = db.execute(query.order_by(table.id).limit(limit + 1)).all()
    return page(rows, limit, _item, by_id)


def one(db: Connection, case: UUID) -> CaseItem | None:
    """One chargeback."""
    row = db.execute(sa.select(chargeback).where(chargeback.c.id == case)).one_or_none()
    return None if row is None else _item(row)


def _item(row: Any) -> CaseItem:
    return CaseItem(
        *(row.id, ids.short("C", row.id), row.merchant_id, row.order_id, row.reference),
        *(row.order_reference, row.amount, row.currency, row.status, row.note),
        *(row.opened_at, row.updated_at),
    )
