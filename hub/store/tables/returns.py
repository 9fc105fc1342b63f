"""Returns: what customers send back, what came of it, and the money of it."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

from hub.store.tables.columns import ID, count, document, metadata, moment, number, text

customer_return = sa.Table(
    "customer_return",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("number"),
    sa.Column("order_id", ID),
    text("channel", nullable=True),
    text("channel_order_id"),
    text("channel_return_id", nullable=True),
    text("kind"),
    text("cause"),
    text("status"),
    text("reason", nullable=True),
    text("warehouse", nullable=True),
    text("tracking", nullable=True),
    sa.Column("phone", BYTEA),
    text("currency"),
    count("revision", "1"),
    text("source_revision", nullable=True),
    moment("occurred_at", nullable=True),
    sa.Column("digest", BYTEA, nullable=False),
    text("asked", nullable=True),
    text("inspected_by", nullable=True),
    sa.Column("told_ids", ARRAY(ID), nullable=False, server_default="{}"),
    sa.Column("exchange_order_id", ID),
    number("exchange_credit"),
    number("exchange_price"),
    number("exchange_due"),
    sa.Column("document", BYTEA, nullable=False),
    sa.Column("correlation_id", ID, nullable=False),
    moment("requested_at"),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.UniqueConstraint("number", "merchant_id", name="customer_return_number"),
    sa.UniqueConstraint(
        *("channel", "channel_return_id", "merchant_id"), name="customer_return_channel"
    ),
    sa.Index("customer_return_order", "order_id"),
    sa.Index("customer_return_status", "status", "id"),
    sa.Index("customer_return_tracking", "tracking"),
    sa.CheckConstraint(
        "exchange_due = exchange_price - exchange_credit", name="customer_return_nets_out"
    ),
    postgresql_with={"fillfactor": "80"},
)

return_line = sa.Table(
    "return_line",
    metadata,
    sa.Column("return_id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("line_no", sa.Integer, nullable=False),
    sa.Column("order_line", sa.Integer),
    text("channel_line_id", nullable=True),
    text("sku", nullable=True),
    text("reason", nullable=True),
    number("quantity", None),
    number("received"),
    number("ordered"),
    number("paid"),
    sa.Column("kit", JSONB),
    sa.PrimaryKeyConstraint("return_id", "line_no", "merchant_id"),
    postgresql_with={"fillfactor": "80"},
)

return_receipt = sa.Table(
    "return_receipt",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("return_id", ID),
    text("warehouse"),
    text("number"),
    text("receipt_id"),
    sa.Column("digest", BYTEA, nullable=False),
    text("booked_as"),
    text("status"),
    text("actor"),
    text("tracking", nullable=True),
    text("order_number", nullable=True),
    sa.Column("phone", BYTEA),
    moment("received_at"),
    sa.Column("document", BYTEA, nullable=False),
    sa.Column("message_id", ID),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.UniqueConstraint(
        *("warehouse", "number", "receipt_id", "digest", "merchant_id"), name="return_receipt_once"
    ),
    sa.Index("return_receipt_return", "return_id"),
    sa.Index("return_receipt_unmatched", "id", postgresql_where=sa.text("status = 'unmatched'")),
)

return_piece = sa.Table(
    "return_piece",
    metadata,
    sa.Column("receipt_id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("line_no", sa.Integer),
    text("sku"),
    sa.Column("known", sa.Boolean, nullable=False),
    text("quality"),
    number("quantity", None),
    text("batch", nullable=True),
    sa.PrimaryKeyConstraint("receipt_id", "position", "merchant_id"),
)

return_money = sa.Table(
    "return_money",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("return_id", ID, nullable=False),
    sa.Column("order_id", ID, nullable=False),
    text("refund_id"),
    text("part"),
    sa.Column("order_line", sa.Integer),
    number("quantity"),
    sa.Column("parts", JSONB),
    number("amount"),
    number("tax"),
    text("actor"),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("return_money_order", "order_id"),
    sa.Index("return_money_return", "return_id"),
)

return_policy = sa.Table(
    "return_policy",
    metadata,
    text("merchant_id"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    moment("valid_from"),
    document("policy"),
    text("author"),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("merchant_id", "version"),
)
