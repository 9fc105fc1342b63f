"""Inbound notices, as lists and one with all that came under it."""

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
from hub.model.stock import InboundLine, InboundNotice
from hub.store.base import ids
from hub.store.base.sealing import Vault
from hub.store.tables import inbound_line, inbound_notice
from hub.store.views import standing_in
from hub.store.views.page import Page, Position, by_id, id_of, page


@dataclass(frozen=True, slots=True)
class LineItem:
    """How far one line is. `open`: pieces that are still expected; `transit`: of a transfer, on
    their way.
    """

    line_no: int
    sku: str
    quality: str
    expected: Decimal
    received: Decimal
    damaged: Decimal
    open: Decimal
    transit: Decimal


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """An inbound notice as it stands. `sealed`: its document does not open, and what is in clear
    stands in for it.
    """

    id: UUID
    key: str
    number: str
    merchant: str
    warehouse: str
    kind: str
    status: str
    warehouse_reference: str | None
    created_at: datetime
    updated_at: datetime
    document: InboundNotice
    lines: list[LineItem]
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notices. `number` is their merchant's."""

    warehouse: str | None = None
    status: str | None = None
    kind: str | None = None
    merchant: str | None = None
    number: str | None = None


def listed(
    db: Connection,
    vault: Vault,
    wanted: Wanted,
    *,
    after: Position | None = None,
    limit: int = 50,
) -> Page[NoticeItem]:
    """Notices, oldest first: the order in which they were announced."""
    table = inbound_notice.c
    pairs = (
        (table.warehouse, wanted.warehouse),
        (table.status, wanted.status),
        (table.kind, wanted.kind),
        (table.merchant_id, wanted.merchant),
        (table.number, wanted.number),
    )
    query = sa.select(inbound_notice).where(
        *(column == value for column, value in pairs if value is not None)
    )
    if after is not None:
        query = query.where(table.id > id_of(after))
    rows = db.execute(query.order_by(table.id).limit(limit + 1)).all()
    lines = _lines(db, [row.id for row in rows[:limit]])
    return page(rows, limit, lambda row: _item(row, vault, lines[row.id]), by_id)


def one(db: Connection, vault: Vault, notice_id: UUID) -> NoticeItem | None:
    """One notice."""
    query = sa.select(inbound_notice).where(inbound_notice.c.id == notice_id)
    row = db.execute(query).one_or_none()
    return None if row is None else _item(row, vault, _lines(db, [row.id])[row.id])


def _lines(db: Connection, wanted: Sequence[UUID]) -> dict[UUID, list[LineItem]]:
    lines: dict[UUID, list[LineItem]] = {id_: [] for id_ in wanted}
    table = inbound_line.c
    query = sa.select(inbound_line).where(table.notice_id.in_(wanted))
    for row in db.execute(query.order_by(table.notice_id, table.line_no)) if wanted else ():
        lines[row.notice_id].append(
            LineItem(
                *(row.line_no, row.sku, row.quality, row.expected, row.received, row.damaged),
                *(row.open, row.transit),
            )
        )
    return lines


def _item(row: Any, vault: Vault, lines: list[LineItem]) -> NoticeItem:
    document, sealed = standing_in.opened(
        vault, row, InboundNotice, partial(_standing_in, row, lines)
    )
    return NoticeItem(
        id=row.id,
        key=ids.short("N", row.id),
        number=row.number,
        merchant=row.merchant_id,
        warehouse=row.warehouse,
        kind=row.kind,
        status=row.status,
        warehouse_reference=row.warehouse_reference,
        created_at=row.created_at,
        updated_at=row.updated_at,
        document=document,
        lines=lines,
        sealed=sealed,
    )


def _standing_in(row: Any, lines: Sequence[LineItem]) -> InboundNotice:
    """A notice without what is sealed."""
    return InboundNotice.model_construct(
        source=Source(connection=row.warehouse, id=row.number),
        inbound_notice_id=row.number,
        kind=row.kind,
        merchant=row.merchant_id,
        warehouse=row.warehouse,
        revision=row.revision,
        from_warehouse=row.from_warehouse,
        expected_at=row.expected_at,
        lines=tuple(
            InboundLine.model_construct(
                line_no=it.line_no,
                sku=it.sku,
                quantity=it.expected,
                quality="defective" if it.quality == "defective" else "good",
            )
            for it in lines
        ),
    )
