"""One order with everything that hangs on it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.fulfilment import Shipment
from hub.model.order import Refund
from hub.store.base import ids
from hub.store.base.sealing import Vault
from hub.store.tables import refund, routing_decision, shipment, timeline
from hub.store.views import fulfilment, incidents, invoices, messages, orders, standing_in
from hub.store.views.incidents import IncidentItem
from hub.store.views.invoices import InvoiceRow
from hub.store.views.orders import OrderItem


@dataclass(frozen=True, slots=True)
class ShipmentItem:
    """A shipment of an order. `fulfilment_order_id` is the text that partners see."""

    id: UUID
    fulfilment_order_id: str
    shipped_at: datetime
    received_at: datetime
    document: Shipment
    sealed: bool


@dataclass(frozen=True, slots=True)
class RefundItem:
    """Money given back."""

    id: UUID
    refund_id: str
    amount: Decimal
    currency: str
    received_at: datetime
    document: Refund
    sealed: bool


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
    """One routing decision with its full reasoning, and the version of whose rules it was made
    under (None: the hub's own).
    """

    id: UUID
    reasoning: Any
    at: datetime
    rules_owner: str | None
    rules_version: int | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with everything that hangs on it."""

    order: OrderItem
    fulfilment_orders: list[fulfilment.FulfilmentItem]
    shipments: list[ShipmentItem]
    refunds: list[RefundItem]
    invoices: list[InvoiceRow]
    timeline: list[TimelineItem]
    routing: list[Decision]
    incidents: list[IncidentItem]
    messages: list[messages.MessageRow]


def of(db: Connection, vault: Vault, order_id: UUID) -> OrderView | None:
    """One order with everything that hangs on it, in a fixed number of queries."""
    order = orders.item(db, vault, order_id)
    if order is None:
        return None
    return OrderView(
        order=order,
        fulfilment_orders=fulfilment.of_order(db, vault, order_id),
        shipments=_shipments(db, vault, order_id),
        refunds=_refunds(db, vault, order),
        invoices=invoices.of_order(db, order_id),
        timeline=_timeline(db, order_id),
        routing=_decisions(db, order_id),
        incidents=incidents.of_order(db, order_id),
        messages=messages.of_order(db, vault, order_id, [order.correlation_id]),
    )


def _shipments(db: Connection, vault: Vault, order_id: UUID) -> list[ShipmentItem]:
    query = sa.select(shipment).where(shipment.c.order_id == order_id).order_by(shipment.c.id)
    return [
        ShipmentItem(
            row.id,
            ids.short("F", row.fulfilment_order_id),
            row.shipped_at,
            row.at,
            *standing_in.opened(vault, row, Shipment, partial(standing_in.shipment, row)),
        )
        for row in db.execute(query)
    ]


def _refunds(db: Connection, vault: Vault, of: OrderItem) -> list[RefundItem]:
    query = sa.select(refund).where(refund.c.order_id == of.id).order_by(refund.c.id)
    return [
        RefundItem(
            row.id,
            row.refund_id,
            row.amount,
            row.currency,
            row.at,
            *standing_in.opened(
                vault, row, Refund, partial(standing_in.refund, row, of.channel_order_id)
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
    columns = (table.id, table.reasoning, table.at, table.rules_owner, table.rules_version)
    query = sa.select(*columns).where(table.order_id == order_id)
    return [Decision(*row) for row in db.execute(query.order_by(table.id).limit(100))]
