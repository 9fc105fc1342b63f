"""Returns as lists, and how far each is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.document import Source
from hub.model.returns import Return, ReturnLine
from hub.store.base import ids
from hub.store.base.sealing import Vault
from hub.store.tables import customer_return, return_line, sales_order
from hub.store.views import standing_in
from hub.store.views.page import Page, Position, by_id, id_of, page


@dataclass(frozen=True, slots=True)
class LineItem:
    """How far one line is. `kit`: the one that it is a part of."""

    line_no: int
    sku: str | None
    quantity: Decimal
    received: Decimal
    reason: str | None
    order_line: int | None
    paid: Decimal
    kit: str | None


@dataclass(frozen=True, slots=True)
class CaseItem:
    """A return as it stands. `sealed`: its document does not open, and what is in clear stands in
    for it.
    """

    id: UUID
    key: str
    number: str
    merchant: str
    order_id: UUID | None
    order_number: str | None
    channel: str | None
    kind: str
    cause: str
    status: str
    reason: str | None
    warehouse: str | None
    currency: str
    asked: str | None
    exchange_order_id: UUID | None
    exchange_credit: Decimal
    exchange_price: Decimal
    exchange_due: Decimal
    created_at: datetime
    updated_at: datetime
    document: Return
    lines: list[LineItem]
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which returns. `asked`: those that wait for a person's word."""

    status: str | None = None
    kind: str | None = None
    merchant: str | None = None
    channel: str | None = None
    warehouse: str | None = None
    number: str | None = None
    order_id: UUID | None = None
    order: str | None = None
    asked: bool = False


def listed(
    db: Connection,
    vault: Vault,
    wanted: Wanted,
    *,
    after: Position | None = None,
    limit: int = 50,
) -> Page[CaseItem]:
    """Returns, oldest first: who waits longest is seen first."""
    table = customer_return.c
    pairs = (
        (table.status, wanted.status),
        (table.kind, wanted.kind),
        (table.merchant_id, wanted.merchant),
        (table.channel, wanted.channel),
        (table.warehouse, wanted.warehouse),
        (table.number, wanted.number),
        (table.order_id, wanted.order_id),
        (table.channel_order_id, wanted.order),
    )
    query = _query().where(*(column == value for column, value in pairs if value is not None))
    if wanted.asked:
        query = query.where(table.asked.is_not(None))
    if after is not None:
        query = query.where(table.id > id_of(after))
    rows = db.execute(query.order_by(table.id).limit(limit + 1)).all()
    lines = _lines(db, [row.id for row in rows[:limit]])
    return page(rows, limit, lambda row: _item(row, vault, lines[row.id]), by_id)


def one(db: Connection, vault: Vault, return_id: UUID) -> CaseItem | None:
    """One return."""
    row = db.execute(_query().where(customer_return.c.id == return_id)).one_or_none()
    return None if row is None else _item(row, vault, _lines(db, [row.id])[row.id])


def counts(db: Connection) -> dict[str, tuple[int, datetime]]:
    """State -> how many returns stand there, and since when the oldest was not touched."""
    table = customer_return.c
    query = sa.select(table.status, sa.func.count(), sa.func.min(table.updated_at)).group_by(
        table.status
    )
    return {row[0]: (row[1], row[2]) for row in db.execute(query)}


def _query() -> sa.Select[Any]:
    return sa.select(customer_return, sales_order.c.order_number).join(
        sales_order, sales_order.c.id == customer_return.c.order_id, isouter=True
    )


def _lines(db: Connection, wanted: Sequence[UUID]) -> dict[UUID, list[LineItem]]:
    lines: dict[UUID, list[LineItem]] = {id_: [] for id_ in wanted}
    table = return_line.c
    query = sa.select(return_line).where(table.return_id.in_(wanted))
    for row in db.execute(query.order_by(table.return_id, table.line_no)) if wanted else ():
        kit = row.kit and row.kit["sku"]
        lines[row.return_id].append(
            LineItem(
                *(row.line_no, row.sku, row.quantity, row.received, row.reason, row.order_line),
                *(row.paid, kit if kit != row.sku else None),
            )
        )
    return lines


def _item(row: Any, vault: Vault, lines: list[LineItem]) -> CaseItem:
    document, sealed = standing_in.opened(vault, row, Return, partial(_standing_in, row, lines))
    return CaseItem(
        *(row.id, ids.short("R", row.id), row.number, row.merchant_id, row.order_id),
        *(row.order_number, row.channel, row.kind, row.cause, row.status, row.reason),
        *(row.warehouse, row.currency, row.asked, row.exchange_order_id, row.exchange_credit),
        *(row.exchange_price, row.exchange_due, row.created_at, row.updated_at),
        *(document, lines, sealed),
    )


def _standing_in(row: Any, lines: Sequence[LineItem]) -> Return:
    """A return without what is sealed."""
    return Return.model_construct(
        source=Source(connection=row.channel or "hub", id=row.number),
        return_id=row.number,
        channel_order_id=row.channel_order_id,
        kind=row.kind,
        cause=row.cause,
        status=row.status,
        requested_at=row.requested_at,
        lines=tuple(
            ReturnLine.model_construct(line_no=it.line_no, sku=it.sku, quantity=it.quantity)
            for it in lines
        ),
    )
