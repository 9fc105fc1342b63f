"""The money of returns, part by part: what each refund of ours is made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import new_ids
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """One part of a refund (`rules/returns/money.Part`), tax included."""

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


def add(db: Connection, rows: Sequence[MoneyRow]) -> None:
    """Keep the parts of a refund."""
    values = (
        (
            *(id_, it.merchant, it.return_id, it.order_id, it.refund_id, it.part, it.order_line),
            *(it.quantity, it.amount, it.tax, it.actor),
        )
        for id_, it in zip(new_ids(len(rows)), rows, strict=True)
    )
    if rows:
        write(db, _ADD, _PARTS.of(values))


def of(db: Connection, returns: Iterable[UUID]) -> Sequence[Any]:
    """All parts of the refunds of these returns, the oldest first."""
    return db.execute(_OF, {"ids": sorted(set(returns))}).all()


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
)
_ADD = sa.text(
    f"""INSERT INTO return_money (id, merchant_id, return_id, order_id, refund_id, part, order_line,
      quantity, amount, tax, actor)
    SELECT * FROM {_PARTS.arrays}"""  # noqa: S608  # ours
)
_OF = sa.text(
    """SELECT return_id, refund_id, part, order_line, quantity, amount, tax, actor, at
    FROM return_money WHERE return_id = ANY (:ids) ORDER BY id"""
)
