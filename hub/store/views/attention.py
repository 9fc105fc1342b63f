"""What stands open about orders, whatever their status: incidents, messages that stand still."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class StandingMessage:
    """A message about an order that does not go on by itself. `why`: what is wrong, or the fact it
    waits for.
    """

    id: UUID
    direction: str
    connection: str
    topic: str
    status: str
    why: str


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """Something about an order that needs a person."""

    id: UUID
    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Attention:
    """All that stands open about one order; false where nothing does."""

    messages: tuple[StandingMessage, ...] = ()
    incidents: tuple[OpenIncident, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.messages or self.incidents)

    @property
    def count(self) -> int:
        return len(self.messages) + len(self.incidents)


NOTHING = Attention()


def of(db: Connection, order_ids: Sequence[UUID]) -> dict[UUID, Attention]:
    """Order -> what stands open about it, of those about which anything does."""
    if not order_ids:
        return {}
    messages: dict[UUID, list[StandingMessage]] = {}
    for row in db.execute(_MESSAGES, {"ids": list(order_ids)}):
        standing = StandingMessage(
            row.id, row.direction, row.connection, row.topic, row.status, row.why or ""
        )
        messages.setdefault(row.order_id, []).append(standing)
    incidents: dict[UUID, list[OpenIncident]] = {}
    for row in db.execute(_INCIDENTS, {"ids": list(order_ids)}):
        incidents.setdefault(row.order_id, []).append(OpenIncident(row.id, row.kind, row.sentence))
    return {
        id_: Attention(tuple(messages.get(id_, ())), tuple(incidents.get(id_, ())))
        for id_ in messages.keys() | incidents.keys()
    }


_MESSAGES = sa.text(
    """WITH about AS (
      SELECT order_id, id, merchant_id FROM message WHERE order_id = ANY (:ids)
      UNION
      SELECT o.id, message.id, message.merchant_id
      FROM sales_order AS o JOIN message ON message.connection = o.channel
        AND message.key = o.channel_order_id AND message.direction = 'in'
      WHERE o.id = ANY (:ids)
    )
    SELECT about.order_id, work.id, work.direction, work.connection, work.topic, work.status,
      CASE work.status WHEN 'waiting' THEN work.waits_for ELSE message.error ->> 'code' END AS why
    FROM about JOIN work ON work.id = about.id AND work.merchant_id = about.merchant_id
      AND work.status IN ('parked', 'waiting')
    JOIN message ON message.id = about.id AND message.merchant_id = about.merchant_id
    ORDER BY work.id"""
)
"""What was told about the order, and tellings of it by its channel that nobody could read."""
_INCIDENTS = sa.text(
    """SELECT id, order_id, kind, sentence FROM incident
    WHERE status = 'open' AND order_id = ANY (:ids) ORDER BY id"""
)
