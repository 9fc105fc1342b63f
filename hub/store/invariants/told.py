"""The hub's side of a history: which deliveries are kept, what partners were told, in the words
that their own records can be compared with.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.rows import Rows
from hub.store.messages.inbox import digest_of


def kept(
    db: Connection, deliveries: Sequence[tuple[str, str | None, str | None, str | None]]
) -> list[bool]:
    """Whether each delivery (connection, topic, delivery id, message id) is stored: by the
    message's id where there is one, else by the delivery's.
    """
    messages = [_uuid(message) for _, _, _, message in deliveries]
    digests = [
        digest_of(topic, delivery) if topic is not None and delivery is not None else None
        for _, topic, delivery, _ in deliveries
    ]
    there = set(db.scalars(_THERE, {"ids": [message for message in messages if message]}))
    rows = db.execute(
        _SEEN,
        _DIGESTS.of(
            (delivery[0], digest) for delivery, digest in zip(deliveries, digests, strict=True)
        ),
    )
    seen = {(row.connection, bytes(row.digest)) for row in rows}
    return [
        message in there if message else (delivery[0], digest) in seen
        for delivery, message, digest in zip(deliveries, messages, digests, strict=True)
    ]


def revisions(db: Connection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(channel, its order id) -> the revision that is stored."""
    rows = db.execute(_REVISIONS, _ORDERS.of(keys))
    return {(row.channel, row.channel_order_id): row.revision for row in rows}


def books(db: Connection, connections: Sequence[str]) -> dict[tuple[str, str, str], list[str]]:
    """(connection, document, key) -> what it was told, in texts.

    A warehouse's `fulfilment_order`: "SKU pieces" of each line; what it shipped it was told, though
    the answer to that was lost and nobody needed to ask any more. A channel's `shipment` by order:
    the tracking number of each parcel. The books' `sales_order`: "currency total"; their `shipment`
    by order: one "-" for each.
    """
    told_by_key = {}
    for query in _BOOKS:
        for row in db.execute(query, {"connections": list(connections)}):
            told_by_key[(row.connection, row.document, row.key)] = list(row.content)
    return told_by_key


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None


_THERE = sa.text("SELECT id FROM message WHERE id = ANY (:ids)")
_DIGESTS = Rows(connection="text", digest="bytea")
_SEEN = sa.text(
    f"""SELECT seen.connection, seen.digest FROM seen
    JOIN {_DIGESTS.named("w")}
      ON w.connection = seen.connection AND w.digest = seen.digest
    JOIN message ON message.id = seen.message_id"""  # noqa: S608  # ours
)
_ORDERS = Rows(channel="text", order_id="text")
_REVISIONS = sa.text(
    f"""SELECT channel, channel_order_id, revision FROM sales_order
    WHERE (channel, channel_order_id) IN (
      SELECT * FROM {_ORDERS.arrays})
      AND revision IS NOT NULL"""  # noqa: S608  # ours
)
_BOOKS = (
    sa.text(
        """SELECT o.warehouse AS connection, 'fulfilment_order' AS document, notice.key,
          array_agg(line.sku || ' ' || trim_scale(line.ordered)) AS content
        FROM fulfilment_order AS o
        JOIN message AS notice ON notice.id = o.notice_id AND (notice.status = 'delivered'
          OR notice.status = 'superseded' AND o.status IN ('shipped', 'delivered', 'short'))
        JOIN fulfilment_line AS line ON line.fulfilment_order_id = o.id
        WHERE o.warehouse = ANY (:connections) GROUP BY 1, 3"""
    ),
    sa.text(
        """SELECT o.channel AS connection, 'shipment' AS document, o.channel_order_id AS key,
          array_agg(package) AS content
        FROM timeline JOIN sales_order AS o ON o.id = timeline.order_id
        CROSS JOIN jsonb_array_elements_text(timeline.detail -> 'packages') AS package
        WHERE timeline.event IN ('shipped', 'shipped_in_part') AND o.channel = ANY (:connections)
          AND package IS NOT NULL GROUP BY 1, 3"""
    ),
    sa.text(
        """SELECT told.connection, 'sales_order' AS document,
          o.channel || '/' || o.channel_order_id AS key,
          ARRAY[o.currency || ' ' || trim_scale(o.grand_total)] AS content
        FROM sales_order AS o JOIN (
          SELECT DISTINCT connection, order_id FROM message
          WHERE topic = 'sales_order' AND direction = 'out' AND status = 'delivered'
            AND connection = ANY (:connections)
        ) AS told ON told.order_id = o.id"""
    ),
    sa.text(
        """SELECT told.connection, 'shipment' AS document,
          o.channel || '/' || o.channel_order_id AS key, array_agg(text '-') AS content
        FROM sales_order AS o
        JOIN message AS told ON told.order_id = o.id AND told.topic = 'shipment'
          AND told.direction = 'out' AND told.status = 'delivered'
          AND told.connection = ANY (:connections)
        JOIN connection ON connection.code = told.connection AND connection.kind <> 'channel'
        GROUP BY 1, 3"""
    ),
)
