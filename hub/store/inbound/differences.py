"""How what came in differs from what was expected, and what was decided about it.

A difference is known by what it is about (a notice, or a receipt that has none) and its key; worked
out anew it gets its new number of pieces, and what was decided of it stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import long, new_ids, short
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows

_PREFIX = "D"


def id_text(id: UUID) -> str:  # noqa: A002
    """A difference's id as the Open API and the ledger name it."""
    return short(_PREFIX, id)


def id_of(text: str) -> UUID | None:
    """The id behind such a text; None where it is none of ours."""
    return long(_PREFIX, text)


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A difference as it was worked out. `subject`: the notice, or the receipt without one."""

    merchant: str
    subject: UUID
    key: str
    warehouse: str
    number: str
    code: str
    line_no: int | None
    sku: str
    quality: str
    quantity: Decimal


def settle(db: Connection, rows: Sequence[DifferenceRow], subjects: Iterable[UUID]) -> None:
    """Make these the differences of these notices and receipts; what is no difference any more has
    no pieces from now on.
    """
    if known := sorted(set(subjects)):
        write(db, _CLEAR, {"subjects": known, "keys": [f"{it.subject}:{it.key}" for it in rows]})
    add(db, rows)


def add(db: Connection, rows: Sequence[DifferenceRow]) -> None:
    """Write differences; one that is known gets its new number of pieces."""
    values = (
        (
            *(id_, row.merchant, row.subject, row.key, row.warehouse, row.number, row.code),
            *(row.line_no, row.sku, row.quality, row.quantity),
        )
        for id_, row in zip(new_ids(len(rows)), rows, strict=True)
    )
    if rows:
        write(db, _WRITE, _DIFFERENCES.of(values))


def lock(db: Connection, difference_id: UUID) -> Any:
    """One difference, locked; None where there is none such in reach."""
    return db.execute(_LOCK, {"id": difference_id}).one_or_none()


def decide(
    db: Connection, difference_id: UUID, merchant: str, decided: Decimal, decision: str, who: str
) -> None:
    """Note what a person decided about all pieces of a difference so far."""
    values = {"id": difference_id, "merchant": merchant, "decided": decided}
    db.execute(_DECIDE, {**values, "decision": decision, "who": who})


_DIFFERENCES = Rows(
    id="uuid",
    merchant="text",
    subject="uuid",
    key="text",
    warehouse="text",
    number="text",
    code="text",
    line_no="int",
    sku="text",
    quality="text",
    quantity="numeric",
)
_WRITE = sa.text(
    f"""INSERT INTO receipt_difference AS stored (id, merchant_id, subject, key, warehouse, number,
      code, line_no, sku, quality, quantity)
    SELECT * FROM {_DIFFERENCES.arrays}
    ON CONFLICT (subject, key, merchant_id) DO UPDATE SET quantity = excluded.quantity
    WHERE stored.quantity <> excluded.quantity"""  # noqa: S608  # ours
)
_CLEAR = sa.text(
    """UPDATE receipt_difference SET quantity = 0
    WHERE subject = ANY (:subjects) AND quantity <> 0
      AND subject || ':' || key <> ALL (:keys)"""
)
_LOCK = sa.text("SELECT * FROM receipt_difference WHERE id = :id FOR UPDATE")
_DECIDE = sa.text(
    """UPDATE receipt_difference SET decided = :decided, decision = :decision,
      decided_by = :who, decided_at = now()
    WHERE id = :id AND merchant_id = :merchant"""
)
