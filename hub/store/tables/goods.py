"""Stock: levels, the ledger they are the sum of, reservations."""

import sqlalchemy as sa

from hub.store.tables.columns import BY_TIME, ID, metadata, moment, number, text

stock_level = sa.Table(
    "stock_level",
    metadata,
    text("merchant_id"),
    text("warehouse"),
    text("sku"),
    text("quality", server_default="good"),
    number("on_hand"),
    number("reserved"),
    number("safety"),
    moment("counted_at", nullable=True),
    sa.PrimaryKeyConstraint("warehouse", "sku", "quality", "merchant_id"),
    sa.Index("stock_level_sku", "merchant_id", "sku"),
    sa.CheckConstraint("reserved >= 0", name="stock_level_reserved"),
    postgresql_with={"fillfactor": "50"},
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("warehouse"),
    text("sku"),
    text("quality"),
    number("delta", None),
    number("balance_after", None),
    text("reason"),
    text("document"),
    text("actor"),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("ledger_sku", "warehouse", "sku", "quality", "id"),
    postgresql_partition_by=BY_TIME,
)

reservation = sa.Table(
    "reservation",
    metadata,
    sa.Column("order_id", ID, nullable=False),
    sa.Column("line_no", sa.Integer, nullable=False),
    sa.Column("fulfilment_order_id", ID, nullable=False),
    text("merchant_id"),
    text("warehouse"),
    text("sku"),
    text("quality", server_default="good"),
    number("quantity"),
    number("open"),
    sa.PrimaryKeyConstraint("fulfilment_order_id", "line_no", "order_id", "merchant_id"),
    sa.Index("reservation_open", "warehouse", "sku", postgresql_where=sa.text("open > 0")),
    sa.CheckConstraint("open >= 0", name="reservation_open_not_negative"),
    postgresql_with={"fillfactor": "80"},
)

stock_dirty = sa.Table(
    "stock_dirty",
    metadata,
    text("merchant_id"),
    text("sku"),
    sa.PrimaryKeyConstraint("merchant_id", "sku"),
)

stock_version = sa.Sequence("stock_version", metadata=metadata)
