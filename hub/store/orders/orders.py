"""Orders, in sets; documents sealed."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.document import Address
from hub.model.order import SalesOrder
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault


@dataclass(slots=True)
class OrderRow:
    """An order as it stands. `overrides` are hold reasons that a person waived; `hold_reasons` say
    why it is held or, while it is open, why pieces of it wait that no warehouse was told of.
    `told_address`: the channel's own, where a person corrected it; `lifted_at`: what warehouses
    refused before counts no more; `customer`: a digest by which orders of one customer are known.
    `is_erased`: its person was forgotten, nothing is heard of it any more.
    """

    id: UUID
    merchant: str
    channel: str
    document: SalesOrder
    status: str
    correlation_id: UUID
    hold_reasons: list[dict[str, str]] = field(default_factory=list)
    overrides: list[str] = field(default_factory=list)
    revision: str | None = None
    occurred_at: datetime | None = None
    version: int = 1
    digest: bytes = b""
    fingerprint: bytes | None = None
    told_address: Address | None = None
    lifted_at: datetime | None = None
    customer: bytes | None = None
    is_erased: bool = False

    @property
    def channel_order_id(self) -> str:
        return self.document.channel_order_id


def load_by_channel(
    db: Connection, vault: Vault, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], OrderRow]:
    """Lock and load orders by (channel, channel order id)."""
    pairs = sorted(set(wanted))
    rows = db.execute(_BY_CHANNEL, _BY_NUMBER.of(pairs))
    return {(row.channel, row.channel_order_id): _order(vault, row) for row in rows}


def load(db: Connection, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, OrderRow]:
    """Lock and load orders by id."""
    return {row.id: _order(vault, row) for row in db.execute(_BY_ID, {"ids": sorted(set(ids))})}


def documents(db: Connection, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, SalesOrder]:
    """The documents of `seen`."""
    return {id_: row.document for id_, row in seen(db, vault, ids).items()}


def seen(db: Connection, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, OrderRow]:
    """Orders by id, to look at only: nothing is locked."""
    rows = db.execute(_UNLOCKED, {"ids": sorted(set(ids))})
    return {row.id: _order(vault, row) for row in rows}


def insert(db: Connection, vault: Vault, rows: Sequence[OrderRow]) -> None:
    """Store new orders."""
    if rows:
        write(db, _INSERT, _ORDERS.of(_columns(vault, row) for row in rows))


def update(db: Connection, vault: Vault, rows: Sequence[OrderRow]) -> None:
    """Store changed orders."""
    if rows:
        write(db, _UPDATE, _ORDERS.of(_columns(vault, row) for row in rows))


def set_status(db: Connection, rows: Sequence[OrderRow]) -> None:
    """Store status and hold reasons alone; the documents have not changed."""
    if rows:
        standing = ((row.id, row.status, _shown(row.hold_reasons)) for row in rows)
        write(db, _SET_STATUS, _STANDING.of(standing))


def keep_told_address(db: Connection, vault: Vault, rows: Sequence[OrderRow]) -> None:
    """Store what the channel said of addresses that a person corrected."""
    for row in rows:
        sealed = None
        if row.told_address is not None:
            raw = row.told_address.model_dump_json().encode()
            sealed = vault.seal(raw, _TOLD_ADDRESS, row.merchant, row.id)
        db.execute(_KEEP_TOLD_ADDRESS, {"id": row.id, "merchant": row.merchant, "told": sealed})


def lift_refusals(db: Connection, row: OrderRow) -> None:
    """What warehouses refused of an order until now counts no more."""
    row.lifted_at = db.scalar(_LIFT, {"id": row.id})


def lift_refusals_of(db: Connection, rows: Sequence[OrderRow]) -> None:
    """The same for many orders."""
    if rows:
        at = db.scalars(_LIFT_ALL, {"ids": [row.id for row in rows]}).first()
        for row in rows:
            row.lifted_at = at


def twins(db: Connection, rows: Sequence[OrderRow]) -> dict[bytes, list[str]]:
    """Orders of the last day that look the same and are not cancelled: fingerprint -> numbers."""
    prints = [row.fingerprint for row in rows if row.fingerprint]
    numbers: dict[bytes, list[str]] = {}
    if prints:
        for row in db.execute(_TWINS, {"prints": prints}):
            numbers.setdefault(bytes(row.fingerprint), []).append(
                f"{row.channel} {row.order_number}"
            )
    return numbers


def _order(vault: Vault, row: Any) -> OrderRow:
    address = row.told_address and vault.open(
        row.told_address, _TOLD_ADDRESS, row.merchant_id, row.id
    )
    raw = vault.open(row.document, "sales_order.document", row.merchant_id, row.id)
    return OrderRow(
        id=row.id,
        merchant=row.merchant_id,
        channel=row.channel,
        document=SalesOrder.model_validate_json(raw),
        status=row.status,
        correlation_id=row.correlation_id,
        hold_reasons=row.hold_reasons,
        overrides=row.overrides,
        revision=row.revision,
        occurred_at=row.occurred_at,
        version=row.version,
        digest=bytes(row.digest),
        fingerprint=bytes(row.fingerprint) if row.fingerprint is not None else None,
        told_address=Address.model_validate_json(address) if address else None,
        lifted_at=row.lifted_at,
        customer=bytes(row.customer) if row.customer is not None else None,
        is_erased=row.erased_at is not None,
    )


def _columns(vault: Vault, row: OrderRow) -> tuple[Any, ...]:
    order, packed = row.document, vault.packed(row.document)
    return (
        *(row.id, row.merchant, row.channel, row.channel_order_id, order.order_number),
        *(row.status, _shown(row.hold_reasons), _shown(row.overrides), row.revision),
        *(row.occurred_at, row.version, row.digest, row.fingerprint, row.customer),
        *(order.currency, order.totals.grand_total, row.correlation_id, order.placed_at),
        vault.seal_packed(packed, "sales_order.document", row.merchant, row.id),
    )


def _shown(listed: list[Any]) -> str:
    return json.dumps(listed) if listed else "[]"


_ORDER = """SELECT id, merchant_id, channel, channel_order_id, status, hold_reasons, overrides,
  revision, occurred_at, version, digest, fingerprint, customer, lifted_at, document,
  correlation_id, told_address, erased_at FROM sales_order"""
_BY_NUMBER = Rows(channel="text", channel_order_id="text")
_BY_CHANNEL = sa.text(
    f"""{_ORDER} WHERE (channel, channel_order_id) IN (
      SELECT * FROM {_BY_NUMBER.arrays}
    ) ORDER BY id FOR UPDATE"""  # noqa: S608  # constants of this module
)
_BY_ID = sa.text(f"{_ORDER} WHERE id = ANY (:ids) ORDER BY id FOR UPDATE")
_UNLOCKED = sa.text(f"{_ORDER} WHERE id = ANY (:ids)")
_ORDERS = Rows(
    id="uuid",
    merchant="text",
    channel="text",
    channel_order_id="text",
    order_number="text",
    status="text",
    reasons="text",
    overrides="text",
    revision="text",
    occurred_at="timestamptz",
    version="int",
    digest="bytea",
    fingerprint="bytea",
    customer="bytea",
    currency="text",
    grand_total="numeric",
    correlation="uuid",
    placed_at="timestamptz",
    document="bytea",
)
_STANDING = Rows(id="uuid", status="text", reasons="text")
_WAIVED = "ARRAY(SELECT jsonb_array_elements_text(CAST(o.overrides AS jsonb)))"
_DUE = "INSERT INTO customer_due (merchant_id, order_id) SELECT {} FROM {}"
_INSERT = sa.text(
    f"""WITH o AS (SELECT * FROM {_ORDERS.named("o")}), due AS (
      {_DUE.format("merchant, id", "o")}
    )
    INSERT INTO sales_order (id, merchant_id, channel, channel_order_id, order_number, status,
      hold_reasons, overrides, revision, occurred_at, version, digest, fingerprint, customer,
      currency, grand_total, correlation_id, placed_at, document)
    SELECT id, merchant, channel, channel_order_id, order_number, status, CAST(reasons AS jsonb),
      {_WAIVED}, revision, occurred_at, version, digest, fingerprint, customer, currency,
      grand_total, correlation, placed_at, document
    FROM o"""  # noqa: S608  # constants of this module
)
_UPDATE = sa.text(
    f"""WITH o AS (SELECT * FROM {_ORDERS.named("o")}), due AS (
      {_DUE.format("merchant, id", "o")}
    )
    UPDATE sales_order SET order_number = o.order_number, status = o.status,
      hold_reasons = CAST(o.reasons AS jsonb), overrides = {_WAIVED}, revision = o.revision,
      occurred_at = o.occurred_at, version = o.version, digest = o.digest,
      fingerprint = o.fingerprint, customer = o.customer, currency = o.currency,
      grand_total = o.grand_total, document = o.document, updated_at = now()
    FROM o WHERE sales_order.id = o.id"""  # noqa: S608
)
_SET_STATUS = sa.text(
    f"""WITH o AS (SELECT * FROM {_STANDING.named("o")}), due AS (
      {_DUE.format("merchant_id, id", "sales_order JOIN o USING (id) WHERE o.status = 'cancelled'")}
    )
    UPDATE sales_order SET status = o.status, hold_reasons = CAST(o.reasons AS jsonb),
      updated_at = now()
    FROM o
    WHERE sales_order.id = o.id"""  # noqa: S608  # ours
)
_TOLD_ADDRESS = "sales_order.told_address"
_KEEP_TOLD_ADDRESS = sa.text(
    "UPDATE sales_order SET told_address = :told WHERE id = :id AND merchant_id = :merchant"
)
_LIFT = sa.text("UPDATE sales_order SET lifted_at = now() WHERE id = :id RETURNING lifted_at")
_LIFT_ALL = sa.text(
    "UPDATE sales_order SET lifted_at = now() WHERE id = ANY (:ids) RETURNING lifted_at"
)
_TWINS = sa.text(
    """SELECT fingerprint, channel, order_number FROM sales_order
    WHERE fingerprint = ANY (:prints) AND received_at > now() - interval '1 day'
      AND status <> 'cancelled'"""
)
