"""Orders and their routing decisions, in sets; documents sealed."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.order import SalesOrder
from hub.store.pipelining import write
from hub.store.vault import Vault


@dataclass(slots=True)
class OrderRow:
    """An order as it stands. `overrides` are hold reasons that a person waived."""

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

    @property
    def channel_order_id(self) -> str:
        return self.document.channel_order_id


def load_by_channel(
    db: Connection, vault: Vault, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], OrderRow]:
    """Lock and load orders by (channel, channel order id)."""
    pairs = sorted(set(wanted))
    rows = db.execute(
        _BY_CHANNEL, {"channels": [pair[0] for pair in pairs], "ids": [pair[1] for pair in pairs]}
    )
    return {(row.channel, row.channel_order_id): _order(vault, row) for row in rows}


def load(db: Connection, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, OrderRow]:
    """Lock and load orders by id."""
    return {row.id: _order(vault, row) for row in db.execute(_BY_ID, {"ids": sorted(set(ids))})}


def documents(db: Connection, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, SalesOrder]:
    """Orders' documents by id, to look at only: nothing is locked."""
    return {
        row.id: _order(vault, row).document
        for row in db.execute(_UNLOCKED, {"ids": sorted(set(ids))})
    }


def insert(db: Connection, vault: Vault, rows: Sequence[OrderRow]) -> None:
    """Store new orders."""
    if rows:
        write(db, _INSERT, _order_columns(vault, rows))


def update(db: Connection, vault: Vault, rows: Sequence[OrderRow]) -> None:
    """Store changed orders."""
    if rows:
        write(db, _UPDATE, _order_columns(vault, rows))


def set_status(db: Connection, rows: Sequence[OrderRow]) -> None:
    """Store status and hold reasons alone; the documents have not changed."""
    if rows:
        write(
            db,
            _SET_STATUS,
            {
                "ids": [row.id for row in rows],
                "statuses": [row.status for row in rows],
                "reasons": [_shown(row.hold_reasons) for row in rows],
            },
        )


def twins(db: Connection, rows: Sequence[OrderRow]) -> dict[bytes, list[str]]:
    """Orders of the last day on other channels that look the same: fingerprint -> order numbers."""
    prints = [row.fingerprint for row in rows if row.fingerprint]
    found: dict[bytes, list[str]] = {}
    if prints:
        for row in db.execute(_TWINS, {"prints": prints}):
            found.setdefault(bytes(row.fingerprint), []).append(f"{row.channel} {row.order_number}")
    return found


def keep_decisions(db: Connection, rows: Sequence[tuple[UUID, str, UUID, Any]]) -> None:
    """Store routing decisions (id, merchant, order, reasoning)."""
    if rows:
        write(
            db,
            _DECISIONS,
            {
                "ids": [row[0] for row in rows],
                "merchants": [row[1] for row in rows],
                "orders": [row[2] for row in rows],
                "reasonings": [json.dumps(row[3], default=str) for row in rows],
            },
        )


def _order(vault: Vault, row: Any) -> OrderRow:
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
    )


def _order_columns(vault: Vault, rows: Sequence[OrderRow]) -> dict[str, Any]:
    return {
        "ids": [row.id for row in rows],
        "merchants": [row.merchant for row in rows],
        "channels": [row.channel for row in rows],
        "channel_ids": [row.channel_order_id for row in rows],
        "numbers": [row.document.order_number for row in rows],
        "statuses": [row.status for row in rows],
        "reasons": [_shown(row.hold_reasons) for row in rows],
        "overrides": [_shown(row.overrides) for row in rows],
        "revisions": [row.revision for row in rows],
        "occurred": [row.occurred_at for row in rows],
        "versions": [row.version for row in rows],
        "digests": [row.digest for row in rows],
        "prints": [row.fingerprint for row in rows],
        "currencies": [row.document.currency for row in rows],
        "grand_totals": [row.document.totals.grand_total for row in rows],
        "correlations": [row.correlation_id for row in rows],
        "placed": [row.document.placed_at for row in rows],
        "documents": [
            vault.seal_packed(
                vault.packed(row.document), "sales_order.document", row.merchant, row.id
            )
            for row in rows
        ],
    }


