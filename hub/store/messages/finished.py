"""Keep what was worked on the spot: a document that came over the Open API, with what became of it.

Such a message is finished when it is written: it stands in no queue, and no worker sees it.
"""

import json
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.sealing import Vault


@dataclass(frozen=True, slots=True)
class Worked:
    """One document and its verdict. `status` is done or ignored; `error` says why ignored."""

    id: UUID
    merchant: str
    connection: str
    topic: str
    key: str
    payload: bytes
    correlation_id: UUID
    status: str
    error: dict[str, str] | None = None
    order_id: UUID | None = None


def keep(db: Connection, vault: Vault, worked: Worked) -> None:
    """Store it as a finished message, in the transaction of its effect."""
    db.execute(
        _KEEP,
        {
            "id": worked.id,
            "merchant": worked.merchant,
            "connection": worked.connection,
            "topic": worked.topic,
            "key": worked.key,
            "correlation": worked.correlation_id,
            "order_id": worked.order_id,
            "payload": vault.seal(worked.payload, "message.payload", worked.merchant, worked.id),
            "size": len(worked.payload),
            "status": worked.status,
            "error": worked.error and json.dumps(worked.error),
        },
    )


_KEEP = sa.text(
    """INSERT INTO message (id, merchant_id, connection, direction, topic, key, correlation_id,
      order_id, payload, size, status, error, attempts, finished_at)
    VALUES (:id, :merchant, :connection, 'in', :topic, :key, :correlation, :order_id, :payload,
      :size, :status, CAST(:error AS jsonb), 1, now())"""
)
