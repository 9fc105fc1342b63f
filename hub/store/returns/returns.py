"""Returns with their lines; documents sealed."""

import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.catalogue import freeze
from hub.model.product import Kit, Served
from hub.model.returns import Return
from hub.store.base.ids import long, short
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault

_PREFIX, _PLACE = "R", "return.document"
_ZERO = Decimal(0)


def id_text(id: UUID) -> str:  # noqa: A002
    """A return's id as the Open API shows it, and its number where nobody gave it one."""
    return short(_PREFIX, id)


def id_of(text: str) -> UUID | None:
    """The id behind such a text; None where it is none of ours."""
    return long(_PREFIX, text)


@dataclass(slots=True)
class LineRow:
    """A line of a return. `received`: pieces of it that came back; `ordered` and `paid`: pieces and
    money of the order's line; `kit`: what that was made of, where it was sent as parts.
    """

    line_no: int
    order_line: int | None
    channel_line_id: str | None
    sku: str | None
    quantity: Decimal
    reason: str | None = None
    received: Decimal = _ZERO
    ordered: Decimal = _ZERO
    paid: Decimal = _ZERO
    kit: Kit | None = None

    def serving(self, pieces: Decimal) -> Served:
        """So many pieces of it, for its order line."""
        return Served(self.order_line or 0, self.sku or "", pieces, self.kit)


@dataclass(slots=True)
class ReturnRow:
    """A return as it stands. `asked`: why a person is to decide; `told_ids`: the messages that told
    the warehouse; `exchange_due`: what is to be paid on top, negative what goes back.
    """

    id: UUID
    merchant: str
    status: str
    document: Return
    order_id: UUID | None
    channel: str | None
    currency: str
    correlation_id: UUID
    lines: list[LineRow]
    tracking: str | None = None
    phone: bytes | None = None
    asked: str | None = None
    inspected_by: str | None = None
    told_ids: list[UUID] = field(default_factory=list)
    digest: bytes = b""
    revision: int = 1
    source_revision: str | None = None
    occurred_at: datetime | None = None
    exchange_order_id: UUID | None = None
    exchange_credit: Decimal = _ZERO
    exchange_price: Decimal = _ZERO

    @property
    def number(self) -> str:
        """As everybody calls it that is told of it."""
        return self.document.return_id

    @property
    def exchange_due(self) -> Decimal:
        return self.exchange_price - self.exchange_credit


def digest(document: Return) -> bytes:
    """The content of a request without whence it came, for comparison."""
    source = document.source.model_copy(update={"id": "-", "revision": None, "occurred_at": None})
    bare = document.model_copy(update={"source": source})
    return sha256(bare.model_dump_json().encode()).digest()[:16]


def phone_mark(vault: Vault, merchant: str, tail: str | None) -> bytes | None:
    """The last digits of a phone as they are kept: keyed, so that they tell nothing."""
    if tail is None:
        return None
    return hmac.digest(vault.index_key, f"{merchant}|{tail}".encode(), "sha256")[:16]


def alone(db: Connection, names: Iterable[str]) -> None:
    """Let nobody else ask for or receive these until the end of the transaction."""
    db.execute(_ALONE, {"names": sorted(set(names))})


def insert(db: Connection, vault: Vault, rows: Sequence[ReturnRow]) -> set[UUID]:
    """Store new returns with their lines, each number once. Returns the ids that are new."""
    if not rows:
        return set()
    new = set(db.scalars(_INSERT, _NEW.of(_head(vault, row) for row in rows)))
    _write_lines(db, [row for row in rows if row.id in new])
    return new


def update(db: Connection, vault: Vault, rows: Sequence[ReturnRow]) -> None:
    """Store returns as they stand, with their lines."""
    if rows:
        write(db, _UPDATE, _NEW.of(_head(vault, row) for row in rows))
        told = ((row.id, row.merchant, told) for row in rows for told in row.told_ids)
        write(db, _TOLD, _TELLINGS.of(told))
        _write_lines(db, rows)


def load(db: Connection, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, ReturnRow]:
    """Lock and load returns by id."""
    return {
        row.id: row for row in with_lines(db, vault, db.execute(_BY_ID, {"ids": sorted(set(ids))}))
    }


