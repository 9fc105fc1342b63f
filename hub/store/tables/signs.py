"""Signs of life: of processes, of what they lack, of what arrives at the door and how regularly."""

import sqlalchemy as sa

from hub.store.tables.columns import count, metadata, moment, text

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

hindrance = sa.Table(
    "hindrance",
    metadata,
    text("host"),
    sa.Column("pid", sa.Integer, nullable=False),
    text("kind"),
    text("connection"),
    text("direction"),
    text("lacks"),
    text("name"),
    moment("since", now=True),
    moment("seen_at", now=True),
    sa.PrimaryKeyConstraint("host", "pid", "kind", "connection", "direction"),
)

intake = sa.Table(
    "intake",
    metadata,
    text("connection", primary_key=True),
    moment("accepted_at", nullable=True),
    moment("refused_at", nullable=True),
    text("refused_code", nullable=True),
    count("unproved"),
    text("unproved_code", nullable=True),
    text("secrets", server_default=""),
    postgresql_with={"fillfactor": "50"},
)

refusal = sa.Table(
    "refusal",
    metadata,
    text("connection"),
    text("code"),
    moment("slot"),
    count("count"),
    sa.PrimaryKeyConstraint("connection", "slot", "code"),
    postgresql_with={"fillfactor": "70"},
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