def _shown(listed: list[Any]) -> str:
    return json.dumps(listed) if listed else "[]"


_ORDER = """SELECT id, merchant_id, channel, channel_order_id, status, hold_reasons, overrides,
  revision, occurred_at, version, digest, fingerprint, document, correlation_id FROM sales_order"""
_BY_CHANNEL = sa.text(
    f"""{_ORDER} WHERE (channel, channel_order_id) IN (
      SELECT * FROM unnest(CAST(:channels AS text[]), CAST(:ids AS text[]))
    ) ORDER BY id FOR UPDATE"""  # noqa: S608  # constants of this module
)
_BY_ID = sa.text(f"{_ORDER} WHERE id = ANY (:ids) ORDER BY id FOR UPDATE")
_UNLOCKED = sa.text(f"{_ORDER} WHERE id = ANY (:ids)")
_COLUMNS = """unnest(CAST(:ids AS uuid[]), CAST(:merchants AS text[]), CAST(:channels AS text[]),
  CAST(:channel_ids AS text[]), CAST(:numbers AS text[]), CAST(:statuses AS text[]),
  CAST(:reasons AS text[]), CAST(:overrides AS text[]), CAST(:revisions AS text[]),
  CAST(:occurred AS timestamptz[]), CAST(:versions AS int[]), CAST(:digests AS bytea[]),
  CAST(:prints AS bytea[]), CAST(:currencies AS text[]), CAST(:grand_totals AS numeric[]),
  CAST(:correlations AS uuid[]), CAST(:placed AS timestamptz[]), CAST(:documents AS bytea[]))
  AS o (id, merchant, channel, channel_order_id, order_number, status, reasons, overrides, revision,
  occurred_at, version, digest, fingerprint, currency, grand_total, correlation, placed_at,
  document)"""
_WAIVED = "ARRAY(SELECT jsonb_array_elements_text(CAST(o.overrides AS jsonb)))"
_INSERT = sa.text(
    f"""INSERT INTO sales_order (id, merchant_id, channel, channel_order_id, order_number, status,
      hold_reasons, overrides, revision, occurred_at, version, digest, fingerprint, currency,
      grand_total, correlation_id, placed_at, document)
    SELECT id, merchant, channel, channel_order_id, order_number, status, CAST(reasons AS jsonb),
      {_WAIVED}, revision, occurred_at, version, digest, fingerprint, currency, grand_total,
      correlation, placed_at, document
    FROM {_COLUMNS}"""  # noqa: S608  # constants of this module
)
_UPDATE = sa.text(
    f"""UPDATE sales_order SET order_number = o.order_number, status = o.status,
      hold_reasons = CAST(o.reasons AS jsonb), overrides = {_WAIVED}, revision = o.revision,
      occurred_at = o.occurred_at, version = o.version, digest = o.digest,
      fingerprint = o.fingerprint, currency = o.currency, grand_total = o.grand_total,
      document = o.document, updated_at = now()
    FROM {_COLUMNS} WHERE sales_order.id = o.id"""  # noqa: S608
)
_SET_STATUS = sa.text(
    """UPDATE sales_order SET status = o.status, hold_reasons = CAST(o.reasons AS jsonb),
      updated_at = now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:reasons AS text[]))
      AS o (id, status, reasons)
    WHERE sales_order.id = o.id"""
)
_TWINS = sa.text(
    """SELECT fingerprint, channel, order_number FROM sales_order
    WHERE fingerprint = ANY (:prints) AND received_at > now() - interval '1 day'"""
)
_DECISIONS = sa.text(
    """INSERT INTO routing_decision (id, merchant_id, order_id, reasoning)
    SELECT id, merchant, order_id, CAST(reasoning AS jsonb) FROM unnest(CAST(:ids AS uuid[]),
      CAST(:merchants AS text[]), CAST(:orders AS uuid[]), CAST(:reasonings AS text[]))
      AS d (id, merchant, order_id, reasoning)"""
)
