"""What came back, receipt by receipt; parcels that belong to nobody; and the money of returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base import ids
from hub.store.returns import receipts
from hub.store.tables import return_money, return_piece, return_receipt
from hub.store.views.page import Page, Position, by_id, id_of, page


@dataclass(frozen=True, slots=True)
class PieceItem:
    """Pieces of a receipt."""

    line_no: int | None
    sku: str
    known: bool
    quality: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class ParcelItem:
    """A receipt. `status`: booked, unmatched, inspected (what an inspection moved), sent_back."""

    id: UUID
    key: str
    merchant: str
    warehouse: str
    number: str
    receipt_id: str
    status: str
    actor: str
    tracking: str | None
    order_number: str | None
    received_at: datetime
    at: datetime
    pieces: list[PieceItem]


@dataclass(frozen=True, slots=True)
class MoneyItem:
    """One part of a refund."""

    refund_id: str
    part: str
    order_line: int | None
    quantity: Decimal
    amount: Decimal
    tax: Decimal
    actor: str
    at: datetime


def of_return(db: Connection, return_id: UUID) -> list[ParcelItem]:
    """What came under a return, oldest first."""
    table = return_receipt.c
    query = sa.select(return_receipt).where(table.return_id == return_id).order_by(table.id)
    return _items(db, db.execute(query).all())


def unmatched(
    db: Connection,
    *,
    merchant: str | None = None,
    after: Position | None = None,
    limit: int = 50,
) -> Page[ParcelItem]:
    """Parcels that belong to no return so far, oldest first."""
    table = return_receipt.c
    query = sa.select(return_receipt).where(table.status == receipts.UNMATCHED)
    if merchant is not None:
        query = query.where(table.merchant_id == merchant)
    if after is not None:
        query = query.where(table.id > id_of(after))
    rows = db.execute(query.order_by(table.id).limit(limit + 1)).all()
    shown = {item.id: item for item in _items(db, rows[:limit])}
    return page(rows, limit, lambda row: shown[row.id], by_id)


def money_of(db: Connection, return_id: UUID) -> list[MoneyItem]:
    """The parts of all refunds of a return, oldest first."""
    table = return_money.c
    query = sa.select(return_money).where(table.return_id == return_id).order_by(table.id)
    return [
        MoneyItem(
            *(row.refund_id, row.part, row.order_line, row.quantity, row.amount, row.tax),
            *(row.actor, row.at),
        )
        for row in db.execute(query)
    ]


def _items(db: Connection, rows: Sequence[Any]) -> list[ParcelItem]:
    pieces: dict[UUID, list[PieceItem]] = {row.id: [] for row in rows}
    table = return_piece.c
    query = sa.select(return_piece).where(table.receipt_id.in_(list(pieces)))
    for it in db.execute(query.order_by(table.receipt_id, table.position)) if rows else ():
        pieces[it.receipt_id].append(
            PieceItem(it.line_no, it.sku, it.known, it.quality, it.quantity)
        )
    return [
        ParcelItem(
            *(row.id, ids.short("C", row.id), row.merchant_id, row.warehouse, row.number),
            *(row.receipt_id, row.status, row.actor, row.tracking, row.order_number),
            *(row.received_at, row.at, pieces[row.id]),
        )
        for row in rows
    ]
