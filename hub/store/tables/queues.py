"""What is unfinished: lanes, the work in them, keys and their counters, partners to be asked."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

from hub.store.tables.columns import ID, count, document, metadata, moment, text

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
    sa.Column("looked_at", sa.BigInteger),
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
    sa.Index("work_parked", "connection", "shard", postgresql_where=sa.text("status = 'parked'")),
    sa.Index("work_waits", "waits_for", postgresql_where=sa.text("status = 'waiting'")),
    postgresql_with={"fillfactor": "70"},
)

work_seq = sa.Sequence("work_seq", metadata=metadata, cache=1)

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

poll = sa.Table(
    "poll",
    metadata,
    text("merchant_id"),
    text("connection"),
    text("topic"),
    sa.Column("every_s", sa.Float, nullable=False),
    moment("due", nullable=True),
    moment("reached_at", nullable=True),
    text("token", server_default=""),
    sa.Column("run", JSONB),
    moment("began_at", nullable=True),
    moment("asked_since", nullable=True),
    moment("planned_at", now=True),
    moment("done_at", nullable=True),
    sa.Column("newest", BYTEA),
    count("failures"),
    sa.Column("error", JSONB),
    moment("failed_at", nullable=True),
    sa.PrimaryKeyConstraint("connection", "topic", "merchant_id"),
    postgresql_with={"fillfactor": "70"},
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
