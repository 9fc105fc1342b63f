"""Fulfilment orders with their lines; documents sealed."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.fulfilment import FulfilmentOrder
from hub.model.product import Kit, Served
from hub.store.base import sealed_words
from hub.store.base.ids import long, short
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault

_PREFIX = "F"


def number(id: UUID) -> str:  # noqa: A002
    """A fulfilment order's number as partners see it."""
    return short(_PREFIX, id)


def id_of(number: str) -> UUID | None:
    """The id behind a number; None where it is none of ours."""
    return long(_PREFIX, number)


@dataclass(slots=True)
class LineRow:
    """One line of a fulfilment order. `line_no` is the order's own; of a part of a `kit`, which is
    for the `order_line`, a number of its own.
    """

    line_no: int
    sku: str
    ordered: Decimal
    shipped: Decimal = Decimal(0)
    short: Decimal = Decimal(0)
    item_code: str | None = None
    quality: str = "good"
    order_line: int | None = None
    kit: Kit | None = None

    def serving(self, pieces: Decimal) -> Served:
        """So many pieces of it, for its order line."""
        return Served(self.order_line or self.line_no, self.sku, pieces, self.kit)


@dataclass(slots=True)
class FulfilmentRow:
    """A fulfilment order as it stands. `notice_id`: the outbox message that told the warehouse;
    `asked_back`: we asked the warehouse to let go of it; `delivered_at`: as it was told.

    `merged_into`: the one whose notice tells of this one too, there with `line_offset` added to its
    lines; `recipient`: a mark of whom it goes to, where it may meet others; `revision`: how many
    notices of it there were, all but the last taken back unsent.
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
    delivered_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    merged_into: UUID | None = None
    line_offset: int = 0
    recipient: bytes | None = None
    revision: int = 1

    @property
    def number(self) -> str:
        """As partners see it."""
        return number(self.id)

    @property
    def told_as(self) -> str:
        """The number under which its warehouse knows it."""
        return number(self.merged_into or self.id)


def load(db: Connection, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, FulfilmentRow]:
    """Lock and load fulfilment orders by id, with their lines."""
    return _with_lines(db, vault, db.execute(_FULFILMENT, {"ids": sorted(set(ids))}).all())


def of_orders(
    db: Connection, vault: Vault, orders: Iterable[UUID], *, locked: bool = True
) -> dict[UUID, list[FulfilmentRow]]:
    """Lock and load all fulfilment orders of these orders; not `locked`, to look at only. What
    waits to be told in one notice with them is locked as well, all in one order: whoever takes one
    out of it has the others told anew, and two that did so at once would wait for each other.
    """
    theirs = set(orders)
    query = _FULFILMENT_OF if locked else _SEEN_OF
    there = db.execute(query, {"ids": sorted(theirs)})
    rows = [row for row in there if row.order_id in theirs]
    by_order: dict[UUID, list[FulfilmentRow]] = {}
    for row in _with_lines(db, vault, rows).values():
        by_order.setdefault(row.order_id, []).append(row)
    return by_order


def order_ids_of(db: Connection, fulfilment_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Fulfilment order -> order, of these and of those that were told with them, without locking:
    orders are locked first, fulfilment orders second.
    """
    rows = db.execute(_ORDER_OF, {"ids": sorted(set(fulfilment_ids))})
    return {row.id: row.order_id for row in rows}


def insert(db: Connection, vault: Vault, rows: Sequence[FulfilmentRow]) -> None:
    """Store new fulfilment orders with their lines."""
    if not rows:
        return
    write(db, _INSERT_FULFILMENT, _FULFILMENTS.of(_new(vault, row) for row in rows))
    lines = (
        (
            *(row.id, row.merchant, line.line_no, line.sku, line.item_code, line.quality),
            *(line.ordered, line.order_line, line.kit and json.dumps(line.kit.kept())),
        )
        for row in rows
        for line in row.lines
    )
    write(db, _INSERT_LINES, _NEW_LINES.of(lines))


def update(db: Connection, vault: Vault, rows: Sequence[FulfilmentRow]) -> None:
    """Store status, references and line quantities of fulfilment orders. By which notice they are
    told is changed by `merged.py` alone.
    """
    if not rows:
        return
    write(db, _UPDATE_FULFILMENT, _STANDING.of(_standing(vault, row) for row in rows))
    lines = ((row.id, line.line_no, line.shipped, line.short) for row in rows for line in row.lines)
    write(db, _UPDATE_LINES, _LINES_STANDING.of(lines))


def end_kits(db: Connection, orders: Iterable[UUID]) -> None:
    """Of the kits of these orders no more parts will leave."""
    db.execute(_END_KITS, {"ids": sorted(set(orders))})


def _new(vault: Vault, row: FulfilmentRow) -> tuple[Any, ...]:
    packed, place = vault.packed(row.document), "fulfilment_order.document"
    sealed = vault.seal_packed(packed, place, row.merchant, row.id)
    who = (row.id, row.merchant, row.order_id, row.warehouse)
    told = (row.notice_id, row.merged_into, row.line_offset, row.recipient)
    return (*who, row.status, *told, row.document.ship_by, sealed)


def _standing(vault: Vault, row: FulfilmentRow) -> tuple[Any, ...]:
    reason = row.reason and sealed_words.seal(vault, row.reason, _REASON, row.merchant, row.id)
    how = (row.id, row.status, row.warehouse_reference, reason)
    return (*how, row.asked_back, row.delivered_at)


