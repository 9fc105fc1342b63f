"""Running numbers that were given to what a connection's partner was told."""

import sqlalchemy as sa

from hub.store.tables.columns import metadata, moment, text

numbering = sa.Table(
    "numbering",
    metadata,
    text("merchant_id"),
    text("connection"),
    text("thing"),
    sa.Column("number", sa.BigInteger, nullable=False),
    moment("given_at", now=True),
    sa.PrimaryKeyConstraint("connection", "number", "merchant_id"),
    sa.UniqueConstraint("connection", "thing", "merchant_id", name="numbering_thing"),
)
