"""Messages as people look at them: lists, and one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.states.message import UNFINISHED
from hub.store.base import sealed_words
from hub.store.base.sealing import Vault
from hub.store.tables import message, sales_order, work
from hub.store.views.page import Page, Position, by_id, id_of, page

STANDING = frozenset({*UNFINISHED, "parked"})
"""Statuses of messages that have a row of work."""


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message without its payload. `error` is {code, message, path} or None, `warnings` are the
    same: what was odd and stopped nothing. `successor` is what took its place, as `message:ID` or
    `fulfilment_order:NUMBER`.
    """

    id: UUID
    merchant: str
    direction: str
    connection: str
    topic: str
    key: str
    status: str
    attempts: int
    next_attempt_at: datetime | None
    waits_for: str | None
    error: dict[str, str] | None
    warnings: list[dict[str, str]]
    received_at: datetime
    finished_at: datetime | None
    correlation_id: UUID
    cause_id: UUID | None
    order_id: UUID | None
    outward_key: str | None
    reference: str | None
    successor: str | None
    size: int
    version: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages. `q`: an id, correlation id, key, reference or order number."""

    direction: str | None = None
    connection: str | None = None
    status: str | None = None
    topic: str | None = None
    code: str | None = None
    correlation_id: UUID | None = None
    order_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    q: str | None = None


def messages(
    db: Connection,
    vault: Vault,
    wanted: Wanted,
    *,
    after: Position | None = None,
    limit: int = 50,
) -> Page[MessageRow]:
    """Messages, newest first."""
    query = _select(standing=wanted.status in STANDING).where(*_conditions(db, wanted))
    if after is not None:
        query = query.where(message.c.id < id_of(after))
    rows = db.execute(query.order_by(message.c.id.desc()).limit(limit + 1)).all()
    return page(rows, limit, partial(_row, vault), by_id)


def selected(db: Connection, wanted: Wanted, limit: int, *, but: str | None = None) -> list[UUID]:
    """The ids of the messages wanted, oldest first: the order in which they are worked again.
    `but`: not those that stand still for this code.
    """
    return list(db.scalars(_ids(db, wanted, but).order_by(message.c.id).limit(limit)))


def count(db: Connection, wanted: Wanted, limit: int, *, but: str | None = None) -> int:
    """How many messages are wanted, counted no further than `limit`."""
    found = _ids(db, wanted, but).limit(limit).subquery()
    return int(db.scalar(sa.select(sa.func.count()).select_from(found)) or 0)


def connections_of(db: Connection, wanted: Wanted, *, but: str | None = None) -> set[str]:
    """The connections that the messages wanted are of."""
    if wanted.connection is not None:
        return {wanted.connection}
    query = _ids(db, wanted, but).with_only_columns(
        message.c.connection, maintain_column_froms=True
    )
    return set(db.scalars(query.distinct()))


def oldest(db: Connection, vault: Vault, ids: Sequence[UUID]) -> list[MessageRow]:
    """These messages, oldest first."""
    query = _select(standing=False).where(message.c.id.in_(ids)).order_by(message.c.id)
    return [_row(vault, row) for row in db.execute(query)]


def one(db: Connection, vault: Vault, message_id: UUID) -> MessageRow | None:
    """One message."""
    row = db.execute(_select(standing=False).where(message.c.id == message_id)).one_or_none()
    return None if row is None else _row(vault, row)


def of_order(
    db: Connection, vault: Vault, order_id: UUID, correlation_ids: Sequence[UUID] = ()
) -> list[MessageRow]:
    """All messages about an order, oldest first: what came in and what was told."""
    about = sa.or_(
        message.c.order_id == order_id, message.c.correlation_id.in_(list(correlation_ids))
    )
    rows = db.execute(_select(standing=False).where(about).order_by(message.c.id).limit(1000))
    return [_row(vault, row) for row in rows]


def _select(*, standing: bool) -> sa.Select[Any]:
    columns = sa.select(
        message.c.id,
        message.c.merchant_id,
        message.c.direction,
        message.c.connection,
        message.c.topic,
        message.c.key,
        sa.func.coalesce(work.c.status, message.c.status).label("status"),
        sa.func.coalesce(work.c.attempts, message.c.attempts).label("attempts"),
        work.c.due,
        work.c.waits_for,
        message.c.error,
        message.c.warnings,
        message.c.received_at,
        message.c.finished_at,
        message.c.correlation_id,
        message.c.cause_id,
        message.c.order_id,
        message.c.outward_key,
        message.c.reference,
        message.c.successor,
        message.c.size,
        message.c.version,
    )
    return _from(columns, standing=standing)


def _from(columns: sa.Select[Any], *, standing: bool) -> sa.Select[Any]:
    """From the small table of what is unfinished where only that is asked for."""
    same = sa.and_(work.c.id == message.c.id, work.c.merchant_id == message.c.merchant_id)
    return columns.select_from(message.join(work, same, isouter=not standing))


def _ids(db: Connection, wanted: Wanted, but: str | None) -> sa.Select[Any]:
    query = _from(sa.select(message.c.id), standing=wanted.status in STANDING)
    query = query.where(*_conditions(db, wanted))
    if but is None:
        return query
    return query.where(message.c.error["code"].astext.is_distinct_from(but))


def _conditions(db: Connection, wanted: Wanted) -> list[Any]:
    status = work.c.status if wanted.status in STANDING else message.c.status
    pairs = (
        (message.c.direction, wanted.direction),
        (message.c.connection, wanted.connection),
        (message.c.topic, wanted.topic),
        (message.c.correlation_id, wanted.correlation_id),
        (message.c.order_id, wanted.order_id),
        (message.c.error["code"].astext, wanted.code),
        (status, wanted.status),
    )
    conditions: list[Any] = [column == value for column, value in pairs if value is not None]
    if wanted.since:
        conditions.append(message.c.received_at >= wanted.since)
    if wanted.until:
        conditions.append(message.c.received_at < wanted.until)
    if wanted.q:
        conditions.append(_search(db, wanted.q.strip()))
    return conditions


def _search(db: Connection, text: str) -> Any:
    try:
        id_ = UUID(text)
    except ValueError:
        orders = sa.select(sales_order.c.id).where(
            sa.or_(sales_order.c.order_number == text, sales_order.c.channel_order_id == text)
        )
        ids = list(db.scalars(orders.limit(100)))
        return sa.or_(
            message.c.key == text, message.c.reference == text, message.c.order_id.in_(ids)
        )
    columns = (message.c.id, message.c.correlation_id, message.c.order_id)
    return sa.or_(*(column == id_ for column in columns))


def _row(vault: Vault, row: Any) -> MessageRow:
    due = row.due if row.status in ("retry", "unknown", "received", "pending") else None
    return MessageRow(
        id=row.id,
        merchant=row.merchant_id,
        direction=row.direction,
        connection=row.connection,
        topic=row.topic,
        key=row.key,
        status=row.status or "received",
        attempts=row.attempts,
        next_attempt_at=due,
        waits_for=row.waits_for,
        error=row.error and _problem(vault, row, row.error, "error"),
        warnings=[_problem(vault, row, warning, "warnings") for warning in row.warnings or []],
        received_at=row.received_at,
        finished_at=row.finished_at,
        correlation_id=row.correlation_id,
        cause_id=row.cause_id,
        order_id=row.order_id,
        outward_key=row.outward_key,
        reference=row.reference,
        successor=row.successor,
        size=row.size,
        version=row.version,
    )


def _problem(vault: Vault, row: Any, kept: dict[str, str], column: str) -> dict[str, str]:
    """A problem as people see it: its sentence may quote a partner."""
    place = f"message.{column}"
    said = sealed_words.shown(vault, kept.get("message"), place, row.merchant_id, row.id)
    return {**kept, "message": said or ""}
