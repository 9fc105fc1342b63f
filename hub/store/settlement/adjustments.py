"""Corrections by hand: entered by one person, decided by another."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A correction in favour of the merchant; negative: of the operator."""

    id: UUID
    merchant: str
    currency: str
    amount: Decimal
    reason: str
    entered_by: str
    entered_at: datetime
    decision: str | None
    decided_by: str | None


def enter(db: Connection, row: Adjustment) -> None:
    """Store a correction that waits for another person's word."""
    values = {
        "id": row.id, "merchant": row.merchant, "currency": row.currency, "amount": row.amount,
        "reason": row.reason, "who": row.entered_by,
    }  # fmt: skip
    db.execute(_ENTER, values)


def load(db: Connection, id_: UUID) -> Adjustment | None:
    """One correction, locked."""
    row = db.execute(_LOAD, {"id": id_}).one_or_none()
    return Adjustment(*row) if row else None


def decide(db: Connection, row: Adjustment, decision: str, who: str) -> None:
    """Note what was decided, and by whom."""
    db.execute(_DECIDE, {"id": row.id, "decision": decision, "who": who})


def waiting(db: Connection, most: int = 200) -> list[Adjustment]:
    """Corrections that nobody decided yet, the oldest first."""
    return [Adjustment(*row) for row in db.execute(_WAITING, {"most": most})]


def authors(db: Connection, ids: list[UUID]) -> set[str]:
    """Who entered these."""
    return set(db.scalars(_AUTHORS, {"ids": ids}))


_COLUMNS = """id, merchant_id, currency, amount, reason, entered_by, entered_at, decision,
  decided_by"""
_ENTER = sa.text(
    """INSERT INTO adjustment (id, merchant_id, currency, amount, reason, entered_by)
    VALUES (:id, :merchant, :currency, :amount, :reason, :who)"""
)
_LOAD = sa.text(f"SELECT {_COLUMNS} FROM adjustment WHERE id = :id FOR UPDATE")  # noqa: S608
_DECIDE = sa.text(
    """UPDATE adjustment SET decision = :decision, decided_by = :who, decided_at = now()
    WHERE id = :id"""
)
_WAITING = sa.text(
    f"""SELECT {_COLUMNS} FROM adjustment WHERE decision IS NULL
    ORDER BY id LIMIT :most"""  # noqa: S608  # ours
)
_AUTHORS = sa.text("SELECT DISTINCT entered_by FROM adjustment WHERE id = ANY (:ids)")
