"""What the books behind a connection are to be told, were told, and made of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import floor_id
from hub.store.base.rows import Rows

_START = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Taken:
    """An entry of the ledger that a connection's books are to hear of, and on which day it was."""

    connection: str
    entry: UUID
    merchant: str
    half: str
    day: date
    currency: str


@dataclass(frozen=True, slots=True)
class Told:
    """What they were told: one number for these entries of the ledger."""

    connection: str
    number: str
    merchant: str
    day: date
    meant: date | None
    currency: str
    total: Decimal
    entries: Sequence[UUID]
    message: UUID


def lock(db: Connection) -> bool:
    """One at a time tells the books, to the end of the transaction. False: somebody else does."""
    return bool(db.scalar(_LOCK))


def after(db: Connection, connection: str) -> UUID:
    """Up to which entry of the ledger a connection was looked at."""
    return db.scalar(_AFTER, {"name": f"books:{connection}"}) or _START


def came_to(db: Connection, connection: str, entry: UUID) -> None:
    """Note how far a connection was looked at."""
    db.execute(_CAME_TO, {"name": f"books:{connection}", "after": entry})


def horizon(db: Connection, margin_s: float) -> UUID:
    """Entries below it are of transactions that have ended; clocks may differ by `margin_s`."""
    return floor_id(db.execute(_HORIZON, {"margin": margin_s}).scalar_one())


def take(db: Connection, taken: Iterable[Taken]) -> None:
    """Keep what is to be told."""
    rows = [(it.connection, it.entry, it.merchant, it.half, it.day, it.currency) for it in taken]
    if rows:
        db.execute(_TAKE, _TAKEN.of(rows))


def due(db: Connection, connection: str, before: date, most: int) -> list[Taken]:
    """What was not told yet of the days before one, the oldest first."""
    rows = db.execute(_DUE, {"connection": connection, "before": before, "most": most})
    return [
        Taken(connection, row.entry_id, row.merchant_id, row.half, row.day, row.currency)
        for row in rows
    ]


def tell(db: Connection, tellings: Sequence[Told]) -> None:
    """Keep what they are told, beside the messages that tell it."""
    if not tellings:
        return
    heads = (
        (it.connection, it.number, it.merchant, it.day, it.meant, it.currency, it.total,
         len(it.entries), it.message)
        for it in tellings
    )  # fmt: skip
    db.execute(_TELL, _TOLD.of(heads))
    links = (
        (it.connection, entry, it.merchant, it.number) for it in tellings for entry in it.entries
    )
    db.execute(_NUMBER, _LINKS.of(links))


def book(db: Connection, references: Mapping[UUID, str | None]) -> None:
    """Note that the books have what these messages told, under the numbers that they gave."""
    if references:
        db.execute(_BOOK, _REFERENCES.of(references.items()))


_LOCK = sa.text("SELECT pg_try_advisory_xact_lock(hashtext('orderhub books'))")
_AFTER = sa.text("SELECT after FROM posting WHERE name = :name")
_CAME_TO = sa.text(
    """INSERT INTO posting (name, after) VALUES (:name, :after)
    ON CONFLICT (name) DO UPDATE SET after = excluded.after, looked_at = now()"""
)
_HORIZON = sa.text(
    """SELECT least(now(), min(xact_start)) - make_interval(secs => :margin)
    FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND backend_type = 'client backend'"""
)
_TAKEN = Rows(
    connection="text", entry="uuid", merchant="text", half="text", day="date", currency="text"
)
_TAKE = sa.text(
    f"""INSERT INTO book_entry (connection, entry_id, merchant_id, half, day, currency)
    SELECT * FROM {_TAKEN.arrays} ON CONFLICT DO NOTHING"""  # noqa: S608  # ours
)
_DUE = sa.text(
    """SELECT entry_id, merchant_id, half, day, currency FROM book_entry
    WHERE connection = :connection AND number IS NULL AND day < :before
    ORDER BY day, entry_id LIMIT :most"""
)
_TOLD = Rows(
    connection="text",
    number="text",
    merchant="text",
    day="date",
    meant="date",
    currency="text",
    total="numeric",
    entries="int",
    message="uuid",
)
_TELL = sa.text(
    f"""INSERT INTO book_telling (connection, number, merchant_id, day, meant, currency, total,
      entries, message_id)
    SELECT * FROM {_TOLD.arrays}"""  # noqa: S608  # ours
)
_LINKS = Rows(connection="text", entry="uuid", merchant="text", number="text")
_NUMBER = sa.text(
    f"""UPDATE book_entry SET number = l.number FROM {_LINKS.named("l")}
    WHERE book_entry.connection = l.connection AND book_entry.entry_id = l.entry
      AND book_entry.merchant_id = l.merchant"""  # noqa: S608  # ours
)
_REFERENCES = Rows(message="uuid", reference="text")
_BOOK = sa.text(
    f"""UPDATE book_telling SET reference = coalesce(r.reference, book_telling.reference),
      booked_at = coalesce(booked_at, now())
    FROM {_REFERENCES.named("r")} WHERE book_telling.message_id = r.message"""  # noqa: S608  # ours
)
