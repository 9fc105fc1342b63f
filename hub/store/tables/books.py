"""What the books behind each connection were told of the ledger, and up to when they are closed."""

import sqlalchemy as sa

from hub.store.tables.columns import ID, count, metadata, moment, number, text

book_entry = sa.Table(
    "book_entry",
    metadata,
    text("connection"),
    sa.Column("entry_id", ID, nullable=False),
    text("merchant_id"),
    text("half"),
    sa.Column("day", sa.Date, nullable=False),
    text("currency"),
    text("number", nullable=True),
    sa.PrimaryKeyConstraint("connection", "entry_id", "merchant_id"),
    sa.Index("book_entry_due", "connection", "day", postgresql_where=sa.text("number IS NULL")),
    sa.Index("book_entry_number", "connection", "number"),
)

book_telling = sa.Table(
    "book_telling",
    metadata,
    text("connection"),
    text("number"),
    text("merchant_id"),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("meant", sa.Date),
    text("currency"),
    number("total", None),
    count("entries"),
    sa.Column("message_id", ID, nullable=False),
    text("reference", nullable=True),
    moment("told_at", now=True),
    moment("booked_at", nullable=True),
    sa.PrimaryKeyConstraint("connection", "number", "merchant_id"),
    sa.Index("book_telling_message", "message_id"),
    sa.Index(
        "book_telling_open", "connection", "day", postgresql_where=sa.text("booked_at IS NULL")
    ),
)

book_lock = sa.Table(
    "book_lock",
    metadata,
    text("merchant_id"),
    text("connection"),
    sa.Column("until", sa.Date, nullable=False),
    text("closed_by"),
    moment("closed_at", now=True),
    sa.PrimaryKeyConstraint("merchant_id", "connection"),
)