def by_number(
    db: Connection, vault: Vault, numbers: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], ReturnRow]:
    """Lock and load returns by (merchant, number)."""
    rows = db.execute(_BY_NUMBER, _NUMBERS.of(sorted(set(numbers))))
    return {(row.merchant, row.number): row for row in with_lines(db, vault, rows)}


def by_channel(
    db: Connection, vault: Vault, ids: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], ReturnRow]:
    """Lock and load returns by (channel, the channel's id of it)."""
    rows = with_lines(db, vault, db.execute(_BY_CHANNEL, _CHANNELS.of(sorted(set(ids)))))
    return {(row.channel or "", row.document.channel_return_id or ""): row for row in rows}


def _head(vault: Vault, row: ReturnRow) -> tuple[Any, ...]:
    it = row.document
    sealed = vault.seal(freeze(it), _PLACE, row.merchant, row.id)
    return (
        *(row.id, row.merchant, row.number, row.order_id, row.channel, it.channel_order_id),
        *(it.channel_return_id, it.kind, it.cause, row.status, it.reason, it.warehouse),
        *(row.tracking, row.phone, row.currency, row.revision, row.source_revision),
        *(row.occurred_at, row.digest, row.asked, row.inspected_by, row.exchange_order_id),
        *(row.exchange_credit, row.exchange_price, row.exchange_due, sealed),
        *(row.correlation_id, it.requested_at),
    )


def _write_lines(db: Connection, rows: Sequence[ReturnRow]) -> None:
    values = [
        (
            *(row.id, row.merchant, it.line_no, it.order_line, it.channel_line_id, it.sku),
            *(it.reason, it.quantity, it.received, it.ordered, it.paid),
            it.kit and json.dumps(it.kit.kept()),
        )
        for row in rows
        for it in row.lines
    ]
    if values:
        write(db, _WRITE_LINES, _LINES.of(values))


def with_lines(db: Connection, vault: Vault, heads: Iterable[Any]) -> list[ReturnRow]:
    """Rows of `COLUMNS` with their lines."""
    rows = list(heads)
    if not rows:
        return []
    lines: dict[UUID, list[LineRow]] = {row.id: [] for row in rows}
    for it in db.execute(_LINES_OF, {"ids": list(lines)}):
        lines[it.return_id].append(
            LineRow(
                *(it.line_no, it.order_line, it.channel_line_id, it.sku, it.quantity, it.reason),
                *(it.received, it.ordered, it.paid, Kit.read(it.kit)),
            )
        )
    return [_row(vault, row, lines[row.id]) for row in rows]


def opened(vault: Vault, row: Any) -> Return:
    """The document of a row with `document`, `merchant_id` and `id`."""
    raw = vault.open(row.document, _PLACE, row.merchant_id, row.id)
    return Return.model_validate_json(raw)


def _row(vault: Vault, row: Any, lines: list[LineRow]) -> ReturnRow:
    return ReturnRow(
        *(row.id, row.merchant_id, row.status, opened(vault, row), row.order_id, row.channel),
        *(row.currency, row.correlation_id, lines, row.tracking),
        phone=None if row.phone is None else bytes(row.phone),
        asked=row.asked,
        inspected_by=row.inspected_by,
        told_ids=list(row.told_ids),
        digest=bytes(row.digest),
        revision=row.revision,
        source_revision=row.source_revision,
        occurred_at=row.occurred_at,
        exchange_order_id=row.exchange_order_id,
        exchange_credit=row.exchange_credit,
        exchange_price=row.exchange_price,
    )


