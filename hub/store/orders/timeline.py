"""What happened to an order, one row an event, written in the transaction of the event."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import new_ids
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows


@dataclass(slots=True)
class Event:
    """One entry. `detail` holds codes and numbers, never personal data."""

    merchant: str
    order_id: UUID
    event: str
    detail: dict[str, Any] = field(default_factory=dict)
    message_id: UUID | None = None
    actor: str = "hub"


def note(db: Connection, events: Sequence[Event]) -> None:
    """Write events in the order given."""
    if events:
        rows = (
            (
                *(id_, event.merchant, event.order_id, event.event),
                *(_shown(event.detail), event.message_id, event.actor),
            )
            for id_, event in zip(new_ids(len(events)), events, strict=True)
        )
        write(db, _NOTE, _EVENTS.of(rows))


def _shown(detail: dict[str, Any]) -> str:
    return _JSON.encode(detail) if detail else "{}"


_JSON = json.JSONEncoder(default=str)


def of(db: Connection, order_id: UUID) -> list[Any]:
    """An order's events, oldest first."""
    return list(db.execute(_OF, {"order_id": order_id}))


_EVENTS = Rows(
    id="uuid",
    merchant="text",
    order_id="uuid",
    event="text",
    detail="text",
    message="uuid",
    actor="text",
)
_NOTE = sa.text(
    f"""INSERT INTO timeline (id, merchant_id, order_id, event, detail, message_id, actor)
    SELECT id, merchant, order_id, event, CAST(detail AS jsonb), message, actor
    FROM {_EVENTS.named("e")}"""  # noqa: S608  # ours
)
_OF = sa.text(
    """SELECT id, event, detail, message_id, actor, at FROM timeline
    WHERE order_id = :order_id ORDER BY id"""
)
