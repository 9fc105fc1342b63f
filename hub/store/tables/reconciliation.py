"""Money that is owed to us, what providers report of it, and how the two were brought together;
and the invoices over it, numbered without gaps for each merchant and year.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA

from hub.store.tables.columns import ID, NUMBER, document, metadata, moment, number, text

provider_report = sa.Table(
    "provider_report",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("connection"),
    text("provider"),
    text("report_id"),
    sa.Column("digest", BYTEA, nullable=False),
    text("currency"),
    moment("begins_at"),
    moment("ends_at"),
    number("opening"),
    number("closing"),
    text("payout_reference", nullable=True),
    sa.Column("payout", NUMBER),
    moment("payout_at", nullable=True),
    sa.Column("message_id", ID),
    moment("at", now=True),
    text("accounts_for", nullable=True),
    text("form", nullable=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.UniqueConstraint("provider", "report_id", "merchant_id", name="provider_report_once"),
    sa.Index(
        "provider_report_payout",
        *("provider", "accounts_for", "merchant_id"),
        postgresql_where=sa.text("accounts_for IS NOT NULL"),
    ),
)

provider_row = sa.Table(
    "provider_row",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("report_id", ID, nullable=False),
    sa.Column("line_no", sa.Integer, nullable=False),
    text("kind"),
    text("reference"),
    text("original", nullable=True),
    text("order_reference", nullable=True),
    number("gross"),
    number("fee"),
    number("net"),
    text("currency"),
    moment("booked_at"),
    sa.Column("weight_kg", NUMBER),
    sa.Column("order_id", ID),
    text("state", server_default="open"),
    text("reason", nullable=True),
    sa.Column("match_id", ID),
    text("decided_by", nullable=True),
    moment("decided_at", nullable=True),
    text("note", nullable=True),
    text("movement", nullable=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("provider_row_movement", "movement", postgresql_where=sa.text("movement IS NOT NULL")),
    sa.Index("provider_row_report", "report_id", "line_no"),
    sa.Index("provider_row_reference", "reference"),
    sa.Index("provider_row_order", "order_id"),
    sa.Index("provider_row_open", "id", postgresql_where=sa.text("state = 'open'")),
    sa.CheckConstraint("(state = 'matched') = (match_id IS NOT NULL)", name="provider_row_matched"),
    postgresql_with={"fillfactor": "80"},
)

expected_money = sa.Table(
    "expected_money",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("kind"),
    text("key"),
    text("reference", nullable=True),
    sa.Column("order_id", ID),
    text("order_reference", nullable=True),
    text("order_number", nullable=True),
    number("amount"),
    text("currency"),
    moment("due_at"),
    sa.Column("weight_kg", NUMBER),
    text("state", server_default="open"),
    text("reason", nullable=True),
    sa.Column("match_id", ID),
    text("decided_by", nullable=True),
    moment("decided_at", nullable=True),
    text("note", nullable=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.UniqueConstraint("kind", "key", "merchant_id", name="expected_money_once"),
    sa.Index("expected_money_order", "order_id"),
    sa.Index(
        "expected_money_reference",
        "reference",
        postgresql_where=sa.text("reference IS NOT NULL"),
    ),
    sa.Index("expected_money_order_reference", "order_reference"),
    sa.CheckConstraint(
        "(state = 'matched') = (match_id IS NOT NULL)", name="expected_money_matched"
    ),
    postgresql_with={"fillfactor": "50"},
)
"""No index of it holds what a match changes: so a match rewrites none."""

expected_open = sa.Table(
    "expected_open",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("kind"),
    number("amount"),
    text("currency"),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("expected_open_amount", "amount", "currency", "kind"),
)
"""Those rows of expected_money that are open, and no others."""

money_match = sa.Table(
    "money_match",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    text("rule"),
    text("currency"),
    number("ours"),
    number("theirs"),
    number("difference"),
    sa.Column("our_rows", ARRAY(ID), nullable=False, server_default="{}"),
    sa.Column("their_rows", ARRAY(ID), nullable=False, server_default="{}"),
    text("actor", server_default="hub"),
    text("note", nullable=True),
    moment("at", now=True),
    moment("undone_at", nullable=True),
    text("undone_by", nullable=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
)

chargeback = sa.Table(
    "chargeback",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("row_id", ID, nullable=False),
    sa.Column("order_id", ID),
    text("reference"),
    text("order_reference", nullable=True),
    number("amount"),
    text("currency"),
    text("status"),
    text("note", nullable=True),
    moment("opened_at", now=True),
    moment("updated_at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.UniqueConstraint("row_id", "merchant_id", name="chargeback_once"),
)

invoice_seller = sa.Table(
    "invoice_seller",
    metadata,
    text("merchant_id"),
    document("seller"),
    sa.Column("at_shipment", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("updated_at", now=True),
    sa.Column("language", sa.Text, server_default="en"),
    document("untaxed", default="{}"),
    sa.PrimaryKeyConstraint("merchant_id"),
)

invoice_counter = sa.Table(
    "invoice_counter",
    metadata,
    text("merchant_id"),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("last", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("year", "merchant_id"),
)

invoice = sa.Table(
    "invoice",
    metadata,
    sa.Column("id", ID, nullable=False),
    text("merchant_id"),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("serial", sa.Integer, nullable=False),
    text("number"),
    text("kind"),
    sa.Column("order_id", ID, nullable=False),
    text("subject"),
    text("currency"),
    number("tax"),
    number("payable"),
    number("prepaid"),
    sa.Column("document", BYTEA, nullable=False),
    moment("at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.UniqueConstraint("year", "serial", "merchant_id", name="invoice_number_once"),
    sa.UniqueConstraint("order_id", "subject", "merchant_id", name="invoice_subject_once"),
)
