"""Fulfilment orders with their lines, and the shipments that left under them; documents sealed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.catalogue import freeze
from hub.model.fulfilment import FulfilmentOrder, Shipment
from hub.store.pipelining import write
from hub.store.vault import Vault


@dataclass(slots=True)
class LineRow:
    """One line of a fulfilment order. `line_no` is the order's own."""

    line_no: int
    sku: str
    ordered: Decimal
    shipped: Decimal = Decimal(0)
    short: Decimal = Decimal(0)
    item_code: str | None = None
    quality: str = "good"


@dataclass(slots=True)
class FulfilmentRow:
    """A fulfilment order as it stands. `notice_id`: the outbox message that told the warehouse;
    `asked_back`: we asked the warehouse to let go of it.
    """

    id: UUID
    merchant: str
    order_id: UUID
    warehouse: str
    status: str
    document: FulfilmentOrder
    lines: list[LineRow]
    notice_id: UUID | None = None
    warehouse_reference: str | None = None
    reason: str | None = None
    asked_back: bool = False


def load(db: Connection, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, FulfilmentRow]:
    """Lock and load fulfilment orders by id, with their lines."""
    return _with_lines(db, vault, db.execute(_FULFILMENT, {"ids": sorted(set(ids))}).all())


def of_orders(
    db: Connection, vault: Vault, orders: Iterable[UUID]
) -> dict[UUID, list[FulfilmentRow]]:
    """Lock and load all fulfilment orders of these orders."""
    rows = db.execute(_FULFILMENT_OF, {"ids": sorted(set(orders))}).all()
    found: dict[UUID, list[FulfilmentRow]] = {}
    for row in _with_lines(db, vault, rows).values():
        found.setdefault(row.order_id, []).append(row)
    return found