def _with_lines(db: Connection, vault: Vault, rows: Sequence[Any]) -> dict[UUID, FulfilmentRow]:
    if not rows:
        return {}
    lines: dict[UUID, list[LineRow]] = {row.id: [] for row in rows}
    for line in db.execute(_LINES, {"ids": list(lines)}):
        lines[line.fulfilment_order_id].append(
            LineRow(
                *(line.line_no, line.sku, line.ordered, line.shipped, line.short),
                *(line.item_code, line.quality, line.order_line, Kit.read(line.kit)),
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
        reason=row.reason
        and sealed_words.clear(vault, row.reason, _REASON, row.merchant_id, row.id),
        asked_back=row.asked_back,
        delivered_at=row.delivered_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        merged_into=row.merged_into,
        line_offset=row.line_offset,
        recipient=row.recipient,
        revision=row.revision,
    )


_REASON = "fulfilment_order.reason"
_FULFILMENT_COLUMNS = """SELECT id, merchant_id, order_id, warehouse, status, notice_id,
  warehouse_reference, reason, asked_back, delivered_at, created_at, updated_at, document,
  merged_into, line_offset, recipient, revision
  FROM fulfilment_order"""
_FULFILMENT = sa.text(f"{_FULFILMENT_COLUMNS} WHERE id = ANY (:ids) ORDER BY id FOR UPDATE")
_SEEN_OF = sa.text(f"{_FULFILMENT_COLUMNS} WHERE order_id = ANY (:ids) ORDER BY id")
_FULFILMENT_OF = sa.text(
    f"""{_FULFILMENT_COLUMNS} WHERE order_id = ANY (:ids) OR id = ANY (ARRAY (
      SELECT merged_into FROM fulfilment_order
      WHERE order_id = ANY (:ids) AND merged_into IS NOT NULL AND status = 'notified'
      UNION ALL
      SELECT beside.id FROM fulfilment_order AS mine JOIN fulfilment_order AS beside
        ON beside.merged_into = coalesce(mine.merged_into, mine.id)
      WHERE mine.order_id = ANY (:ids) AND mine.status = 'notified' AND beside.status = 'notified'
    )) ORDER BY id FOR UPDATE"""  # noqa: S608  # constants of this module
)
_ORDER_OF = sa.text(
    """SELECT id, order_id FROM fulfilment_order
    WHERE id = ANY (:ids) OR merged_into = ANY (:ids)"""
)
_LINES = sa.text(
    """SELECT fulfilment_order_id, line_no, sku, item_code, quality, ordered, shipped,
      short, order_line, kit FROM fulfilment_line
    WHERE fulfilment_order_id = ANY (:ids) ORDER BY fulfilment_order_id, line_no"""
)
_FULFILMENTS = Rows(
    id="uuid",
    merchant="text",
    order_id="uuid",
    warehouse="text",
    status="text",
    notice="uuid",
    merged="uuid",
    place="int",
    recipient="bytea",
    ship_by="timestamptz",
    document="bytea",
)
_INSERT_FULFILMENT = sa.text(
    f"""INSERT INTO fulfilment_order (id, merchant_id, order_id, warehouse, status, notice_id,
      merged_into, line_offset, recipient, ship_by, document)
    SELECT * FROM {_FULFILMENTS.arrays}"""  # noqa: S608  # ours
)
_NEW_LINES = Rows(
    id="uuid",
    merchant="text",
    line_no="int",
    sku="text",
    item="text",
    quality="text",
    ordered="numeric",
    order_line="int",
    kit="text",
)
_INSERT_LINES = sa.text(
    f"""INSERT INTO fulfilment_line (fulfilment_order_id, merchant_id, line_no, sku, item_code,
      quality, ordered, order_line, kit)
    SELECT id, merchant, line_no, sku, item, quality, ordered, order_line, CAST(kit AS jsonb)
    FROM {_NEW_LINES.named("l")}"""  # noqa: S608  # ours
)
_END_KITS = sa.text(
    """UPDATE fulfilment_line AS line SET kit = line.kit || '{"ended": true}'
    FROM fulfilment_order AS o
    WHERE o.id = line.fulfilment_order_id AND o.order_id = ANY (:ids) AND line.kit IS NOT NULL"""
)
_STANDING = Rows(
    id="uuid",
    status="text",
    reference="text",
    reason="text",
    asked="boolean",
    delivered="timestamptz",
)
_UPDATE_FULFILMENT = sa.text(
    f"""UPDATE fulfilment_order SET status = f.status, warehouse_reference = f.reference,
      reason = f.reason,
      asked_back = f.asked, delivered_at = f.delivered, updated_at = now()
    FROM {_STANDING.named("f")}
    WHERE fulfilment_order.id = f.id"""  # noqa: S608  # ours
)
_LINES_STANDING = Rows(id="uuid", line_no="int", shipped="numeric", short="numeric")
_UPDATE_LINES = sa.text(
    f"""UPDATE fulfilment_line SET shipped = l.shipped, short = l.short
    FROM {_LINES_STANDING.named("l")}
    WHERE fulfilment_line.fulfilment_order_id = l.id AND fulfilment_line.line_no = l.line_no
      AND (fulfilment_line.shipped <> l.shipped OR fulfilment_line.short <> l.short)"""  # noqa: S608  # ours
)
