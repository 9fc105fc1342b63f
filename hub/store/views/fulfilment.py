"""Fulfilment orders as warehouses and people look at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.fulfilment import FulfilmentOrder
from hub.store.base import ids, sealed_words
from hub.store.base.sealing import Vault
from hub.store.tables import fulfilment_line, fulfilment_order
from hub.store.views import standing_in
from hub.store.views.page import Page, Position, by_id, id_of, page


@dataclass(frozen=True, slots=True)
class LineItem:
    """How far one line got."""

    line_no: int
    sku: str
    item_code: str | None
    quality: str
    ordered: Decimal
    shipped: Decimal
    short: Decimal


@dataclass(frozen=True, slots=True)
class Companion:
    """Another fulfilment order of the same notice. `offset`: what is added to its lines there."""

    id: UUID
    order_id: UUID
    order_number: str
    offset: int

    @property
    def number(self) -> str:
        return ids.short("F", self.id)


@dataclass(frozen=True, slots=True)
class FulfilmentItem:
    """A fulfilment order. `number` is the text that partners see; where it is `merged_into`
    another, they see that one's. `merged_with`: all others of its notice.
    """

    id: UUID
    number: str
    merchant: str
    order_id: UUID
    warehouse: str
    status: str
    revision: int
    notice_id: UUID | None
    warehouse_reference: str | None
    reason: str | None
    created_at: datetime
    updated_at: datetime
    document: FulfilmentOrder
    lines: list[LineItem]
    merged_into: str | None = None
    merged_with: tuple[Companion, ...] = ()
    sealed: bool = False
    """Whether the document does not open, and what is in clear stands in for it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which fulfilment orders."""

    warehouse: str | None = None
    status: str | None = None
    order_id: UUID | None = None
    told: bool = False
    """Those only by whose numbers warehouses know them."""


def fulfilment_orders(
    db: Connection,
    vault: Vault,
    wanted: Wanted,
    *,
    after: Position | None = None,
    limit: int = 50,
) -> Page[FulfilmentItem]:
    """Fulfilment orders, oldest first: the order in which a warehouse works them."""
    pairs = (
        (fulfilment_order.c.warehouse, wanted.warehouse),
        (fulfilment_order.c.status, wanted.status),
        (fulfilment_order.c.order_id, wanted.order_id),
    )
    query = _QUERY.where(*(column == value for column, value in pairs if value is not None))
    if wanted.told:
        query = query.where(fulfilment_order.c.merged_into.is_(None))
    if after is not None:
        query = query.where(fulfilment_order.c.id > id_of(after))
    rows = db.execute(query.order_by(fulfilment_order.c.id).limit(limit + 1)).all()
    lines, notices = _lines(db, [row.id for row in rows[:limit]]), _notices(db, rows[:limit])
    return page(rows, limit, lambda row: _item(row, vault, lines[row.id], notices), by_id)


def of_order(db: Connection, vault: Vault, order_id: UUID) -> list[FulfilmentItem]:
    """All fulfilment orders of an order, oldest first."""
    query = _QUERY.where(fulfilment_order.c.order_id == order_id)
    return _items(db, vault, query.order_by(fulfilment_order.c.id))


def one(db: Connection, vault: Vault, fulfilment_id: UUID) -> FulfilmentItem | None:
    """One fulfilment order."""
    found = _items(db, vault, _QUERY.where(fulfilment_order.c.id == fulfilment_id))
    return found[0] if found else None


def _items(db: Connection, vault: Vault, query: sa.Select[Any]) -> list[FulfilmentItem]:
    rows = db.execute(query).all()
    lines, notices = _lines(db, [row.id for row in rows]), _notices(db, rows)
    return [_item(row, vault, lines[row.id], notices) for row in rows]


def _notices(db: Connection, rows: Sequence[Any]) -> dict[UUID, list[Companion]]:
    """Of each notice the fulfilment orders that it tells of."""
    leaders = [row.merged_into or row.id for row in rows]
    found: dict[UUID, list[Companion]] = {}
    for it in db.execute(_TOGETHER, {"ids": leaders}) if leaders else ():
        one = Companion(it.id, it.order_id, it.order_number, it.line_offset)
        found.setdefault(it.notice_id, []).append(one)
    return found


def _lines(db: Connection, wanted: list[UUID]) -> dict[UUID, list[LineItem]]:
    lines: dict[UUID, list[LineItem]] = {id_: [] for id_ in wanted}
    if not wanted:
        return lines
    table = fulfilment_line.c
    query = sa.select(fulfilment_line).where(table.fulfilment_order_id.in_(wanted))
    for row in db.execute(query.order_by(table.fulfilment_order_id, table.line_no)):
        lines[row.fulfilment_order_id].append(
            LineItem(
                line_no=row.line_no,
                sku=row.sku,
                item_code=row.item_code,
                quality=row.quality,
                ordered=row.ordered,
                shipped=row.shipped,
                short=row.short,
            )
        )
    return lines


def _item(
    row: Any, vault: Vault, lines: list[LineItem], notices: Mapping[UUID, Sequence[Companion]]
) -> FulfilmentItem:
    instead = partial(standing_in.fulfilment_order, row, lines)
    document, sealed = standing_in.opened(vault, row, FulfilmentOrder, instead)
    return FulfilmentItem(
        id=row.id,
        number=ids.short("F", row.id),
        merchant=row.merchant_id,
        order_id=row.order_id,
        warehouse=row.warehouse,
        status=row.status,
        revision=row.revision,
        notice_id=row.notice_id,
        warehouse_reference=row.warehouse_reference,
        reason=sealed_words.shown(
            vault, row.reason, "fulfilment_order.reason", row.merchant_id, row.id
        ),
        created_at=row.created_at,
        updated_at=row.updated_at,
        document=document,
        lines=lines,
        merged_into=row.merged_into and ids.short("F", row.merged_into),
        merged_with=tuple(it for it in notices.get(row.notice_id, ()) if it.id != row.id),
        sealed=sealed,
    )


_QUERY = sa.select(fulfilment_order)
_TOGETHER = sa.text(
    """SELECT f.id, f.notice_id, f.order_id, o.order_number, f.line_offset
    FROM fulfilment_order AS f JOIN sales_order AS o ON o.id = f.order_id
    WHERE f.notice_id IS NOT NULL AND (f.id = ANY (:ids) OR f.merged_into = ANY (:ids))
    ORDER BY f.line_offset, f.id"""
)
