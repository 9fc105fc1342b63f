"""What came in under a notice, or without one, and how it differs from what was announced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base import ids
from hub.store.tables import goods_receipt, inbound_notice, receipt_difference, receipt_line
from hub.store.views.page import Page, Position, by_id, id_of, page


@dataclass(frozen=True, slots=True)
class PieceItem:
    """Pieces of a receipt. `known`: they are in the stock as this SKU."""

    line_no: int | None
    sku: str
    known: bool
    quality: str
    quantity: Decimal
    batch: str | None
    expires_on: str | None


@dataclass(frozen=True, slots=True)
class ReceiptItem:
    """A receipt. `key` is our own number of it, as the ledger has it."""

    id: UUID
    key: str
    receipt_id: str
    status: str
    complete: bool
    received_at: datetime
    at: datetime
    message_id: UUID | None
    pieces: list[PieceItem]


@dataclass(frozen=True, slots=True)
class DifferenceItem:
    """A difference; pieces beyond `decided` wait for a person. `is_transfer`: of a notice that
    moves goods between warehouses.
    """

    id: UUID
    key: str
    merchant: str
    warehouse: str
    number: str
    code: str
    line_no: int | None
    sku: str
    quality: str
    quantity: Decimal
    decided: Decimal
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    at: datetime
    is_transfer: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which differences. `is_open`: only those that wait for a person."""

    warehouse: str | None = None
    merchant: str | None = None
    code: str | None = None
    number: str | None = None
    is_open: bool = True


def of_notice(db: Connection, notice_id: UUID) -> list[ReceiptItem]:
    """The receipts under a notice, in the order they came."""
    table = goods_receipt.c
    query = sa.select(goods_receipt).where(table.notice_id == notice_id).order_by(table.id)
    rows = db.execute(query).all()
    pieces: dict[UUID, list[PieceItem]] = {row.id: [] for row in rows}
    lines = receipt_line.c
    asked = sa.select(receipt_line).where(lines.receipt_id.in_(list(pieces)))
    for it in db.execute(asked.order_by(lines.receipt_id, lines.position)) if rows else ():
        pieces[it.receipt_id].append(
            PieceItem(
                *(it.line_no, it.sku, it.known, it.quality, it.quantity, it.batch, it.expires_on)
            )
        )
    return [
        ReceiptItem(
            *(row.id, ids.short("G", row.id), row.receipt_id, row.status, row.complete),
            *(row.received_at, row.at, row.message_id, pieces[row.id]),
        )
        for row in rows
    ]


def differences_of(db: Connection, subjects: Sequence[UUID]) -> list[DifferenceItem]:
    """The differences of a notice and its receipts, decided or not."""
    table = receipt_difference.c
    shown = sa.or_(table.quantity > 0, table.decided > 0)
    query = _QUERY.where(table.subject.in_(subjects), shown)
    return [_difference(row) for row in db.execute(query.order_by(table.id))]


def differences(
    db: Connection, wanted: Wanted, *, after: Position | None = None, limit: int = 50
) -> Page[DifferenceItem]:
    """Differences, oldest first."""
    table = receipt_difference.c
    pairs = (
        (table.warehouse, wanted.warehouse),
        (table.merchant_id, wanted.merchant),
        (table.code, wanted.code),
        (table.number, wanted.number),
    )
    query = _QUERY.where(*(column == value for column, value in pairs if value is not None))
    open_ = table.quantity > table.decided
    query = query.where(open_ if wanted.is_open else sa.or_(open_, table.decided > 0))
    if after is not None:
        query = query.where(table.id > id_of(after))
    rows = db.execute(query.order_by(table.id).limit(limit + 1)).all()
    return page(rows, limit, _difference, by_id)


def one(db: Connection, difference_id: UUID) -> DifferenceItem | None:
    """One difference."""
    row = db.execute(_QUERY.where(receipt_difference.c.id == difference_id)).one_or_none()
    return None if row is None else _difference(row)


def _difference(row: Any) -> DifferenceItem:
    return DifferenceItem(
        *(row.id, ids.short("D", row.id), row.merchant_id, row.warehouse, row.number, row.code),
        *(row.line_no, row.sku, row.quality, row.quantity, row.decided, row.decision),
        *(row.decided_by, row.decided_at, row.at, row.origin is not None),
    )


_QUERY = sa.select(receipt_difference, inbound_notice.c.from_warehouse.label("origin")).join(
    inbound_notice, inbound_notice.c.id == receipt_difference.c.subject, isouter=True
)
