"""Incidents as people look at them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.tables import incident
from hub.store.views.page import Page, Position, by_id, id_of, page


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
    detail: Mapping[str, Any]


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


def of_order(db: Connection, order_id: UUID) -> list[IncidentItem]:
    """The incidents about an order, oldest first."""
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
        detail=row.detail,
    )
