"""What channels told of refunds, in sets; documents sealed. Each partner id is kept once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.catalogue import freeze
from hub.model.order import Refund
from hub.store.orders import OrderRow
from hub.store.pipelining import write
from hub.store.vault import Vault


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A refund as it is stored. One that is not `attached` is kept aside: it counts for nothing."""

    id: UUID
    refund: Refund
    order: OrderRow
    attached: bool


def insert(
    db: Connection, vault: Vault, rows: Sequence[tuple[UUID, str, str, Refund]]
) -> set[UUID]:
    """Store refunds (id, merchant, channel, document), each partner id once, of no order so far.
    Returns the ids that are new.
    """
    if not rows:
        return set()
    return set(
        db.scalars(
            _INSERT,
            {
                "ids": [row[0] for row in rows],
                "merchants": [row[1] for row in rows],
                "channels": [row[2] for row in rows],
                "refunds": [row[3].refund_id for row in rows],
                "channel_orders": [row[3].channel_order_id for row in rows],
                "currencies": [row[3].currency for row in rows],
                "amounts": [row[3].amount for row in rows],
                "documents": [
                    vault.seal(freeze(row[3]), "refund.document", row[1], row[0]) for row in rows
                ],
            },
        )
    )


def of_orders(db: Connection, vault: Vault, rows: Sequence[OrderRow]) -> list[RefundRow]:
    """What channels told of these orders' refunds, in the order it came, with the order of each;
    lock the orders before.
    """
    if not rows:
        return []
    by_pair = {(row.channel, row.channel_order_id): row for row in rows}
    pairs = {
        "channels": [channel for channel, _ in by_pair],
        "channel_orders": [number for _, number in by_pair],
    }
    return [
        RefundRow(
            row.id,
            Refund.model_validate_json(
                vault.open(row.document, "refund.document", row.merchant_id, row.id)
            ),
            by_pair[row.channel, row.channel_order_id],
            attached=row.order_id is not None,
        )
        for row in db.execute(_OF_ORDERS, pairs)
    ]


def attach(db: Connection, rows: Sequence[RefundRow]) -> None:
    """From now on these count as paid back of their orders."""
    if rows:
        at = {"ids": [row.id for row in rows], "orders": [row.order.id for row in rows]}
        write(db, _ATTACH, at)


_INSERT = sa.text(
    """INSERT INTO refund (id, merchant_id, channel, refund_id, channel_order_id,
      currency, amount, document)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:merchants AS text[]),
      CAST(:channels AS text[]), CAST(:refunds AS text[]), CAST(:channel_orders AS text[]),
      CAST(:currencies AS text[]), CAST(:amounts AS numeric[]), CAST(:documents AS bytea[]))
    ON CONFLICT DO NOTHING RETURNING id"""
)
_OF_ORDERS = sa.text(
    """SELECT id, merchant_id, channel, channel_order_id, order_id, document FROM refund
    WHERE (channel, channel_order_id) IN (
      SELECT * FROM unnest(CAST(:channels AS text[]), CAST(:channel_orders AS text[]))
    ) ORDER BY id"""
)
_ATTACH = sa.text(
    """UPDATE refund SET order_id = r.order_id
    FROM unnest(CAST(:ids AS uuid[]), CAST(:orders AS uuid[])) AS r (id, order_id)
    WHERE refund.id = r.id"""
)
