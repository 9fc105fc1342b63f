"""How long merchants keep their customers, and who is past his time: nobody ordered as him since.
Whoever never ordered counts from the day he became known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class Kept:
    """A merchant's word: so many days after the last order, None for ever."""

    merchant: str
    days: int | None
    author: str
    at: datetime


def all_kept(db: Connection) -> list[Kept]:
    """The merchants whose customers go by themselves."""
    return [Kept(*row) for row in db.execute(_ALL)]


def of(db: Connection, merchant: str) -> Kept | None:
    """A merchant's word, where it said one."""
    row = db.execute(_OF, {"merchant": merchant}).one_or_none()
    return None if row is None else Kept(*row)


def say(db: Connection, kept: Kept) -> None:
    """Say how long a merchant's customers are kept from now on."""
    values = {"merchant": kept.merchant, "days": kept.days, "author": kept.author, "at": kept.at}
    db.execute(_SAY, values)


def past(
    db: Connection, merchant: str, before: datetime, after: UUID | None, most: int
) -> Sequence[UUID]:
    """Customers who ordered last before a moment, by id; each stands for all who are one with
    him.
    """
    values = {"merchant": merchant, "before": before, "after": after, "most": most}
    return list(db.scalars(_PAST, values))


def count(db: Connection, merchant: str, before: datetime) -> int:
    """How many they are."""
    return int(db.scalar(_COUNT, {"merchant": merchant, "before": before}) or 0)


_KEPT = "SELECT merchant_id, days, author, at FROM customer_retention"
_ALL = sa.text(f"{_KEPT} WHERE days IS NOT NULL ORDER BY merchant_id")
_OF = sa.text(f"{_KEPT} WHERE merchant_id = :merchant")
_SAY = sa.text(
    """INSERT INTO customer_retention (merchant_id, days, author, at)
    VALUES (:merchant, :days, :author, :at)
    ON CONFLICT (merchant_id) DO UPDATE SET days = excluded.days, author = excluded.author,
      at = excluded.at"""
)
_WHO = """FROM customer WHERE merchant_id = :merchant AND status = 'known'
    AND (last_order_at < :before OR last_order_at IS NULL AND created_at < :before)"""
_PAST = sa.text(
    f"""SELECT id {_WHO} AND (CAST(:after AS uuid) IS NULL OR id > :after)
    ORDER BY id LIMIT :most"""
)
_COUNT = sa.text(f"SELECT count(*) {_WHO}")
