"""The money of returns, part by part: what each refund of ours is made of."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.document import pieces
from hub.store.base.ids import new_ids
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """One part of a refund (`rules/returns/money.Part`), tax included. `parts`: SKU -> pieces of
    kits that it pays for; `quantity` are then the kits that they complete.
    """

    merchant: str
    return_id: UUID
    order_id: UUID
    refund_id: str
    part: str
    order_line: int | None
    quantity: Decimal
    amount: Decimal
    tax: Decimal
    actor: str
    parts: Mapping[str, Decimal] = field(default_factory=dict)


def add(db: Connection, rows: Sequence[MoneyRow]) -> None:
    """Keep the parts of a refund."""
    values = (
        (
            *(id_, it.merchant, it.return_id, it.order_id, it.refund_id, it.part, it.order_line),
            *(it.quantity, it.amount, it.tax, it.actor),
            json.dumps({sku: pieces(n) for sku, n in it.parts.items()}) if it.parts else None,
        )
        for id_, it in zip(new_ids(len(rows)), rows, strict=True)
    )
    if rows:
        write(db, _ADD, _PARTS.of(values))


def of(db: Connection, returns: Iterable[UUID]) -> Sequence[Any]:
    """All parts of the refunds of these returns, the oldest first."""
    return db.execute(_OF, {"ids": sorted(set(returns))}).all()


def of_kits(db: Connection, order: UUID) -> dict[int, list[tuple[Mapping[str, Decimal], Decimal]]]:
    """What was paid back of an order's kits, by any return: line of the order -> the parts, and the
    kits that were counted for them.
    """
    paid: dict[int, list[tuple[Mapping[str, Decimal], Decimal]]] = {}
    for row in db.execute(_OF_KITS, {"order": order}):
        parts = {sku: Decimal(n) for sku, n in row.parts.items()}
        paid.setdefault(row.order_line, []).append((parts, row.quantity))
    return paid


_PARTS = Rows(
    id="uuid",
    merchant="text",
    return_id="uuid",
    order_id="uuid",
    refund="text",
    part="text",
    order_line="int",
    quantity="numeric",
    amount="numeric",
    tax="numeric",
    actor="text",
    parts="text",
)
_ADD = sa.text(
    f"""INSERT INTO return_money (id, merchant_id, return_id, order_id, refund_id, part, order_line,
      quantity, amount, tax, actor, parts)
    SELECT id, merchant, return_id, order_id, refund, part, order_line, quantity, amount, tax,
      actor, CAST(parts AS jsonb) FROM {_PARTS.named("p")}"""  # noqa: S608  # ours
)
_OF = sa.text(
    """SELECT return_id, refund_id, part, order_line, quantity, amount, tax, actor, parts, at
    FROM return_money WHERE return_id = ANY (:ids) ORDER BY id"""
)
_OF_KITS = sa.text(
    """SELECT order_line, parts, quantity FROM return_money
    WHERE order_id = :order AND parts IS NOT NULL ORDER BY id"""
)
