"""Orders as people look at them: lists, one by one, and counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.order import SalesOrder
from hub.store.base import ids
from hub.store.base.sealing import Vault
from hub.store.tables import (
    fulfilment_order,
    sales_order,
)
from hub.store.views import attention, standing_in
from hub.store.views.attention import NOTHING, Attention
from hub.store.views.page import Page, Position, by_id, id_of, page


@dataclass(frozen=True, slots=True)
class OrderItem:
    """An order in a list. `document` is None where the list was read without a vault."""

    id: UUID
    merchant: str
    channel: str
    channel_order_id: str
    order_number: str
    status: str
    hold_reasons: list[dict[str, str]]
    overrides: list[str]
    currency: str
    grand_total: Decimal
    version: int
    correlation_id: UUID
    placed_at: datetime
    received_at: datetime
    updated_at: datetime
    document: SalesOrder | None
    sealed: bool = False
    """Whether the document does not open, and what is in clear stands in for it."""
    attention: Attention = NOTHING
    """What stands open about it, whatever its status."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders. `q`: an id, order number or channel order id; `hold`: a reason's code."""

    channel: str | None = None
    channel_order_id: str | None = None
    order_number: str | None = None
    status: str | None = None
    merchant: str | None = None
    hold: str | None = None
    q: str | None = None


def orders(
    db: Connection,
    wanted: Wanted,
    *,
    vault: Vault | None = None,
    after: Position | None = None,
    limit: int = 50,
) -> Page[OrderItem]:
    """Orders, newest first; with their documents where a vault is given."""
    query = sa.select(*_columns(vault)).where(*_conditions(wanted))
    if after is not None:
        query = query.where(sales_order.c.id < id_of(after))
    rows = db.execute(query.order_by(sales_order.c.id.desc()).limit(limit + 1)).all()
    stands = attention.of(db, [row.id for row in rows[:limit]])
    return page(rows, limit, lambda row: _item(row, vault, stands), by_id)


def item(db: Connection, vault: Vault, order_id: UUID) -> OrderItem | None:
    """One order as a list would show it, with its document."""
    row = db.execute(sa.select(*_columns(vault)).where(sales_order.c.id == order_id)).one_or_none()
    return None if row is None else _item(row, vault, attention.of(db, [order_id]))


def channel_of(db: Connection, order_id: UUID) -> str | None:
    """The connection an order came from; None where there is no such order."""
    return db.scalar(sa.select(sales_order.c.channel).where(sales_order.c.id == order_id))


