"""Up to which day books are closed: of all of a merchant's, or of one connection's."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

ALL = ""
"""In place of a connection: all books of the merchant."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing is booked up to and with this day any more."""

    merchant: str
    connection: str
    until: date
    by: str
    at: datetime


def close(db: Connection, merchant: str, connection: str, until: date, by: str) -> bool:
    """Close up to a day. False where it is closed further already: what is closed stays so."""
    values = {"merchant": merchant, "connection": connection, "until": until, "by": by}
    return db.execute(_CLOSE, values).one_or_none() is not None


def closed(db: Connection) -> list[Closed]:
    """All that is closed, within reach."""
    return [
        Closed(row.merchant_id, row.connection, row.until, row.closed_by, row.closed_at)
        for row in db.execute(_CLOSED)
    ]


def of(rows: list[Closed], merchant: str, connection: str) -> date | None:
    """Up to when the books of a merchant behind a connection are closed."""
    return max(
        (it.until for it in rows if it.merchant == merchant and it.connection in (ALL, connection)),
        default=None,
    )


_CLOSE = sa.text(
    """INSERT INTO book_lock (merchant_id, connection, until, closed_by)
    VALUES (:merchant, :connection, :until, :by)
    ON CONFLICT (merchant_id, connection) DO UPDATE
    SET until = excluded.until, closed_by = excluded.closed_by, closed_at = now()
    WHERE book_lock.until < excluded.until RETURNING until"""
)
_CLOSED = sa.text(
    """SELECT merchant_id, connection, until, closed_by, closed_at FROM book_lock
    ORDER BY merchant_id, connection"""
)
