"""People, keys and what they did."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

from hub.store.tables.columns import ID, TEXTS, count, document, metadata, moment, text

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", ID, primary_key=True),
    text("login", unique=True),
    text("name"),
    text("password_hash"),
    text("role"),
    sa.Column("merchants", TEXTS, nullable=False, server_default="{}"),
    text("status", server_default="active"),
    text("language", server_default="en"),
    count("failures"),
    moment("locked_until", nullable=True),
    moment("created_at", now=True),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("digest", BYTEA, primary_key=True),
    sa.Column("account_id", ID, nullable=False),
    document("data"),
    moment("created_at", now=True),
    moment("seen_at", now=True),
    sa.Index("session_account", "account_id"),
)

api_key = sa.Table(
    "api_key",
    metadata,
    sa.Column("id", ID, primary_key=True),
    text("name"),
    text("prefix"),
    sa.Column("digest", BYTEA, nullable=False, unique=True),
    text("owner", server_default=""),
    sa.Column("scopes", TEXTS, nullable=False),
    text("merchant_id", nullable=True),
    moment("created_at", now=True),
    moment("expires_at", nullable=True),
    moment("last_used_at", nullable=True),
    moment("revoked_at", nullable=True),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    text("caller"),
    text("key"),
    sa.Column("digest", BYTEA, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("answer", BYTEA),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("caller", "key"),
)

used_signature = sa.Table(
    "used_signature",
    metadata,
    sa.Column("digest", BYTEA, primary_key=True),
    text("key"),
    moment("at", now=True),
    sa.Index("used_signature_at", "at"),
)

audit = sa.Table(
    "audit",
    metadata,
    text("chain"),
    sa.Column("number", sa.BigInteger, nullable=False),
    moment("at"),
    text("actor"),
    text("action"),
    text("subject"),
    document("detail"),
    sa.Column("previous", BYTEA, nullable=False),
    sa.Column("hash", BYTEA, nullable=False),
    sa.Column("mark", BYTEA),
    sa.PrimaryKeyConstraint("chain", "number"),
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    text("chain"),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("hash", BYTEA, nullable=False),
    sa.Column("signature", BYTEA, nullable=False),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("chain", "number"),
)

job = sa.Table(
    "job",
    metadata,
    sa.Column("id", ID, primary_key=True),
    text("merchant_id", nullable=True),
    text("kind"),
    text("status"),
    document("detail"),
    count("done"),
    count("total"),
    moment("created_at", now=True),
    moment("finished_at", nullable=True),
)