def order_ids_of(db: Connection, fulfilment_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Fulfilment order -> order, without locking: orders are locked first, fulfilment orders
    second.
    """
    rows = db.execute(_ORDER_OF, {"ids": sorted(set(fulfilment_ids))})
    return {row.id: row.order_id for row in rows}


def insert(db: Connection, vault: Vault, rows: Sequence[FulfilmentRow]) -> None:
    """Store new fulfilment orders with their lines."""
    if not rows:
        return
    write(
        db,
        _INSERT_FULFILMENT,
        {
            "ids": [row.id for row in rows],
            "merchants": [row.merchant for row in rows],
            "orders": [row.order_id for row in rows],
            "warehouses": [row.warehouse for row in rows],
            "statuses": [row.status for row in rows],
            "notices": [row.notice_id for row in rows],
            "documents": [
                vault.seal_packed(
                    vault.packed(row.document), "fulfilment_order.document", row.merchant, row.id
                )
                for row in rows
            ],
        },
    )
    lines = [(row, line) for row in rows for line in row.lines]
    write(
        db,
        _INSERT_LINES,
        {
            "ids": [row.id for row, _ in lines],
            "merchants": [row.merchant for row, _ in lines],
            "numbers": [line.line_no for _, line in lines],
            "skus": [line.sku for _, line in lines],
            "items": [line.item_code for _, line in lines],
            "qualities": [line.quality for _, line in lines],
            "ordered": [line.ordered for _, line in lines],
        },
    )


def update(db: Connection, rows: Sequence[FulfilmentRow]) -> None:
    """Store status, references and line quantities of fulfilment orders."""
    if not rows:
        return
    write(
        db,
        _UPDATE_FULFILMENT,
        {
            "ids": [row.id for row in rows],
            "statuses": [row.status for row in rows],
            "references": [row.warehouse_reference for row in rows],
            "reasons": [row.reason for row in rows],
            "asked": [row.asked_back for row in rows],
            "notices": [row.notice_id for row in rows],
        },
    )
    lines = [(row, line) for row in rows for line in row.lines]
    write(
        db,
        _UPDATE_LINES,
        {
            "ids": [row.id for row, _ in lines],
            "numbers": [line.line_no for _, line in lines],
            "shipped": [line.shipped for _, line in lines],
            "short": [line.short for _, line in lines],
        },
    )


def insert_shipments(
    db: Connection, vault: Vault, rows: Sequence[tuple[UUID, FulfilmentRow, Shipment]]
) -> set[UUID]:
    """Store shipments (id, fulfilment order, document), each source id once. Returns the ids that
    are new.
    """
    if not rows:
        return set()
    return set(
        db.scalars(
            _INSERT_SHIPMENTS,
            {
                "ids": [id_ for id_, _, _ in rows],
                "merchants": [row.merchant for _, row, _ in rows],
                "fulfilments": [row.id for _, row, _ in rows],
                "orders": [row.order_id for _, row, _ in rows],
                "sources": [shipment.source.id for _, _, shipment in rows],
                "shipped": [shipment.shipped_at for _, _, shipment in rows],
                "documents": [
                    vault.seal(freeze(shipment), "shipment.document", row.merchant, id_)
                    for id_, row, shipment in rows
                ],
            },
        )
    )


def shipments_of(
    db: Connection, vault: Vault, fulfilment_ids: Iterable[UUID]
) -> dict[UUID, list[Shipment]]:
    """What left already under these fulfilment orders."""
    found: dict[UUID, list[Shipment]] = {}
    for row in db.execute(_SHIPMENTS_OF, {"ids": sorted(set(fulfilment_ids))}):
        raw = vault.open(row.document, "shipment.document", row.merchant_id, row.id)
        found.setdefault(row.fulfilment_order_id, []).append(Shipment.model_validate_json(raw))
    return found


def _with_lines(db: Connection, vault: Vault, rows: Sequence[Any]) -> dict[UUID, FulfilmentRow]:
    if not rows:
        return {}
    lines: dict[UUID, list[LineRow]] = {row.id: [] for row in rows}
    for line in db.execute(_LINES, {"ids": list(lines)}):
        lines[line.fulfilment_order_id].append(
            LineRow(
                line.line_no,
                line.sku,
                line.ordered,
                line.shipped,
                line.short,
                line.item_code,
                line.quality,
            )
        )
    return {row.id: _fulfilment(vault, row, lines[row.id]) for row in rows}


def _fulfilment(vault: Vault, row: Any, lines: list[LineRow]) -> FulfilmentRow:
    raw = vault.open(row.document, "fulfilment_order.document", row.merchant_id, row.id)
    return FulfilmentRow(
        id=row.id,
        merchant=row.merchant_id,
        order_id=row.order_id,
        warehouse=row.warehouse,
        status=row.status,
        document=FulfilmentOrder.model_validate_json(raw),
        lines=lines,
        notice_id=row.notice_id,
        warehouse_reference=row.warehouse_reference,
        reason=row.reason,
        asked_back=row.asked_back,
    )


_FULFILMENT_COLUMNS = """SELECT id, merchant_id, order_id, warehouse, status, notice_id,
  warehouse_reference, reason, asked_back, document FROM fulfilment_order"""
_FULFILMENT = sa.text(f"{_FULFILMENT_COLUMNS} WHERE id = ANY (:ids) ORDER BY id FOR UPDATE")
_FULFILMENT_OF = sa.text(
    f"{_FULFILMENT_COLUMNS} WHERE order_id = ANY (:ids) ORDER BY id FOR UPDATE"
)
_ORDER_OF = sa.text("SELECT id, order_id FROM fulfilment_order WHERE id = ANY (:ids)")
_LINES = sa.text(
    """SELECT fulfilment_order_id, line_no, sku, item_code, quality, ordered, shipped,
      short FROM fulfilment_line
    WHERE fulfilment_order_id = ANY (:ids) ORDER BY fulfilment_order_id, line_no"""
)
_INSERT_FULFILMENT = sa.text(
    """INSERT INTO fulfilment_order (id, merchant_id, order_id, warehouse, status, notice_id,
      document)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:merchants AS text[]), CAST(:orders AS uuid[]),
      CAST(:warehouses AS text[]), CAST(:statuses AS text[]), CAST(:notices AS uuid[]),
      CAST(:documents AS bytea[]))"""
)
_INSERT_LINES = sa.text(
    """INSERT INTO fulfilment_line (fulfilment_order_id, merchant_id, line_no, sku, item_code,
      quality, ordered)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:merchants AS text[]), CAST(:numbers AS int[]),
      CAST(:skus AS text[]), CAST(:items AS text[]), CAST(:qualities AS text[]),
      CAST(:ordered AS numeric[]))"""
)
_UPDATE_FULFILMENT = sa.text(
    """UPDATE fulfilment_order SET status = f.status, warehouse_reference = f.reference,
      reason = f.reason,
      notice_id = f.notice, asked_back = f.asked, updated_at = now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:references AS text[]),
      CAST(:reasons AS text[]),
      CAST(:notices AS uuid[]),
      CAST(:asked AS boolean[])) AS f (id, status, reference, reason, notice, asked)
    WHERE fulfilment_order.id = f.id"""
)
_UPDATE_LINES = sa.text(
    """UPDATE fulfilment_line SET shipped = l.shipped, short = l.short
    FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS int[]), CAST(:shipped AS numeric[]),
      CAST(:short AS numeric[]))
      AS l (id, line_no, shipped, short)
    WHERE fulfilment_line.fulfilment_order_id = l.id AND fulfilment_line.line_no = l.line_no
      AND (fulfilment_line.shipped <> l.shipped OR fulfilment_line.short <> l.short)"""
)
_INSERT_SHIPMENTS = sa.text(
    """INSERT INTO shipment (id, merchant_id, fulfilment_order_id, order_id, source_id,
      shipped_at, document)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:merchants AS text[]),
      CAST(:fulfilments AS uuid[]), CAST(:orders AS uuid[]), CAST(:sources AS text[]),
      CAST(:shipped AS timestamptz[]), CAST(:documents AS bytea[]))
    ON CONFLICT DO NOTHING RETURNING id"""
)
_SHIPMENTS_OF = sa.text(
    """SELECT id, merchant_id, fulfilment_order_id, document FROM shipment
    WHERE fulfilment_order_id = ANY (:ids) ORDER BY id"""
)
