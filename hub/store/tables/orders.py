"""What is known of orders, and what happened to them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

from hub.store.tables.columns import (
    BY_TIME,
    ID,
    TEXTS,
    count,
    document,
    metadata,
    moment,
    number,
    text,
)

sales_order = sa.Table(
    "sales_order",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("channel"),
    text("channel_order_id"),
    text("order_number"),
    text("status"),
    document("hold_reasons", "[]"),
    sa.Column("overrides", TEXTS, nullable=False, server_default="{}"),
    text("revision", nullable=True),
    moment("occurred_at", nullable=True),
    count("version", "1"),
    sa.Column("digest", BYTEA, nullable=False),
    sa.Column("fingerprint", BYTEA),
    text("currency"),
    number("grand_total"),
    sa.Column("document", BYTEA, nullable=False),
    sa.Column("correlation_id", ID, nullable=False),
    moment("placed_at"),
    moment("received_at", now=True),
    moment("updated_at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.UniqueConstraint("channel", "channel_order_id", "merchant_id"),
    sa.Index("sales_order_number", "order_number"),
    sa.Index(
        "sales_order_status",
        "status",
        "id",
        postgresql_where=sa.text("status IN ('held', 'received')"),
    ),
    sa.Index(
        "sales_order_fingerprint",
        "fingerprint",
        postgresql_where=sa.text("fingerprint IS NOT NULL"),
    ),
    postgresql_with={"fillfactor": "80"},
)

order_wait = sa.Table(
    "order_wait",
    metadata,
    text("merchant_id"),
    text("fact"),
    sa.Column("order_id", ID, nullable=False),
    sa.PrimaryKeyConstraint("fact", "order_id", "merchant_id"),
    sa.Index("order_wait_order", "order_id"),
)

fact_due = sa.Table(
    "fact_due",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("fact"),
    sa.Column("first", ID, nullable=False),
    moment("due"),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("fact_due_due", "due"),
)

refund = sa.Table(
    "refund",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("order_id", ID),
    text("channel"),
    text("refund_id"),
    text("channel_order_id"),
    text("currency"),
    number("amount"),
    sa.Column("document", BYTEA, nullable=False),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.UniqueConstraint("channel", "refund_id", "merchant_id"),
    sa.Index("refund_order", "order_id"),
    sa.Index("refund_channel_order", "channel", "channel_order_id"),
)

fulfilment_order = sa.Table(
    "fulfilment_order",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("order_id", ID, nullable=False),
    text("warehouse"),
    text("status"),
    count("revision", "1"),
    sa.Column("notice_id", ID),
    text("warehouse_reference", nullable=True),
    text("reason", nullable=True),
    sa.Column("asked_back", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("document", BYTEA, nullable=False),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("fulfilment_order_order", "order_id"),
    sa.Index("fulfilment_order_warehouse", "warehouse", "id"),
    postgresql_with={"fillfactor": "80"},
)

fulfilment_line = sa.Table(
    "fulfilment_line",
    metadata,
    sa.Column("fulfilment_order_id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("line_no", sa.Integer, nullable=False),
    text("sku"),
    text("item_code", nullable=True),
    text("quality", server_default="good"),
    number("ordered"),
    number("shipped"),
    number("short"),
    sa.PrimaryKeyConstraint("fulfilment_order_id", "line_no", "merchant_id"),
    postgresql_with={"fillfactor": "80"},
)

shipment = sa.Table(
    "shipment",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("fulfilment_order_id", ID, nullable=False),
    sa.Column("order_id", ID, nullable=False),
    text("source_id"),
    sa.Column("document", BYTEA, nullable=False),
    moment("shipped_at"),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.UniqueConstraint("fulfilment_order_id", "source_id", "merchant_id"),
    sa.Index("shipment_order", "order_id"),
)

routing_decision = sa.Table(
    "routing_decision",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("order_id", ID, nullable=False),
    document("reasoning"),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("routing_decision_order", "order_id"),
)

timeline = sa.Table(
    "timeline",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("order_id", ID, nullable=False),
    text("event"),
    document("detail"),
    sa.Column("message_id", ID),
    text("actor", server_default="hub"),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("timeline_order", "order_id", "id"),
    postgresql_partition_by=BY_TIME,
)

incident = sa.Table(
    "incident",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("kind"),
    text("subject"),
    text("sentence"),
    text("status", server_default="open"),
    sa.Column("order_id", ID),
    sa.Column("message_id", ID),
    moment("opened_at", now=True),
    moment("closed_at", nullable=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index(
        "incident_once",
        "kind",
        "subject",
        "merchant_id",
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    ),
)
