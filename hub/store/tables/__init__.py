"""Every table, as SQLAlchemy Core sees it. Migrations make them; `make check` compares the two.

Three kinds of rows stand apart: history grows and is partitioned by time (message, attempt,
timeline, ledger: by the time inside their UUIDv7), what is unfinished is small (work,
message_key, lane), and what must never repeat is kept for ever (seen, effect). Every hot table
carries the merchant in its key, so that merchants can be sharded.
"""

from hub.store.tables.columns import metadata
from hub.store.tables.goods import (
    ledger,
    reservation,
    stock_dirty,
    stock_level,
    stock_version,
)
from hub.store.tables.motion import (
    attempt,
    effect,
    lane,
    message,
    message_key,
    message_version,
    partner_state,
    seen,
    work,
    work_seq,
    worker,
)
from hub.store.tables.orders import (
    fulfilment_line,
    fulfilment_order,
    incident,
    order_wait,
    refund,
    routing_decision,
    sales_order,
    shipment,
    timeline,
)
from hub.store.tables.people import (
    account,
    api_key,
    audit,
    idempotency,
    job,
    login_failure,
    session,
)
from hub.store.tables.places import (
    code_override,
    connection,
    merchant,
    product,
    routing,
    setting,
    sku_reference,
)

__all__ = [
    "account",
    "api_key",
    "attempt",
    "audit",
    "code_override",
    "connection",
    "effect",
    "fulfilment_line",
    "fulfilment_order",
    "idempotency",
    "incident",
    "job",
    "lane",
    "ledger",
    "login_failure",
    "merchant",
    "message",
    "message_key",
    "message_version",
    "metadata",
    "order_wait",
    "partner_state",
    "product",
    "refund",
    "reservation",
    "routing",
    "routing_decision",
    "sales_order",
    "seen",
    "session",
    "setting",
    "shipment",
    "sku_reference",
    "stock_dirty",
    "stock_level",
    "stock_version",
    "timeline",
    "work",
    "work_seq",
    "worker",
]
