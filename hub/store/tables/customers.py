"""Customers: who bought over all channels of a merchant, what they allowed, and who may be one."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

from hub.store.tables.columns import ID, count, document, metadata, moment, text

customer = sa.Table(
    "customer",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("status", server_default="known"),
    sa.Column("merged_into", ID),
    sa.Column("root_id", ID, nullable=False),
    sa.Column("profile", BYTEA),
    count("orders"),
    moment("first_order_at", nullable=True),
    moment("last_order_at", nullable=True),
    document("spends", "[]"),
    count("version"),
    sa.Column("digest", BYTEA),
    moment("erased_at", nullable=True),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("customer_root", "root_id"),
    sa.Index("customer_last_order", "last_order_at"),
    postgresql_with={"fillfactor": "80"},
)

customer_mark = sa.Table(
    "customer_mark",
    metadata,
    text("merchant_id"),
    text("kind"),
    sa.Column("digest", BYTEA, nullable=False),
    sa.Column("customer_id", ID, nullable=False),
    sa.PrimaryKeyConstraint("digest", "kind", "merchant_id"),
    sa.Index("customer_mark_customer", "customer_id"),
)

customer_order = sa.Table(
    "customer_order",
    metadata,
    sa.Column("order_id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("customer_id", ID, nullable=False),
    sa.Column("counts", sa.Boolean, nullable=False),
    sa.PrimaryKeyConstraint("order_id", "merchant_id"),
    sa.Index("customer_order_customer", "customer_id"),
)

customer_consent = sa.Table(
    "customer_consent",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("customer_id", ID, nullable=False),
    text("purpose"),
    sa.Column("granted", sa.Boolean, nullable=False),
    moment("at"),
    text("source"),
    moment("known_at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.UniqueConstraint(
        *("customer_id", "purpose", "at", "source", "merchant_id"), name="customer_consent_once"
    ),
)

customer_pair = sa.Table(
    "customer_pair",
    metadata,
    sa.Column("first", ID, nullable=False),
    sa.Column("second", ID, nullable=False),
    text("merchant_id"),
    text("reason"),
    text("status", server_default="open"),
    text("decided_by", nullable=True),
    moment("decided_at", nullable=True),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("first", "second", "merchant_id"),
    sa.Index("customer_pair_second", "second"),
    sa.Index("customer_pair_open", "at", postgresql_where=sa.text("status = 'open'")),
)

customer_retention = sa.Table(
    "customer_retention",
    metadata,
    text("merchant_id", primary_key=True),
    sa.Column("days", sa.Integer),
    text("author"),
    moment("at", now=True),
    moment("ran_at", nullable=True),
    sa.Column("ran_erased", sa.Integer),
    sa.Column("ran_waiting", sa.Integer),
)

customer_due = sa.Table(
    "customer_due",
    metadata,
    sa.Column("number", sa.BigInteger, sa.Identity(), nullable=False),
    text("merchant_id"),
    sa.Column("order_id", ID, nullable=False),
    sa.PrimaryKeyConstraint("number", "merchant_id"),
)
