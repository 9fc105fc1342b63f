"""Every table, as SQLAlchemy Core sees it. Migrations make them; `make check` compares the two.

Three kinds of rows stand apart: history grows and is partitioned by time (message, attempt,
timeline, ledger: by the time inside their UUIDv7), what is unfinished is small (work,
message_key, lane), and what must never repeat is kept for ever (seen, effect). Every hot table
carries the merchant in its key, so that merchants can be sharded.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, UUID

metadata = sa.MetaData()

_NOW = sa.text("now()")
_UUID = UUID(as_uuid=True)
_AT = sa.TIMESTAMP(timezone=True)
_NUMBER = sa.Numeric(20, 6)
_TEXTS = ARRAY(sa.Text)
_BY_TIME = "RANGE (id)"


def _text(name: str, *args: object, **options: object) -> sa.Column[str]:
    return sa.Column(name, sa.Text, *args, nullable=options.pop("nullable", False), **options)  # type: ignore[arg-type]


def _at(name: str, *, nullable: bool = False, now: bool = False) -> sa.Column[object]:
    return sa.Column(name, _AT, nullable=nullable, server_default=_NOW if now else None)


def _number(name: str, default: str | None = "0") -> sa.Column[object]:
    return sa.Column(name, _NUMBER, nullable=False, server_default=default)


def _json(name: str, default: str = "{}") -> sa.Column[object]:
    return sa.Column(name, JSONB, nullable=False, server_default=sa.text(f"'{default}'::jsonb"))


def _count(name: str, default: str = "0") -> sa.Column[object]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=default)


# --- who there is --------------------------------------------------------------------------------

merchant = sa.Table(
    "merchant",
    metadata,
    _text("code", primary_key=True),
    _text("name"),
    _text("currency"),
    _text("status", server_default="active"),
)

connection = sa.Table(
    "connection",
    metadata,
    _text("code", primary_key=True),
    _text("merchant_id"),
    _text("kind"),
    _text("adapter"),
    _json("settings"),
    _json("secrets"),
    _json("limits"),
    _json("options"),
    sa.Column("gives", _TEXTS, nullable=False),
    sa.Column("takes", _TEXTS, nullable=False),
    _text("status", server_default="active"),
    _text("paused_because", nullable=True),
    _count("shards", "4"),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    _at("updated_at", now=True),
)

product = sa.Table(
    "product",
    metadata,
    _text("merchant_id"),
    _text("sku"),
    _text("title"),
    _text("gtin", nullable=True),
    _json("document"),
    _at("updated_at", now=True),
    sa.PrimaryKeyConstraint("merchant_id", "sku"),
    sa.Index("product_sku", "sku"),
)

sku_reference = sa.Table(
    "sku_reference",
    metadata,
    _text("merchant_id"),
    _text("connection"),
    _text("code"),
    _text("sku"),
    sa.PrimaryKeyConstraint("merchant_id", "connection", "code"),
)

code_override = sa.Table(
    "code_override",
    metadata,
    _text("connection"),
    _text("codes"),
    _text("theirs"),
    _text("ours"),
    _text("author"),
    _at("at", now=True),
    sa.PrimaryKeyConstraint("connection", "codes", "theirs"),
)

routing = sa.Table(
    "routing",
    metadata,
    _text("merchant_id", primary_key=True),
    _json("rules", "[]"),
    _at("updated_at", now=True),
)

setting = sa.Table("setting", metadata, _text("name", primary_key=True), _json("value"))

# --- motion --------------------------------------------------------------------------------------

lane = sa.Table(
    "lane",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
    _text("direction"),
    _text("connection"),
    sa.Column("shard", sa.SmallInteger, nullable=False),
    sa.Column("holder", sa.BigInteger),
    sa.Column("fence", sa.BigInteger, nullable=False, server_default="0"),
    _at("leased_until", nullable=True),
    sa.UniqueConstraint("direction", "connection", "shard"),
)

work = sa.Table(
    "work",
    metadata,
    sa.Column("id", _UUID, nullable=False),
    _text("merchant_id"),
    _text("connection"),
    _text("direction"),
    sa.Column("shard", sa.SmallInteger, nullable=False),
    _text("key"),
    sa.Column("seq", sa.BigInteger, nullable=False),
    _text("topic"),
    _text("status"),
    sa.Column("urgency", sa.SmallInteger, nullable=False, server_default="0"),
    _at("due", now=True),
    _count("attempts"),
    _count("crashes"),
    _count("crashed_alone"),
    _count("asked"),
    _text("waits_for", nullable=True),
    sa.Column("lane_id", sa.Integer),
    sa.Column("fence", sa.BigInteger),
    _at("deadline", nullable=True),
    _at("denied_at", nullable=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index(
        "work_head",
        "connection",
        "direction",
        "key",
        "merchant_id",
        unique=True,
        postgresql_where=sa.text("status <> 'behind'"),
    ),
    sa.Index("work_key", "connection", "direction", "key", "seq"),
    sa.Index(
        "work_claim",
        "connection",
        "direction",
        "shard",
        "urgency",
        "due",
        "id",
        postgresql_where=sa.text("status IN ('received', 'pending', 'retry', 'unknown')"),
    ),
    sa.Index(
        "work_held",
        "lane_id",
        postgresql_where=sa.text("status IN ('processing', 'sending')"),
    ),
    sa.Index("work_waits", "waits_for", postgresql_where=sa.text("status = 'waiting'")),
    postgresql_with={"fillfactor": "70"},
)

message_key = sa.Table(
    "message_key",
    metadata,
    _text("merchant_id"),
    _text("connection"),
    _text("direction"),
    _text("key"),
    sa.Column("open", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("connection", "direction", "key", "merchant_id"),
    postgresql_with={"fillfactor": "70"},
)

message = sa.Table(
    "message",
    metadata,
    sa.Column("id", _UUID, nullable=False),
    _text("merchant_id"),
    _text("connection"),
    _text("direction"),
    _text("topic"),
    _text("key"),
    _text("outward_key", nullable=True),
    _text("reference", nullable=True),
    sa.Column("correlation_id", _UUID, nullable=False),
    sa.Column("cause_id", _UUID),
    sa.Column("order_id", _UUID),
    sa.Column("payload", BYTEA, nullable=False),
    _count("size"),
    _count("version", "1"),
    _text("status", nullable=True),
    sa.Column("error", JSONB),
    _count("attempts"),
    _at("received_at", now=True),
    _at("finished_at", nullable=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("message_correlation", "correlation_id"),
    sa.Index("message_order", "order_id", postgresql_where=sa.text("order_id IS NOT NULL")),
    sa.Index("message_key_text", "connection", "key"),
    postgresql_partition_by=_BY_TIME,
)

message_version = sa.Table(
    "message_version",
    metadata,
    sa.Column("message_id", _UUID, nullable=False),
    _text("merchant_id"),
    _count("version"),
    sa.Column("payload", BYTEA, nullable=False),
    _text("author"),
    _text("reason"),
    _at("at", now=True),
    sa.PrimaryKeyConstraint("message_id", "version", "merchant_id"),
)

attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("id", _UUID, nullable=False),
    _text("merchant_id"),
    sa.Column("message_id", _UUID, nullable=False),
    _count("number"),
    _text("worker"),
    _at("started_at", now=True),
    _at("deadline", nullable=True),
    _at("finished_at", nullable=True),
    _text("fate", nullable=True),
    _text("detail", nullable=True),
    sa.Column("exchange", BYTEA),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("attempt_message", "message_id", "number"),
    postgresql_partition_by=_BY_TIME,
)

seen = sa.Table(
    "seen",
    metadata,
    _text("merchant_id"),
    _text("connection"),
    sa.Column("digest", BYTEA, nullable=False),
    sa.Column("message_id", _UUID, nullable=False),
    _count("repeats"),
    sa.PrimaryKeyConstraint("digest", "connection", "merchant_id"),
    postgresql_partition_by="HASH (digest)",
)

effect = sa.Table(
    "effect",
    metadata,
    _text("merchant_id"),
    _text("kind"),
    _text("key"),
    _at("at", now=True),
    sa.PrimaryKeyConstraint("merchant_id", "kind", "key"),
)

partner_state = sa.Table(
    "partner_state",
    metadata,
    _text("connection", primary_key=True),
    _json("breaker"),
    sa.Column("tokens", sa.Float, nullable=False, server_default="0"),
    _at("refilled_at", now=True),
    _at("blocked_until", nullable=True),
)

worker = sa.Table(
    "worker",
    metadata,
    sa.Column("number", sa.BigInteger, sa.Identity(), primary_key=True),
    _text("kind"),
    _text("host"),
    sa.Column("pid", sa.Integer, nullable=False),
    _at("started_at", now=True),
    _at("beat_at", now=True),
    _at("progress_at", now=True),
    _at("ended_at", nullable=True),
)

# --- what is known -------------------------------------------------------------------------------

sales_order = sa.Table(
    "sales_order",
    metadata,
    sa.Column("id", _UUID, nullable=False),
    _text("merchant_id"),
    _text("channel"),
    _text("channel_order_id"),
    _text("order_number"),
    _text("status"),
    _json("hold_reasons", "[]"),
    sa.Column("overrides", _TEXTS, nullable=False, server_default="{}"),
    _text("revision", nullable=True),
    _at("occurred_at", nullable=True),
    _count("version", "1"),
    sa.Column("digest", BYTEA, nullable=False),
    sa.Column("fingerprint", BYTEA),
    _text("currency"),
    _number("grand_total"),
    sa.Column("document", BYTEA, nullable=False),
    sa.Column("correlation_id", _UUID, nullable=False),
    _at("placed_at"),
    _at("received_at", now=True),
    _at("updated_at", now=True),
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
    _text("merchant_id"),
    _text("fact"),
    sa.Column("order_id", _UUID, nullable=False),
    sa.PrimaryKeyConstraint("fact", "order_id", "merchant_id"),
    sa.Index("order_wait_order", "order_id"),
)

refund = sa.Table(
    "refund",
    metadata,
    sa.Column("id", _UUID, nullable=False),
    _text("merchant_id"),
    sa.Column("order_id", _UUID),
    _text("channel"),
    _text("refund_id"),
    _text("channel_order_id"),
    _text("currency"),
    _number("amount"),
    sa.Column("document", BYTEA, nullable=False),
    _at("at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.UniqueConstraint("channel", "refund_id", "merchant_id"),
    sa.Index("refund_order", "order_id"),
    sa.Index("refund_channel_order", "channel", "channel_order_id"),
)

fulfilment_order = sa.Table(
    "fulfilment_order",
    metadata,
    sa.Column("id", _UUID, nullable=False),
    _text("merchant_id"),
    sa.Column("order_id", _UUID, nullable=False),
    _text("warehouse"),
    _text("status"),
    _count("revision", "1"),
    sa.Column("notice_id", _UUID),
    _text("warehouse_reference", nullable=True),
    _text("reason", nullable=True),
    sa.Column("document", BYTEA, nullable=False),
    _at("created_at", now=True),
    _at("updated_at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("fulfilment_order_order", "order_id"),
    sa.Index("fulfilment_order_warehouse", "warehouse", "id"),
    postgresql_with={"fillfactor": "80"},
)

fulfilment_line = sa.Table(
    "fulfilment_line",
    metadata,
    sa.Column("fulfilment_order_id", _UUID, nullable=False),
    _text("merchant_id"),
    sa.Column("line_no", sa.Integer, nullable=False),
    _text("sku"),
    _text("item_code", nullable=True),
    _text("quality", server_default="good"),
    _number("ordered"),
    _number("shipped"),
    _number("short"),
    sa.PrimaryKeyConstraint("fulfilment_order_id", "line_no", "merchant_id"),
    postgresql_with={"fillfactor": "80"},
)

shipment = sa.Table(
    "shipment",
    metadata,
    sa.Column("id", _UUID, nullable=False),
    _text("merchant_id"),
    sa.Column("fulfilment_order_id", _UUID, nullable=False),
    sa.Column("order_id", _UUID, nullable=False),
    _text("source_id"),
    sa.Column("document", BYTEA, nullable=False),
    _at("shipped_at"),
    _at("at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.UniqueConstraint("fulfilment_order_id", "source_id", "merchant_id"),
    sa.Index("shipment_order", "order_id"),
)

routing_decision = sa.Table(
    "routing_decision",
    metadata,
    sa.Column("id", _UUID, nullable=False),
    _text("merchant_id"),
    sa.Column("order_id", _UUID, nullable=False),
    _json("reasoning"),
    _at("at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("routing_decision_order", "order_id"),
)

stock_level = sa.Table(
    "stock_level",
    metadata,
    _text("merchant_id"),
    _text("warehouse"),
    _text("sku"),
    _text("quality", server_default="good"),
    _number("on_hand"),
    _number("reserved"),
    _number("safety"),
    _at("counted_at", nullable=True),
    sa.PrimaryKeyConstraint("warehouse", "sku", "quality", "merchant_id"),
    sa.Index("stock_level_sku", "merchant_id", "sku"),
    sa.CheckConstraint("reserved >= 0", name="stock_level_reserved"),
    postgresql_with={"fillfactor": "50"},
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", _UUID, nullable=False),
    _text("merchant_id"),
    _text("warehouse"),
    _text("sku"),
    _text("quality"),
    _number("delta", None),
    _number("balance_after", None),
    _text("reason"),
    _text("document"),
    _text("actor"),
    _at("at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("ledger_sku", "warehouse", "sku", "quality", "id"),
    postgresql_partition_by=_BY_TIME,
)

reservation = sa.Table(
    "reservation",
    metadata,
    sa.Column("order_id", _UUID, nullable=False),
    sa.Column("line_no", sa.Integer, nullable=False),
    sa.Column("fulfilment_order_id", _UUID, nullable=False),
    _text("merchant_id"),
    _text("warehouse"),
    _text("sku"),
    _text("quality", server_default="good"),
    _number("quantity"),
    _number("open"),
    sa.PrimaryKeyConstraint("fulfilment_order_id", "line_no", "order_id", "merchant_id"),
    sa.Index("reservation_open", "warehouse", "sku", postgresql_where=sa.text("open > 0")),
    sa.CheckConstraint("open >= 0", name="reservation_open_not_negative"),
    postgresql_with={"fillfactor": "80"},
)

stock_dirty = sa.Table(
    "stock_dirty",
    metadata,
    _text("merchant_id"),
    _text("sku"),
    sa.PrimaryKeyConstraint("merchant_id", "sku"),
)

stock_version = sa.Sequence("stock_version", metadata=metadata)
work_seq = sa.Sequence("work_seq", metadata=metadata, cache=1)

timeline = sa.Table(
    "timeline",
    metadata,
    sa.Column("id", _UUID, nullable=False),
    _text("merchant_id"),
    sa.Column("order_id", _UUID, nullable=False),
    _text("event"),
    _json("detail"),
    sa.Column("message_id", _UUID),
    _text("actor", server_default="hub"),
    _at("at", now=True),
    sa.PrimaryKeyConstraint("id", "merchant_id"),
    sa.Index("timeline_order", "order_id", "id"),
    postgresql_partition_by=_BY_TIME,
)

incident = sa.Table(
    "incident",
    metadata,
    sa.Column("id", _UUID, nullable=False),
    _text("merchant_id"),
    _text("kind"),
    _text("subject"),
    _text("sentence"),
    _text("status", server_default="open"),
    sa.Column("order_id", _UUID),
    sa.Column("message_id", _UUID),
    _at("opened_at", now=True),
    _at("closed_at", nullable=True),
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

# --- people and keys -----------------------------------------------------------------------------

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", _UUID, primary_key=True),
    _text("login", unique=True),
    _text("name"),
    _text("password_hash"),
    _text("role"),
    sa.Column("merchants", _TEXTS, nullable=False, server_default="{}"),
    _text("status", server_default="active"),
    _text("language", server_default="en"),
    _count("failures"),
    _at("locked_until", nullable=True),
    _at("created_at", now=True),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("digest", BYTEA, primary_key=True),
    sa.Column("account_id", _UUID, nullable=False),
    _json("data"),
    _at("created_at", now=True),
    _at("seen_at", now=True),
    sa.Index("session_account", "account_id"),
)

login_failure = sa.Table(
    "login_failure",
    metadata,
    _text("subject", primary_key=True),
    _count("failures"),
    _at("blocked_until", nullable=True),
    _at("at", now=True),
)

api_key = sa.Table(
    "api_key",
    metadata,
    sa.Column("id", _UUID, primary_key=True),
    _text("name"),
    _text("prefix"),
    sa.Column("digest", BYTEA, nullable=False, unique=True),
    sa.Column("scopes", _TEXTS, nullable=False),
    _text("merchant_id", nullable=True),
    _at("created_at", now=True),
    _at("expires_at", nullable=True),
    _at("last_used_at", nullable=True),
    _at("revoked_at", nullable=True),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    _text("caller"),
    _text("key"),
    sa.Column("digest", BYTEA, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("answer", BYTEA),
    _at("at", now=True),
    sa.PrimaryKeyConstraint("caller", "key"),
)

audit = sa.Table(
    "audit",
    metadata,
    _text("chain"),
    sa.Column("number", sa.BigInteger, nullable=False),
    _at("at"),
    _text("actor"),
    _text("action"),
    _text("subject"),
    _json("detail"),
    sa.Column("previous", BYTEA, nullable=False),
    sa.Column("hash", BYTEA, nullable=False),
    sa.PrimaryKeyConstraint("chain", "number"),
)

job = sa.Table(
    "job",
    metadata,
    sa.Column("id", _UUID, primary_key=True),
    _text("merchant_id", nullable=True),
    _text("kind"),
    _text("status"),
    _json("detail"),
    _count("done"),
    _count("total"),
    _at("created_at", now=True),
    _at("finished_at", nullable=True),
)

subscription = sa.Table(
    "subscription",
    metadata,
    sa.Column("id", _UUID, primary_key=True),
    _text("merchant_id"),
    _text("url"),
    sa.Column("secret", BYTEA, nullable=False),
    sa.Column("events", _TEXTS, nullable=False),
    _text("status", server_default="active"),
    _at("created_at", now=True),
)