def numbers(db: Connection, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The numbers of orders, as people know them."""
    query = sa.select(sales_order.c.id, sales_order.c.order_number)
    return {row[0]: row[1] for row in db.execute(query.where(sales_order.c.id.in_(ids)))}


def find(db: Connection, text: str) -> list[UUID]:
    """Orders by id, number, channel order id or fulfilment order; newest first, at most 20."""
    of_fulfilment = ids.long("F", text)
    if of_fulfilment is not None:
        query = sa.select(fulfilment_order.c.order_id)
        order_ids = list(db.scalars(query.where(fulfilment_order.c.id == of_fulfilment)))
        if order_ids:
            return order_ids
    query = sa.select(sales_order.c.id).where(*_conditions(Wanted(q=text)))
    return list(db.scalars(query.order_by(sales_order.c.id.desc()).limit(20)))


def selected(db: Connection, wanted: Wanted, limit: int) -> list[UUID]:
    """The ids of the orders wanted, oldest first."""
    query = sa.select(sales_order.c.id).where(*_conditions(wanted))
    return list(db.scalars(query.order_by(sales_order.c.id).limit(limit)))


def count(db: Connection, wanted: Wanted, limit: int) -> int:
    """How many orders are wanted, counted no further than `limit`."""
    query = sa.select(sales_order.c.id).where(*_conditions(wanted)).limit(limit).subquery()
    return int(db.scalar(sa.select(sa.func.count()).select_from(query)) or 0)


def standing(db: Connection, ids: Sequence[UUID]) -> list[Any]:
    """How these orders stand, oldest first, without their documents: rows of id, order_number,
    merchant_id, channel, status, hold_reasons and `parts`, the status of each fulfilment order.
    """
    return list(db.execute(_STANDING, {"ids": list(ids)}))


def by_status(db: Connection) -> dict[str, int]:
    """How many orders stand where."""
    query = sa.select(sales_order.c.status, sa.func.count()).group_by(sales_order.c.status)
    return {row[0]: row[1] for row in db.execute(query)}


def by_hold(db: Connection) -> dict[str, int]:
    """How many orders are held for which reason. One held for several counts under each, and once
    there, however many lines it is about.
    """
    return {row[0]: row[1] for row in db.execute(_BY_HOLD)}


def by_wait(db: Connection) -> dict[str, int]:
    """How many open orders wait, with all of it or a part, for which reason."""
    return {row[0]: row[1] for row in db.execute(_BY_WAIT)}


def _columns(vault: Vault | None) -> list[Any]:
    hidden = {"revision", "occurred_at", "digest", "fingerprint", "told_address", "lifted_at"}
    hidden.add("customer")
    if vault is None:
        hidden.add("document")
    return [column for column in sales_order.c if column.name not in hidden]


def _conditions(wanted: Wanted) -> list[Any]:
    table = sales_order.c
    pairs = (
        (table.channel, wanted.channel),
        (table.channel_order_id, wanted.channel_order_id),
        (table.order_number, wanted.order_number),
        (table.status, wanted.status),
        (table.merchant_id, wanted.merchant),
    )
    conditions: list[Any] = [column == value for column, value in pairs if value is not None]
    if wanted.hold is not None:
        conditions.append(table.hold_reasons.contains([{"code": wanted.hold}]))
    if wanted.q:
        conditions.append(_search(wanted.q.strip()))
    return conditions


def _search(text: str) -> Any:
    try:
        return sales_order.c.id == UUID(text)
    except ValueError:
        table = sales_order.c
        return sa.or_(table.order_number == text, table.channel_order_id == text)


def _item(row: Any, vault: Vault | None, stands: Mapping[UUID, Attention]) -> OrderItem:
    document, sealed = None, False
    if vault is not None:
        instead = partial(standing_in.order, row)
        document, sealed = standing_in.opened(vault, row, SalesOrder, instead)
    return OrderItem(
        id=row.id,
        merchant=row.merchant_id,
        channel=row.channel,
        channel_order_id=row.channel_order_id,
        order_number=row.order_number,
        status=row.status,
        hold_reasons=row.hold_reasons,
        overrides=row.overrides,
        currency=row.currency,
        grand_total=row.grand_total,
        version=row.version,
        correlation_id=row.correlation_id,
        placed_at=row.placed_at,
        received_at=row.received_at,
        updated_at=row.updated_at,
        document=document,
        sealed=sealed,
        attention=stands.get(row.id, NOTHING),
    )


_STANDING = sa.text(
    """SELECT o.id, o.order_number, o.merchant_id, o.channel, o.status, o.hold_reasons,
      ARRAY(SELECT f.status FROM fulfilment_order AS f WHERE f.order_id = o.id) AS parts
    FROM sales_order AS o WHERE o.id = ANY (:ids) ORDER BY o.id"""
)
_BY_WAIT = sa.text(
    """SELECT reason ->> 'code' AS code, count(*) AS total
    FROM (SELECT DISTINCT order_id FROM order_wait) AS w
    JOIN sales_order AS o ON o.id = w.order_id AND o.status = 'open',
      jsonb_array_elements(o.hold_reasons) AS reason
    GROUP BY 1 ORDER BY 2 DESC, 1"""
)
_BY_HOLD = sa.text(
    """SELECT reason ->> 'code' AS code, count(DISTINCT sales_order.id) AS total
    FROM sales_order, jsonb_array_elements(hold_reasons) AS reason
    WHERE status = 'held' GROUP BY 1 ORDER BY 2 DESC, 1"""
)
