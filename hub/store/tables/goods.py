"""Stock: levels, the ledger they are the sum of, reservations, stocktakes."""

import sqlalchemy as sa

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
    number("expiring"),
    sa.Column("by_batch", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("counted_at", nullable=True),
    sa.Column("stale", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.PrimaryKeyConstraint("warehouse", "sku", "quality", "merchant_id"),
    sa.Index("stock_level_sku", "merchant_id", "sku"),
    sa.Index("stock_level_by_batch", "merchant_id", "sku", postgresql_where=sa.text("by_batch")),
    sa.CheckConstraint("reserved >= 0", name="stock_level_reserved"),
    postgresql_with={"fillfactor": "50"},
)

stock_batch = sa.Table(
    "stock_batch",
    metadata,
    text("merchant_id"),
    text("warehouse"),
    text("sku"),
    text("quality", server_default="good"),
    text("batch"),
    sa.Column("expires_on", sa.Date, nullable=True),
    number("on_hand"),
    sa.PrimaryKeyConstraint("warehouse", "sku", "quality", "merchant_id", "batch"),
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
    text("batch", nullable=True),
    text("expires_on", nullable=True),
    moment("happened_at", nullable=True),
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

level_told = sa.Table(
    "level_told",
    metadata,
    text("connection"),
    text("merchant_id"),
    text("sku"),
    number("available"),
    moment("at", nullable=True),
    sa.Column("message_id", ID, nullable=True),
    sa.PrimaryKeyConstraint("connection", "sku", "merchant_id"),
    postgresql_with={"fillfactor": "80"},
)

safety_stock = sa.Table(
    "safety_stock",
    metadata,
    text("merchant_id"),
    text("warehouse", server_default=""),
    text("sku", server_default=""),
    number("pieces"),
    sa.PrimaryKeyConstraint("merchant_id", "sku", "warehouse"),
)

stock_share = sa.Table(
    "stock_share",
    metadata,
    text("merchant_id", primary_key=True),
    document("rules", "[]"),
    moment("updated_at", now=True),
)

stock_version = sa.Sequence("stock_version", metadata=metadata)

stocktake = sa.Table(
    "stocktake",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("number"),
    text("warehouse"),
    text("status"),
    sa.Column("blind", sa.Boolean, nullable=False),
    sa.Column("skus", TEXTS, nullable=False, server_default="{}"),
    text("note", nullable=True),
    sa.Column("position", ID, nullable=True),
    count("round", "1"),
    document("steps", "[]"),
    sa.Column("counted_by", TEXTS, nullable=False, server_default="{}"),
    text("decided_by", nullable=True),
    moment("opened_at"),
    moment("updated_at"),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.CheckConstraint(
        "status <> 'approved' OR (decided_by IS NOT NULL AND decided_by <> ALL (counted_by))",
        name="stocktake_four_eyes",
    ),
    sa.Index(
        "stocktake_under_way",
        *("merchant_id", "warehouse"),
        postgresql_where=sa.text("status IN ('counting', 'counted')"),
    ),
)

stocktake_line = sa.Table(
    "stocktake_line",
    metadata,
    sa.Column("stocktake_id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("line_no", sa.Integer, nullable=False),
    text("sku"),
    text("quality"),
    text("batch", server_default=""),
    sa.Column("expires_on", sa.Date, nullable=True),
    number("expected", None),
    sa.Column("found", sa.Boolean, nullable=False),
    count("round", "1"),
    text("outcome", nullable=True),
    number("adjusted"),
    number("explained"),
    sa.PrimaryKeyConstraint("stocktake_id", "line_no", "merchant_id"),
    sa.UniqueConstraint(
        *("stocktake_id", "sku", "quality", "batch", "merchant_id"), name="stocktake_line_once"
    ),
)

stocktake_count = sa.Table(
    "stocktake_count",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("stocktake_id", ID, nullable=False),
    sa.Column("line_no", sa.Integer, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    number("counted", None),
    number("held", None),
    sa.Column("position", ID, nullable=True),
    text("counted_by"),
    moment("at"),
    moment("counted_at", nullable=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.CheckConstraint("counted >= 0", name="stocktake_count_pieces"),
    sa.Index("stocktake_count_line", "stocktake_id", "line_no", "round"),
)
