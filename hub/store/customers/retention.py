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
    """A merchant's word: so many days after the last order, None for ever. `ran_at`: when the clock
    looked last; `erased`: how many it forgot then, `waiting`: how many stayed, as something of them
    was under way.
    """

    merchant: str
    days: int | None
    author: str
    at: datetime
    ran_at: datetime | None = None
    erased: int | None = None
    waiting: int | None = None


def all_kept(db: Connection) -> list[Kept]:
    """The merchants whose customers go by themselves."""
    return [Kept(*row) for row in db.execute(_ALL)]


def of(db: Connection, merchant: str) -> Kept | None:
    """A merchant's word, where it said one."""
    row = db.execute(_OF, {"merchant": merchant}).one_or_none()
    return None if row is None else Kept(*row)


def of_all(db: Connection, merchants: Sequence[str]) -> dict[str, Kept]:
    """The words of these merchants, where they said one."""
    rows = db.execute(_OF_ALL, {"merchants": list(merchants)})
    return {row.merchant_id: Kept(*row) for row in rows}


def ran(db: Connection, merchant: str, at: datetime, erased: int, waiting: int) -> None:
    """Note what the clock came to."""
    values = {"merchant": merchant, "at": at, "erased": erased, "waiting": waiting}
    db.execute(_RAN, values)


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


_KEPT = """SELECT merchant_id, days, author, at, ran_at, ran_erased, ran_waiting
  FROM customer_retention"""
_ALL = sa.text(f"{_KEPT} WHERE days IS NOT NULL ORDER BY merchant_id")
_OF = sa.text(f"{_KEPT} WHERE merchant_id = :merchant")
_OF_ALL = sa.text(f"{_KEPT} WHERE merchant_id = ANY (:merchants)")
_RAN = sa.text(
    """UPDATE customer_retention SET ran_at = :at, ran_erased = :erased, ran_waiting = :waiting
    WHERE merchant_id = :merchant"""
)
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
