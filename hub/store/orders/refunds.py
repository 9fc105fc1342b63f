"""What channels told of refunds, in sets; documents sealed. Each partner id is kept once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.catalogue import freeze
from hub.model.order import Refund
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault
from hub.store.orders.orders import OrderRow


@dataclass(slots=True)
class RefundRow:
    """A refund as it is stored. One that is not `attached` is kept aside: it counts for nothing."""

    id: UUID
    merchant: str
    refund: Refund
    order: OrderRow
    attached: bool
    ours: bool = False
    partner_refund_id: str | None = None


def insert(
    db: Connection, vault: Vault, rows: Sequence[tuple[UUID, str, str, Refund]]
) -> set[UUID]:
    """Store refunds (id, merchant, channel, document), each partner id once, of no order so far.
    Returns the ids that are new.
    """
    if not rows:
        return set()
    columns = _REFUNDS.of(
        (
            *(id_, merchant, channel, refund.refund_id, refund.channel_order_id),
            *(refund.currency, refund.amount, _sealed(vault, refund, merchant, id_)),
        )
        for id_, merchant, channel, refund in rows
    )
    return set(db.scalars(_INSERT, columns))


def of_orders(db: Connection, vault: Vault, rows: Sequence[OrderRow]) -> list[RefundRow]:
    """What channels told of these orders' refunds, in the order it came, with the order of each;
    lock the orders before.
    """
    if not rows:
        return []
    by_pair = {(row.channel, row.channel_order_id): row for row in rows}
    return [
        RefundRow(
            row.id,
            row.merchant_id,
            Refund.model_validate_json(
                vault.open(row.document, "refund.document", row.merchant_id, row.id)
            ),
            by_pair[row.channel, row.channel_order_id],
            attached=row.order_id is not None,
            ours=row.ours,
            partner_refund_id=row.partner_refund_id,
        )
        for row in db.execute(_OF_ORDERS, _ORDERS.of(by_pair))
    ]


def attach(db: Connection, vault: Vault, rows: Sequence[RefundRow]) -> None:
    """From now on these count as paid back of their orders, with what they are worth there."""
    if rows:
        columns = _BORNE.of(
            (
                *(row.id, row.order.id, row.refund.currency, row.refund.amount),
                _sealed(vault, row.refund, row.merchant, row.id),
            )
            for row in rows
        )
        write(db, _ATTACH, columns)


def mark_ours(db: Connection, channel: str, refund_ids: Sequence[str]) -> None:
    """These were decided here: their channel is told, and tells them back."""
    write(db, _OURS, {"channel": channel, "ids": list(refund_ids)})


def name(db: Connection, channel: str, names: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Keep what a channel calls refunds of ours: (ours, theirs), where it has no name yet. Returns
    those that are called otherwise already, with that name.
    """
    if not names:
        return {}
    values = {"channel": channel, **_NAMES.of(names)}
    db.execute(_NAME, values)
    return {row.refund_id: row.partner_refund_id for row in db.execute(_OTHERWISE, values)}


def named(db: Connection, channel: str, theirs: Sequence[str]) -> set[str]:
    """Those of a channel's ids that are refunds of ours."""
    return set(db.scalars(_NAMED, {"channel": channel, "theirs": list(theirs)}))


def unnamed(db: Connection, channel: str, orders: Sequence[str]) -> list[Any]:
    """Refunds of ours of these orders that their channel was told and has no name for yet:
    refund_id, channel_order_id, currency, amount.
    """
    return list(db.execute(_UNNAMED, {"channel": channel, "orders": sorted(set(orders))}))


def _sealed(vault: Vault, refund: Refund, merchant: str, id_: UUID) -> bytes:
    return vault.seal(freeze(refund), "refund.document", merchant, id_)


_REFUNDS = Rows(
    id="uuid",
    merchant="text",
    channel="text",
    refund="text",
    channel_order="text",
    currency="text",
    amount="numeric",
    document="bytea",
)
_ORDERS = Rows(channel="text", channel_order="text")
_BORNE = Rows(id="uuid", order_id="uuid", currency="text", amount="numeric", document="bytea")
_INSERT = sa.text(
    f"""INSERT INTO refund (id, merchant_id, channel, refund_id, channel_order_id,
      currency, amount, document)
    SELECT * FROM {_REFUNDS.arrays}
    ON CONFLICT DO NOTHING RETURNING id"""  # noqa: S608  # ours
)
_OF_ORDERS = sa.text(
    f"""SELECT id, merchant_id, channel, channel_order_id, order_id, ours, partner_refund_id,
      document FROM refund
    WHERE (channel, channel_order_id) IN (SELECT * FROM {_ORDERS.arrays})
    ORDER BY id"""  # noqa: S608  # ours
)
_ATTACH = sa.text(
    f"""UPDATE refund SET order_id = r.order_id, currency = r.currency, amount = r.amount,
      document = r.document
    FROM {_BORNE.named("r")}
    WHERE refund.id = r.id"""  # noqa: S608  # ours
)
_NAMES = Rows(ours="text", theirs="text")
_OURS = sa.text("UPDATE refund SET ours = true WHERE channel = :channel AND refund_id = ANY (:ids)")
_NAME = sa.text(
    f"""UPDATE refund SET partner_refund_id = n.theirs FROM {_NAMES.named("n")}
    WHERE channel = :channel AND refund.ours AND refund_id = n.ours
      AND partner_refund_id IS NULL"""  # noqa: S608  # ours
)
_OTHERWISE = sa.text(
    f"""SELECT refund_id, partner_refund_id FROM refund JOIN {_NAMES.named("n")}
      ON refund_id = n.ours
    WHERE channel = :channel AND refund.ours
      AND partner_refund_id <> n.theirs"""  # noqa: S608  # ours
)
_NAMED = sa.text(
    """SELECT partner_refund_id FROM refund
    WHERE channel = :channel AND partner_refund_id = ANY (:theirs)"""
)
_UNNAMED = sa.text(
    """SELECT refund_id, channel_order_id, currency, amount FROM refund
    WHERE channel = :channel AND channel_order_id = ANY (:orders) AND ours
      AND partner_refund_id IS NULL
    ORDER BY id FOR UPDATE"""
)
