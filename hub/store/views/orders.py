"""Orders as people look at them: lists, and one with everything that hangs on it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder
from hub.store import ids
from hub.store.tables import (
    fulfilment_order,
    incident,
    refund,
    routing_decision,
    sales_order,
    shipment,
    timeline,
)
from hub.store.vault import Vault
from hub.store.views import fulfilment, messages
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


@dataclass(frozen=True, slots=True)
class ShipmentItem:
    """A shipment of an order. `fulfilment_order_id` is the text that partners see."""

    id: UUID
    fulfilment_order_id: str
    shipped_at: datetime
    received_at: datetime
    document: Shipment


@dataclass(frozen=True, slots=True)
class RefundItem:
    """Money given back."""

    id: UUID
    refund_id: str
    amount: Decimal
    currency: str
    received_at: datetime
    document: Refund


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One thing that happened."""

    id: UUID
    event: str
    detail: dict[str, Any]
    message_id: UUID | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """One routing decision with its full reasoning."""

    id: UUID
    reasoning: Any
    at: datetime


@dataclass(frozen=True, slots=True)
class IncidentItem:
    """Something that needs a person."""

    id: UUID
    merchant: str
    kind: str
    subject: str
    sentence: str
    status: str
    order_id: UUID | None
    message_id: UUID | None
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with everything that hangs on it."""

    order: OrderItem
    fulfilment_orders: list[fulfilment.FulfilmentItem]
    shipments: list[ShipmentItem]
    refunds: list[RefundItem]
    timeline: list[TimelineItem]
    routing: list[Decision]
    incidents: list[IncidentItem]
    messages: list[messages.MessageRow]


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
    return page(rows, limit, lambda row: _item(row, vault), by_id)


def order(db: Connection, vault: Vault, order_id: UUID) -> OrderView | None:
    """One order with everything that hangs on it, in a fixed number of queries."""
    row = db.execute(sa.select(*_columns(vault)).where(sales_order.c.id == order_id)).one_or_none()
    if row is None:
        return None
    return OrderView(
        order=_item(row, vault),
        fulfilment_orders=fulfilment.of_order(db, vault, order_id),
        shipments=_shipments(db, vault, order_id),
        refunds=_refunds(db, vault, order_id),
        timeline=_timeline(db, order_id),
        routing=_decisions(db, order_id),
        incidents=_incidents_of(db, order_id),
        messages=messages.of_order(db, order_id, [row.correlation_id]),
    )


def item(db: Connection, vault: Vault, order_id: UUID) -> OrderItem | None:
    """One order as a list would show it, with its document."""
    row = db.execute(sa.select(*_columns(vault)).where(sales_order.c.id == order_id)).one_or_none()
    return None if row is None else _item(row, vault)


def channel_of(db: Connection, order_id: UUID) -> str | None:
    """The connection an order came from; None where there is no such order."""
    return db.scalar(sa.select(sales_order.c.channel).where(sales_order.c.id == order_id))


def find(db: Connection, text: str) -> list[UUID]:
    """Orders by id, number, channel order id or fulfilment order; newest first, at most 20."""
    of_fulfilment = ids.long("F", text)
    if of_fulfilment is not None:
        query = sa.select(fulfilment_order.c.order_id)
        found = list(db.scalars(query.where(fulfilment_order.c.id == of_fulfilment)))
        if found:
            return found
    query = sa.select(sales_order.c.id).where(*_conditions(Wanted(q=text)))
    return list(db.scalars(query.order_by(sales_order.c.id.desc()).limit(20)))


def incidents(
    db: Connection, status: str | None = "open", *, after: Position | None = None, limit: int = 50
) -> Page[IncidentItem]:
    """Incidents, newest first."""
    query = sa.select(incident)
    if status is not None:
        query = query.where(incident.c.status == status)
    if after is not None:
        query = query.where(incident.c.id < id_of(after))
    rows = db.execute(query.order_by(incident.c.id.desc()).limit(limit + 1)).all()
    return page(rows, limit, _incident, by_id)


def by_status(db: Connection) -> dict[str, int]:
    """How many orders stand where."""
    query = sa.select(sales_order.c.status, sa.func.count()).group_by(sales_order.c.status)
    return {row[0]: row[1] for row in db.execute(query)}


def by_hold(db: Connection) -> dict[str, int]:
    """How many orders are held for which reason; one order may have several."""
    return {row[0]: row[1] for row in db.execute(_BY_HOLD)}


def _columns(vault: Vault | None) -> list[Any]:
    hidden = {"revision", "occurred_at", "digest", "fingerprint"}
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
    found: list[Any] = [column == value for column, value in pairs if value is not None]
    if wanted.hold is not None:
        found.append(table.hold_reasons.contains([{"code": wanted.hold}]))
    if wanted.q:
        found.append(_search(wanted.q.strip()))
    return found


def _search(text: str) -> Any:
    try:
        return sales_order.c.id == UUID(text)
    except ValueError:
        table = sales_order.c
        return sa.or_(table.order_number == text, table.channel_order_id == text)


def _item(row: Any, vault: Vault | None) -> OrderItem:
    document = None
    if vault is not None:
        raw = vault.open(row.document, "sales_order.document", row.merchant_id, row.id)
        document = SalesOrder.model_validate_json(raw)
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
    )


def _shipments(db: Connection, vault: Vault, order_id: UUID) -> list[ShipmentItem]:
    query = sa.select(shipment).where(shipment.c.order_id == order_id).order_by(shipment.c.id)
    return [
        ShipmentItem(
            id=row.id,
            fulfilment_order_id=ids.short("F", row.fulfilment_order_id),
            shipped_at=row.shipped_at,
            received_at=row.at,
            document=Shipment.model_validate_json(
                vault.open(row.document, "shipment.document", row.merchant_id, row.id)
            ),
        )
        for row in db.execute(query)
    ]


def _refunds(db: Connection, vault: Vault, order_id: UUID) -> list[RefundItem]:
    query = sa.select(refund).where(refund.c.order_id == order_id).order_by(refund.c.id)
    return [
        RefundItem(
            id=row.id,
            refund_id=row.refund_id,
            amount=row.amount,
            currency=row.currency,
            received_at=row.at,
            document=Refund.model_validate_json(
                vault.open(row.document, "refund.document", row.merchant_id, row.id)
            ),
        )
        for row in db.execute(query)
    ]


def _timeline(db: Connection, order_id: UUID) -> list[TimelineItem]:
    query = sa.select(timeline).where(timeline.c.order_id == order_id).order_by(timeline.c.id)
    return [
        TimelineItem(row.id, row.event, row.detail, row.message_id, row.actor, row.at)
        for row in db.execute(query.limit(1000))
    ]


def _decisions(db: Connection, order_id: UUID) -> list[Decision]:
    table = routing_decision.c
    query = sa.select(table.id, table.reasoning, table.at).where(table.order_id == order_id)
    rows = db.execute(query.order_by(table.id).limit(100))
    return [Decision(row.id, row.reasoning, row.at) for row in rows]


def _incidents_of(db: Connection, order_id: UUID) -> list[IncidentItem]:
    query = sa.select(incident).where(incident.c.order_id == order_id).order_by(incident.c.id)
    return [_incident(row) for row in db.execute(query.limit(100))]


def _incident(row: Any) -> IncidentItem:
    return IncidentItem(
        id=row.id,
        merchant=row.merchant_id,
        kind=row.kind,
        subject=row.subject,
        sentence=row.sentence,
        status=row.status,
        order_id=row.order_id,
        message_id=row.message_id,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )


_BY_HOLD = sa.text(
    """SELECT reason ->> 'code' AS code, count(*) AS total
    FROM sales_order, jsonb_array_elements(hold_reasons) AS reason
    WHERE status = 'held' GROUP BY 1 ORDER BY 2 DESC, 1"""
)
