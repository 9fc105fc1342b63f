"""What happened to an order, one row an event, written in the transaction of the event; and
incidents for people.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.ids import new_id
from hub.store.pipelining import write


@dataclass(slots=True)
class Event:
    """One entry. `detail` holds codes and numbers, never personal data."""

    merchant: str
    order_id: UUID
    event: str
    detail: dict[str, Any] = field(default_factory=dict)
    message_id: UUID | None = None
    actor: str = "hub"


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that needs a person. At most one of a kind and subject is open."""

    merchant: str
    kind: str
    subject: str
    sentence: str
    order_id: UUID | None = None
    message_id: UUID | None = None


def note(db: Connection, events: Sequence[Event]) -> None:
    """Write events in the order given."""
    if events:
        write(
            db,
            _NOTE,
            {
                "ids": sorted(new_id() for _ in events),
                "merchants": [one.merchant for one in events],
                "orders": [one.order_id for one in events],
                "events": [one.event for one in events],
                "details": [_shown(one.detail) for one in events],
                "messages": [one.message_id for one in events],
                "actors": [one.actor for one in events],
            },
        )


def _shown(detail: dict[str, Any]) -> str:
    return _JSON.encode(detail) if detail else "{}"


_JSON = json.JSONEncoder(default=str)


def of(db: Connection, order_id: UUID) -> list[Any]:
    """An order's events, oldest first."""
    return list(db.execute(_OF, {"order_id": order_id}))


def open_incidents(db: Connection, incidents: Sequence[Incident]) -> None:
    """Open incidents; one that stands open already is left as it is."""
    if incidents:
        db.execute(
            _OPEN,
            [
                {
                    "id": new_id(),
                    "merchant": one.merchant,
                    "kind": one.kind,
                    "subject": one.subject,
                    "sentence": one.sentence,
                    "order_id": one.order_id,
                    "message_id": one.message_id,
                }
                for one in incidents
            ],
        )


_NOTE = sa.text(
    """INSERT INTO timeline (id, merchant_id, order_id, event, detail, message_id, actor)
    SELECT id, merchant, order_id, event, CAST(detail AS jsonb), message, actor
    FROM unnest(CAST(:ids AS uuid[]), CAST(:merchants AS text[]), CAST(:orders AS uuid[]),
      CAST(:events AS text[]),
      CAST(:details AS text[]), CAST(:messages AS uuid[]), CAST(:actors AS text[]))
      AS e (id, merchant, order_id, event, detail, message, actor)"""
)
_OF = sa.text(
    """SELECT id, event, detail, message_id, actor, at FROM timeline
    WHERE order_id = :order_id ORDER BY id"""
)
_OPEN = sa.text(
    """INSERT INTO incident (id, merchant_id, kind, subject, sentence, order_id, message_id)
    VALUES (:id, :merchant, :kind, :subject, :sentence, :order_id,
      :message_id) ON CONFLICT DO NOTHING"""
)
