"""Shipments that left under fulfilment orders; documents sealed."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.catalogue import freeze
from hub.model.fulfilment import Shipment
from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault
from hub.store.orders.fulfilments import FulfilmentRow


def insert(
    db: Connection, vault: Vault, rows: Sequence[tuple[UUID, FulfilmentRow, Shipment]]
) -> set[UUID]:
    """Store shipments (id, fulfilment order, document), each source id once. Returns the ids that
    are new.
    """
    if not rows:
        return set()
    values = (
        (
            *(id_, row.merchant, row.id, row.order_id, shipment.source.id, shipment.shipped_at),
            vault.seal(freeze(shipment), "shipment.document", row.merchant, id_),
        )
        for id_, row, shipment in rows
    )
    return set(db.scalars(_INSERT_SHIPMENTS, _SHIPMENTS.of(values)))


def of(db: Connection, vault: Vault, fulfilment_ids: Iterable[UUID]) -> dict[UUID, list[Shipment]]:
    """What left already under these fulfilment orders."""
    shipments: dict[UUID, list[Shipment]] = {}
    for row in db.execute(_SHIPMENTS_OF, {"ids": sorted(set(fulfilment_ids))}):
        raw = vault.open(row.document, "shipment.document", row.merchant_id, row.id)
        shipments.setdefault(row.fulfilment_order_id, []).append(Shipment.model_validate_json(raw))
    return shipments


def last_day(db: Connection, order_id: UUID) -> date | None:
    """The day (UTC) on which the last goods of an order left; None where none did."""
    moment = db.scalar(_LAST, {"order": order_id})
    return None if moment is None else moment.astimezone(UTC).date()


def withheld(
    db: Connection, vault: Vault, order_ids: Collection[UUID]
) -> dict[UUID, list[Shipment]]:
    """What left of these orders that nobody was told of yet: no kit in it was whole."""
    shipments: dict[UUID, list[Shipment]] = {}
    for row in db.execute(_WITHHELD, {"ids": sorted(order_ids)}) if order_ids else ():
        raw = vault.open(row.document, "shipment.document", row.merchant_id, row.id)
        shipments.setdefault(row.order_id, []).append(Shipment.model_validate_json(raw))
    return shipments


def withhold(db: Connection, told: Collection[UUID], kept: Collection[UUID]) -> None:
    """Note which are told later (`kept`), and the orders of which all others are `told`."""
    if told or kept:
        db.execute(_WITHHOLD, {"told": sorted(told), "kept": sorted(kept)})


_LAST = sa.text("SELECT max(shipped_at) FROM shipment WHERE order_id = :order")
_SHIPMENTS = Rows(
    id="uuid",
    merchant="text",
    fulfilment="uuid",
    order_id="uuid",
    source="text",
    shipped="timestamptz",
    document="bytea",
)
_INSERT_SHIPMENTS = sa.text(
    f"""INSERT INTO shipment (id, merchant_id, fulfilment_order_id, order_id, source_id,
      shipped_at, document)
    SELECT * FROM {_SHIPMENTS.arrays}
    ON CONFLICT DO NOTHING RETURNING id"""  # noqa: S608  # ours
)
_WITHHELD = sa.text(
    """SELECT id, merchant_id, order_id, document FROM shipment
    WHERE order_id = ANY (:ids) AND withheld ORDER BY id"""
)
_WITHHOLD = sa.text(
    """UPDATE shipment SET withheld = id = ANY (:kept)
    WHERE id = ANY (:kept) OR (order_id = ANY (:told) AND withheld)"""
)
_SHIPMENTS_OF = sa.text(
    """SELECT id, merchant_id, fulfilment_order_id, document FROM shipment
    WHERE fulfilment_order_id = ANY (:ids) ORDER BY id"""
)
