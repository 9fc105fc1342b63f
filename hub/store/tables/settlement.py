"""Who is owed what: the ledger of money, what charges are worked out from, and statements.

What is `ONLY_ADDED` to stays as it is: neither the runtime
role nor the tables' owner can change or drop a row.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

from hub.store.tables.columns import ID, count, document, metadata, moment, number, text

ONLY_ADDED = ("entry", "entry_line", "charge_item", "charge_shape", "contract")

entry = sa.Table(
    "entry",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("document"),
    text("reason"),
    text("currency"),
    number("total", None),
    moment("at"),
    moment("settle_at"),
    sa.Column("order_id", ID),
    sa.Column("message_id", ID),
    document("detail"),
    moment("booked_at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.UniqueConstraint("document", "reason", "merchant_id", name="entry_once"),
    sa.Index("entry_settled", "merchant_id", "settle_at"),
    sa.Index("entry_order", "order_id", postgresql_where=sa.text("order_id IS NOT NULL")),
)

entry_line = sa.Table(
    "entry_line",
    metadata,
    sa.Column("entry_id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("position", sa.Integer, nullable=False),
    text("account"),
    number("debit"),
    number("credit"),
    text("tax_code", nullable=True),
    text("reference", nullable=True),
    sa.PrimaryKeyConstraint("entry_id", "position", "merchant_id"),
    sa.CheckConstraint(
        "debit >= 0 AND credit >= 0 AND (debit = 0) <> (credit = 0)", name="entry_line_one_side"
    ),
)

charge_shape = sa.Table(
    "charge_shape",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    document("traits"),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("charge_shape_merchant", "merchant_id"),
)

charge_item = sa.Table(
    "charge_item",
    metadata,
    sa.Column("entry_id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("position", sa.Integer, nullable=False),
    text("kind"),
    sa.Column("shape_id", ID, nullable=False),
    text("currency"),
    moment("at"),
    moment("settle_at"),
    text("line", nullable=True),
    number("quantity"),
    number("amount"),
    number("tax"),
    number("weight"),
    sa.PrimaryKeyConstraint("entry_id", "position", "merchant_id"),
    sa.Index("charge_item_settled", "merchant_id", "settle_at"),
)

contract = sa.Table(
    "contract",
    metadata,
    text("merchant_id"),
    sa.Column("version", sa.Integer, nullable=False),
    moment("valid_from"),
    document("terms"),
    text("author"),
    moment("at", now=True),
    sa.Column("account", sa.LargeBinary),
    sa.PrimaryKeyConstraint("merchant_id", "version"),
)

adjustment = sa.Table(
    "adjustment",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("currency"),
    number("amount", None),
    text("reason"),
    text("entered_by"),
    moment("entered_at", now=True),
    text("decision", nullable=True),
    text("decided_by", nullable=True),
    moment("decided_at", nullable=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("adjustment_open", "id", postgresql_where=sa.text("decision IS NULL")),
    sa.CheckConstraint("amount <> 0", name="adjustment_moves"),
    sa.CheckConstraint("decided_by <> entered_by", name="adjustment_four_eyes"),
)

statement = sa.Table(
    "statement",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("number"),
    text("currency"),
    moment("period_from"),
    moment("period_to"),
    text("status"),
    count("revision"),
    count("terms"),
    number("carried_in"),
    number("balance"),
    number("payout"),
    number("carried_out"),
    sa.Column("digest", BYTEA),
    text("calculated_by", nullable=True),
    moment("calculated_at", nullable=True),
    text("approved_by", nullable=True),
    moment("approved_at", nullable=True),
    text("payout_reference", nullable=True),
    moment("paid_at", nullable=True),
    text("note", nullable=True),
    moment("created_at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.UniqueConstraint("number", "merchant_id", name="statement_number"),
    sa.UniqueConstraint("currency", "period_from", "merchant_id", name="statement_once"),
    sa.Index("statement_merchant", "merchant_id", "period_to"),
    sa.CheckConstraint("period_to > period_from", name="statement_period"),
    sa.CheckConstraint("approved_by <> calculated_by", name="statement_four_eyes"),
)

statement_line = sa.Table(
    "statement_line",
    metadata,
    sa.Column("statement_id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("position", sa.Integer, nullable=False),
    text("kind"),
    text("code", server_default=""),
    text("rule", nullable=True),
    sa.Column("version", sa.Integer),
    sa.Column("items", sa.BigInteger, nullable=False, server_default="0"),
    number("quantity"),
    number("base"),
    number("amount"),
    document("detail"),
    sa.PrimaryKeyConstraint("statement_id", "position", "merchant_id"),
)

transfer = sa.Table(
    "transfer",
    metadata,
    text("file"),
    sa.Column("statement_id", ID, nullable=False),
    text("merchant_id"),
    number("amount", None),
    moment("written_at"),
    text("state", nullable=True),
    text("code", nullable=True),
    text("reason", nullable=True),
    moment("told_at", nullable=True),
    sa.Column("payee_terms", sa.Integer),
    sa.Column("payer_terms", sa.Integer),
    sa.PrimaryKeyConstraint("statement_id", "file", "merchant_id"),
    sa.Index("transfer_file", "file"),
)

posting = sa.Table(
    "posting",
    metadata,
    text("name", primary_key=True),
    sa.Column("after", ID, nullable=False),
    moment("looked_at", now=True),
)
