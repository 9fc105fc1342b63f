"""The books as people see them: what they do not have yet, and why."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

NOT_DUE = "not_due"
"""Why: it waits for its day to end, or for the next pass."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What of a day the books behind a connection do not have, for one reason. `status` is that of
    the messages that tell it; `message`: the oldest of them.
    """

    connection: str
    merchant: str
    day: date
    currency: str
    status: str
    code: str | None
    count: int
    entries: int
    total: Decimal | None
    message: UUID | None


@dataclass(frozen=True, slots=True)
class Booked:
    """What the books were told under a number, and their own number of it."""

    connection: str
    number: str
    merchant: str
    day: date
    meant: date | None
    currency: str
    total: Decimal
    entries: int
    reference: str | None
    message: UUID
    is_booked: bool


def missing(db: Connection, connection: str | None = None, most: int = 1000) -> list[Missing]:
    """What has not arrived, the oldest days first."""
    rows = db.execute(_MISSING, {"connection": connection, "most": most})
    return [
        Missing(
            row.connection, row.merchant_id, row.day, row.currency, row.status, row.code,
            row.tellings, row.entries, row.total, row.message_id,
        )
        for row in rows
    ]  # fmt: skip


def latest(db: Connection, connection: str | None = None, most: int = 50) -> list[Booked]:
    """What was told last."""
    rows = db.execute(_LATEST, {"connection": connection, "most": most})
    return [
        Booked(
            row.connection, row.number, row.merchant_id, row.day, row.meant, row.currency,
            row.total, row.entries, row.reference, row.message_id, row.booked_at is not None,
        )
        for row in rows
    ]  # fmt: skip


_MISSING = sa.text(
    f"""SELECT connection, merchant_id, day, currency, status, code, count(*) AS tellings,
      sum(entries) AS entries, sum(total) AS total, min(message_id::text)::uuid AS message_id
    FROM (
      SELECT told.connection, told.merchant_id, told.day, told.currency,
        coalesce(work.status, message.status, 'gone') AS status,
        message.error ->> 'code' AS code, told.entries, told.total, told.message_id
      FROM book_telling AS told
      LEFT JOIN work ON work.id = told.message_id
      LEFT JOIN message ON message.id = told.message_id
      WHERE told.booked_at IS NULL
        AND (CAST(:connection AS text) IS NULL OR told.connection = :connection)
      UNION ALL
      SELECT connection, merchant_id, day, currency, '{NOT_DUE}', NULL, 1, NULL, NULL
      FROM book_entry WHERE number IS NULL
        AND (CAST(:connection AS text) IS NULL OR connection = :connection)
    ) AS open
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY day, connection, merchant_id, currency, status LIMIT :most"""  # noqa: S608  # ours
)
_LATEST = sa.text(
    """SELECT * FROM book_telling
    WHERE CAST(:connection AS text) IS NULL OR connection = :connection
    ORDER BY told_at DESC, number DESC LIMIT :most"""
)
