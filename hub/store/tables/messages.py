"""Messages: their history, where their bytes lie, and what must never repeat."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

from hub.store.tables.columns import BY_TIME, ID, count, in_archive, metadata, moment, text

message = sa.Table(
    "message",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("connection"),
    text("direction"),
    text("topic"),
    text("key"),
    text("outward_key", nullable=True),
    text("reference", nullable=True),
    text("successor", nullable=True),
    sa.Column("correlation_id", ID, nullable=False),
    sa.Column("cause_id", ID),
    sa.Column("order_id", ID),
    sa.Column("payload", BYTEA),
    *in_archive(),
    count("size"),
    count("version", "1"),
    text("status", nullable=True),
    sa.Column("error", JSONB),
    sa.Column("warnings", JSONB),
    count("attempts"),
    moment("received_at", now=True),
    moment("finished_at", nullable=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("message_correlation", "correlation_id"),
    sa.Index("message_order", "order_id", postgresql_where=sa.text("order_id IS NOT NULL")),
    sa.Index("message_key_text", "connection", "key"),
    sa.Index("message_to_archive", "id", postgresql_where=sa.text("archive_id IS NULL")),
    postgresql_partition_by=BY_TIME,
)

message_version = sa.Table(
    "message_version",
    metadata,
    sa.Column("message_id", ID, nullable=False),
    text("merchant_id"),
    count("version"),
    sa.Column("payload", BYTEA, nullable=False),
    text("author"),
    text("reason"),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("message_id", "version", "merchant_id"),
)

attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("message_id", ID, nullable=False),
    count("number"),
    text("worker"),
    moment("started_at", now=True),
    moment("deadline", nullable=True),
    moment("finished_at", nullable=True),
    text("fate", nullable=True),
    text("detail", nullable=True),
    sa.Column("exchange", BYTEA),
    *in_archive(),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("attempt_message", "message_id", "number"),
    postgresql_partition_by=BY_TIME,
)

archive_file = sa.Table(
    "archive_file",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
    text("name", unique=True),
    text("month"),
    sa.Column("size", sa.BigInteger, nullable=False),
    count("records"),
    sa.Column("digest", BYTEA, nullable=False),
    moment("at", now=True),
)

seen = sa.Table(
    "seen",
    metadata,
    text("merchant_id"),
    text("connection"),
    sa.Column("digest", BYTEA, nullable=False),
    sa.Column("message_id", ID, nullable=False),
    count("repeats"),
    sa.PrimaryKeyConstraint("digest", "connection", "merchant_id"),
    postgresql_partition_by="HASH (digest)",
)

effect = sa.Table(
    "effect",
    metadata,
    text("merchant_id"),
    text("kind"),
    text("key"),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("merchant_id", "kind", "key"),
)
