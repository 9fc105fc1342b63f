"""What moves: lanes, messages and the work on them, what was seen, workers."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

from hub.store.tables.columns import (
    BY_TIME,
    ID,
    count,
    document,
    in_archive,
    metadata,
    moment,
    text,
)

lane = sa.Table(
    "lane",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
    text("direction"),
    text("connection"),
    sa.Column("shard", sa.SmallInteger, nullable=False),
    sa.Column("holder", sa.BigInteger),
    sa.Column("fence", sa.BigInteger, nullable=False, server_default="0"),
    moment("leased_until", nullable=True),
    sa.Column("let_go", sa.BigInteger),
    sa.UniqueConstraint("direction", "connection", "shard"),
)

work = sa.Table(
    "work",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("connection"),
    text("direction"),
    sa.Column("shard", sa.SmallInteger, nullable=False),
    text("key"),
    sa.Column("seq", sa.BigInteger, nullable=False),
    text("topic"),
    text("status"),
    sa.Column("urgency", sa.SmallInteger, nullable=False, server_default="0"),
    moment("due", now=True),
    count("attempts"),
    count("crashes"),
    count("crashed_alone"),
    count("asked"),
    text("waits_for", nullable=True),
    sa.Column("lane_id", sa.Integer),
    sa.Column("fence", sa.BigInteger),
    moment("deadline", nullable=True),
    moment("denied_at", nullable=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index(
        "work_head",
        "connection",
        "direction",
        "key",
        "merchant_id",
        unique=True,
        postgresql_where=sa.text("status <> 'behind'"),
    ),
    sa.Index("work_key", "connection", "direction", "key", "seq"),
    sa.Index(
        "work_claim",
        "connection",
        "direction",
        "shard",
        "urgency",
        "due",
        "id",
        postgresql_where=sa.text("status IN ('received', 'pending', 'retry', 'unknown')"),
    ),
    sa.Index(
        "work_held",
        "lane_id",
        postgresql_where=sa.text("status IN ('processing', 'sending')"),
    ),
    sa.Index("work_waits", "waits_for", postgresql_where=sa.text("status = 'waiting'")),
    postgresql_with={"fillfactor": "70"},
)

message_key = sa.Table(
    "message_key",
    metadata,
    text("merchant_id"),
    text("connection"),
    text("direction"),
    text("key"),
    sa.Column("open", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("connection", "direction", "key", "merchant_id"),
    postgresql_with={"fillfactor": "70"},
)

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
    sa.Column("correlation_id", ID, nullable=False),
    sa.Column("cause_id", ID),
    sa.Column("order_id", ID),
    sa.Column("payload", BYTEA),
    *in_archive(),
    count("size"),
    count("version", "1"),
    text("status", nullable=True),
    sa.Column("error", JSONB),
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

partner_state = sa.Table(
    "partner_state",
    metadata,
    text("connection", primary_key=True),
    document("breaker"),
    sa.Column("tokens", sa.Float, nullable=False, server_default="0"),
    moment("refilled_at", now=True),
    moment("blocked_until", nullable=True),
    sa.Column("bulk_due", sa.Float, nullable=False, server_default="0"),
)

worker = sa.Table(
    "worker",
    metadata,
    sa.Column("number", sa.BigInteger, sa.Identity(), primary_key=True),
    text("kind"),
    text("host"),
    sa.Column("pid", sa.Integer, nullable=False),
    moment("started_at", now=True),
    moment("beat_at", now=True),
    moment("progress_at", now=True),
    moment("ended_at", nullable=True),
    sa.Column("died", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("clock_s", sa.Float, nullable=False, server_default="0"),
)

order_rhythm = sa.Table(
    "order_rhythm",
    metadata,
    text("channel"),
    moment("hour"),
    count("orders"),
    moment("last_at"),
    sa.PrimaryKeyConstraint("channel", "hour"),
)

work_seq = sa.Sequence("work_seq", metadata=metadata, cache=1)