_NEW = Rows(
    id="uuid",
    merchant="text",
    number="text",
    order_id="uuid",
    channel="text",
    channel_order="text",
    channel_return="text",
    kind="text",
    cause="text",
    status="text",
    reason="text",
    warehouse="text",
    tracking="text",
    phone="bytea",
    currency="text",
    revision="int",
    source_revision="text",
    occurred="timestamptz",
    digest="bytea",
    asked="text",
    inspected_by="text",
    exchange_order="uuid",
    credit="numeric",
    price="numeric",
    due="numeric",
    document="bytea",
    correlation="uuid",
    requested="timestamptz",
)
_INSERT = sa.text(
    f"""INSERT INTO customer_return (id, merchant_id, number, order_id, channel, channel_order_id,
      channel_return_id, kind, cause, status, reason, warehouse, tracking, phone, currency,
      revision, source_revision, occurred_at, digest, asked, inspected_by, exchange_order_id,
      exchange_credit, exchange_price, exchange_due, document, correlation_id, requested_at)
    SELECT * FROM {_NEW.named("n")} ORDER BY number
    ON CONFLICT DO NOTHING RETURNING id"""  # noqa: S608  # ours
)
_UPDATE = sa.text(
    f"""UPDATE customer_return AS r SET kind = n.kind, cause = n.cause, status = n.status,
      reason = n.reason, warehouse = n.warehouse, tracking = n.tracking, revision = n.revision,
      source_revision = n.source_revision, occurred_at = n.occurred, digest = n.digest,
      asked = n.asked, inspected_by = n.inspected_by, exchange_order_id = n.exchange_order,
      exchange_credit = n.credit, exchange_price = n.price, exchange_due = n.due,
      document = n.document, updated_at = now()
    FROM {_NEW.named("n")}
    WHERE r.id = n.id AND r.merchant_id = n.merchant"""  # noqa: S608  # ours
)
_TELLINGS = Rows(id="uuid", merchant="text", told="uuid")
_TOLD = sa.text(
    f"""UPDATE customer_return AS r SET told_ids = t.ids FROM (
      SELECT id, merchant, array_agg(told ORDER BY told) AS ids
      FROM {_TELLINGS.named("t")} GROUP BY 1, 2
    ) AS t WHERE r.id = t.id AND r.merchant_id = t.merchant"""  # noqa: S608  # ours
)
_LINES = Rows(
    id="uuid",
    merchant="text",
    line_no="int",
    order_line="int",
    channel_line="text",
    sku="text",
    reason="text",
    quantity="numeric",
    received="numeric",
    ordered="numeric",
    paid="numeric",
    kit="text",
)
_WRITE_LINES = sa.text(
    f"""INSERT INTO return_line (return_id, merchant_id, line_no, order_line, channel_line_id, sku,
      reason, quantity, received, ordered, paid, kit)
    SELECT id, merchant, line_no, order_line, channel_line, sku, reason, quantity, received,
      ordered, paid, CAST(kit AS jsonb) FROM {_LINES.named("l")}
    ON CONFLICT (return_id, line_no, merchant_id) DO UPDATE SET received = excluded.received,
      quantity = excluded.quantity, reason = excluded.reason"""  # noqa: S608  # ours
)
COLUMNS = """SELECT r.id, r.merchant_id, r.status, r.document, r.order_id, r.channel, r.currency,
  r.correlation_id, r.tracking, r.phone, r.asked, r.inspected_by, r.told_ids, r.digest, r.revision,
  r.source_revision, r.occurred_at, r.exchange_order_id, r.exchange_credit, r.exchange_price
  FROM customer_return AS r"""
_NUMBERS = Rows(merchant="text", number="text")
_CHANNELS = Rows(channel="text", number="text")
_ALONE = sa.text(
    """SELECT pg_advisory_xact_lock(key) FROM (
      SELECT DISTINCT hashtextextended('return ' || name, 0) AS key
      FROM unnest(CAST(:names AS text[])) AS name ORDER BY 1
    ) AS keys"""
)
_BY_ID = sa.text(f"{COLUMNS} WHERE r.id = ANY (:ids) ORDER BY r.id FOR UPDATE")
_BY_NUMBER = sa.text(
    f"""{COLUMNS} JOIN {_NUMBERS.named("n")} ON r.number = n.number AND r.merchant_id = n.merchant
    ORDER BY r.id FOR UPDATE OF r"""
)
_BY_CHANNEL = sa.text(
    f"""{COLUMNS} JOIN {_CHANNELS.named("n")}
      ON r.channel = n.channel AND r.channel_return_id = n.number
    ORDER BY r.id FOR UPDATE OF r"""
)
_LINES_OF = sa.text(
    """SELECT return_id, line_no, order_line, channel_line_id, sku, reason, quantity, received,
      ordered, paid, kit FROM return_line
    WHERE return_id = ANY (:ids) ORDER BY return_id, line_no"""
)
