"""Who there is: merchants, connections, products and what partners call them."""

import sqlalchemy as sa

from hub.store.tables.columns import TEXTS, count, document, metadata, moment, number, text

merchant = sa.Table(
    "merchant",
    metadata,
    text("code", primary_key=True),
    text("name"),
    text("currency"),
    text("status", server_default="active"),
)

connection = sa.Table(
    "connection",
    metadata,
    text("code", primary_key=True),
    text("merchant_id"),
    text("kind"),
    text("adapter"),
    document("settings"),
    document("secrets"),
    document("limits"),
    document("options"),
    sa.Column("gives", TEXTS, nullable=False),
    sa.Column("takes", TEXTS, nullable=False),
    text("status", server_default="active"),
    text("paused_because", nullable=True),
    count("shards", "4"),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    moment("updated_at", now=True),
)

product = sa.Table(
    "product",
    metadata,
    text("merchant_id"),
    text("sku"),
    text("title"),
    text("gtin", nullable=True),
    document("document"),
    moment("updated_at", now=True),
    sa.PrimaryKeyConstraint("merchant_id", "sku"),
    sa.Index("product_sku", "sku"),
)

kit_part = sa.Table(
    "kit_part",
    metadata,
    text("merchant_id"),
    text("kit"),
    text("part"),
    number("pieces", None),
    sa.PrimaryKeyConstraint("merchant_id", "kit", "part"),
    sa.Index("kit_part_of", "merchant_id", "part"),
)

sku_reference = sa.Table(
    "sku_reference",
    metadata,
    text("merchant_id"),
    text("connection"),
    text("code"),
    text("sku"),
    sa.PrimaryKeyConstraint("merchant_id", "connection", "code"),
    sa.Index("sku_reference_code", "connection", "code"),
)

code_override = sa.Table(
    "code_override",
    metadata,
    text("connection"),
    text("codes"),
    text("theirs"),
    text("ours"),
    text("author"),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("connection", "codes", "theirs"),
)

routing = sa.Table(
    "routing",
    metadata,
    text("merchant_id", primary_key=True),
    document("rules", "[]"),
    moment("updated_at", now=True),
    count("version", "1"),
)

routing_version = sa.Table(
    "routing_version",
    metadata,
    text("merchant_id"),
    sa.Column("version", sa.Integer, nullable=False),
    document("rules", "[]"),
    text("author"),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("merchant_id", "version"),
)

review = sa.Table(
    "review",
    metadata,
    text("merchant_id", primary_key=True),
    document("rules", "[]"),
    moment("updated_at", now=True),
)

setting = sa.Table("setting", metadata, text("name", primary_key=True), document("value"))
