"""Inbound notices with their lines; documents sealed."""

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
from hub.model.stock import InboundNotice
from hub.store.base.ids import long, short
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault

_PREFIX, _PLACE = "N", "inbound_notice.document"


def id_text(id: UUID) -> str:  # noqa: A002
    """A notice's id as the Open API shows it."""
    return short(_PREFIX, id)


def id_of(text: str) -> UUID | None:
    """The id behind such a text; None where it is none of ours."""
    return long(_PREFIX, text)


@dataclass(slots=True)
class LineRow:
    """One line of a notice. `open`: what is still expected; `sent`: what left the other warehouse
    of a transfer, `transit`: what of it is still on its way.
    """

    line_no: int
    sku: str
    expected: Decimal
    open: Decimal
    item_code: str | None = None
    quality: str = "good"
    batch: str | None = None
    received: Decimal = Decimal(0)
    damaged: Decimal = Decimal(0)
    sent: Decimal = Decimal(0)
    transit: Decimal = Decimal(0)


@dataclass(slots=True)
class NoticeRow:
    """A notice as it stands. `told_ids`: the outbox messages that told the warehouse."""

    id: UUID
    merchant: str
    status: str
    document: InboundNotice
    correlation_id: UUID
    lines: list[LineRow]
    warehouse_reference: str | None = None
    told_ids: list[UUID] = field(default_factory=list)
    digest: bytes = b""
    source_revision: str | None = None
    occurred_at: datetime | None = None

    @property
    def number(self) -> str:
        """As its merchant and the warehouse call it."""
        return self.document.inbound_notice_id

    @property
    def warehouse(self) -> str:
        return self.document.warehouse

    @property
    def origin(self) -> str | None:
        """The warehouse that a transfer leaves."""
        return self.document.from_warehouse


def digest(notice: InboundNotice) -> bytes:
    """The content of a notice without whence it came and its revision, for comparison."""
    source = notice.source.model_copy(update={"id": "-", "revision": None, "occurred_at": None})
    bare = notice.model_copy(update={"source": source, "revision": 1})
    return sha256(bare.model_dump_json().encode()).digest()[:16]


def alone(db: Connection, numbers: Iterable[tuple[str, str]]) -> None:
    """Let nobody else announce or receive under these (warehouse, number) until the end of the
    transaction: a notice and a receipt that come at once would not see each other.
    """
    db.execute(_ALONE, _PLACES.of(sorted(set(numbers))))


def insert(db: Connection, vault: Vault, rows: Sequence[NoticeRow]) -> set[UUID]:
    """Store new notices with their lines, each number of a merchant once. Returns the ids that are
    new.
    """
    if not rows:
        return set()
    new = set(db.scalars(_INSERT, _NEW.of(_head(vault, row) for row in rows)))
    _write_lines(db, [row for row in rows if row.id in new])
    return new


def update(db: Connection, vault: Vault, rows: Sequence[NoticeRow]) -> None:
    """Store notices as they stand, with their lines."""
    if rows:
        write(db, _UPDATE, _NEW.of(_head(vault, row) for row in rows))
        told = ((row.id, row.merchant, told) for row in rows for told in row.told_ids)
        write(db, _TOLD, _TELLINGS.of(told))
        _write_lines(db, rows)


def by_number(
    db: Connection, vault: Vault, numbers: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], NoticeRow]:
    """Lock and load notices by (merchant, number)."""
    rows = db.execute(_BY_NUMBER, _NUMBERS.of(sorted(set(numbers)))).all()
    return {(row.merchant, row.number): row for row in _with_lines(db, vault, rows)}


def at_warehouse(
    db: Connection, vault: Vault, numbers: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], list[NoticeRow]]:
    """Lock and load notices by (warehouse, number); merchants may number theirs alike."""
    rows = db.execute(_AT_WAREHOUSE, _PLACES.of(sorted(set(numbers)))).all()
    by_place: dict[tuple[str, str], list[NoticeRow]] = {}
    for row in _with_lines(db, vault, rows):
        by_place.setdefault((row.warehouse, row.number), []).append(row)
    return by_place


def load(db: Connection, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, NoticeRow]:
    """Lock and load notices by id."""
    rows = db.execute(_BY_ID, {"ids": sorted(set(ids))}).all()
    return {row.id: row for row in _with_lines(db, vault, rows)}


def _head(vault: Vault, row: NoticeRow) -> tuple[Any, ...]:
    notice = row.document
    sealed = vault.seal(freeze(notice), _PLACE, row.merchant, row.id)
    return (
        *(row.id, row.merchant, row.warehouse, row.number, notice.kind, row.status),
        *(notice.revision, row.source_revision, row.occurred_at, row.digest, row.origin),
        *(notice.expected_at, row.warehouse_reference, sealed, row.correlation_id),
    )


def _write_lines(db: Connection, rows: Sequence[NoticeRow]) -> None:
    values = [
        (
            *(row.id, row.merchant, line.line_no, row.warehouse, line.sku, line.item_code),
            *(line.quality, line.batch, line.expected, line.received, line.damaged, line.open),
            *(line.sent, line.transit),
        )
        for row in rows
        for line in row.lines
    ]
    if values:
        write(db, _WRITE_LINES, _LINES.of(values))


def _with_lines(db: Connection, vault: Vault, rows: Sequence[Any]) -> list[NoticeRow]:
    if not rows:
        return []
    lines: dict[UUID, list[LineRow]] = {row.id: [] for row in rows}
    for line in db.execute(_LINES_OF, {"ids": list(lines)}):
        lines[line.notice_id].append(
            LineRow(
                *(line.line_no, line.sku, line.expected, line.open, line.item_code, line.quality),
                *(line.batch, line.received, line.damaged, line.sent, line.transit),
            )
        )
    return [_notice(vault, row, lines[row.id]) for row in rows]


def _notice(vault: Vault, row: Any, lines: list[LineRow]) -> NoticeRow:
    raw = vault.open(row.document, _PLACE, row.merchant_id, row.id)
    return NoticeRow(
        id=row.id,
        merchant=row.merchant_id,
        status=row.status,
        document=InboundNotice.model_validate_json(raw),
        correlation_id=row.correlation_id,
        lines=lines,
        warehouse_reference=row.warehouse_reference,
        told_ids=list(row.told_ids),
        digest=bytes(row.digest),
        source_revision=row.source_revision,
        occurred_at=row.occurred_at,
    )


_NEW = Rows(
    id="uuid",
    merchant="text",
    warehouse="text",
    number="text",
    kind="text",
    status="text",
    revision="int",
    source_revision="text",
    occurred="timestamptz",
    digest="bytea",
    origin="text",
    expected="timestamptz",
    reference="text",
    document="bytea",
    correlation="uuid",
)
_INSERT = sa.text(
    f"""INSERT INTO inbound_notice (id, merchant_id, warehouse, number, kind, status, revision,
      source_revision, occurred_at, digest, from_warehouse, expected_at, warehouse_reference,
      document, correlation_id)
    SELECT * FROM {_NEW.named("n")} ORDER BY number
    ON CONFLICT DO NOTHING RETURNING id"""  # noqa: S608  # ours
)
_UPDATE = sa.text(
    f"""UPDATE inbound_notice AS notice SET kind = n.kind, status = n.status,
      revision = n.revision, source_revision = n.source_revision, occurred_at = n.occurred,
      digest = n.digest, from_warehouse = n.origin, expected_at = n.expected,
      warehouse_reference = n.reference, document = n.document, updated_at = now()
    FROM {_NEW.named("n")}
    WHERE notice.id = n.id AND notice.merchant_id = n.merchant"""  # noqa: S608  # ours
)
_TELLINGS = Rows(id="uuid", merchant="text", told="uuid")
_TOLD = sa.text(
    f"""UPDATE inbound_notice AS notice SET told_ids = t.ids FROM (
      SELECT id, merchant, array_agg(told ORDER BY told) AS ids
      FROM {_TELLINGS.named("t")} GROUP BY 1, 2
    ) AS t WHERE notice.id = t.id AND notice.merchant_id = t.merchant"""  # noqa: S608  # ours
)
_LINES = Rows(
    id="uuid",
    merchant="text",
    line_no="int",
    warehouse="text",
    sku="text",
    item="text",
    quality="text",
    batch="text",
    expected="numeric",
    received="numeric",
    damaged="numeric",
    open="numeric",
    sent="numeric",
    transit="numeric",
)
_WRITE_LINES = sa.text(
    f"""INSERT INTO inbound_line (notice_id, merchant_id, line_no, warehouse, sku, item_code,
      quality, batch, expected, received, damaged, open, sent, transit)
    SELECT * FROM {_LINES.arrays}
    ON CONFLICT (notice_id, line_no, merchant_id) DO UPDATE SET sku = excluded.sku,
      item_code = excluded.item_code, quality = excluded.quality, batch = excluded.batch,
      expected = excluded.expected, received = excluded.received, damaged = excluded.damaged,
      open = excluded.open, sent = excluded.sent, transit = excluded.transit"""  # noqa: S608  # ours
)
_COLUMNS = """SELECT notice.id, notice.merchant_id, status, document, correlation_id,
  warehouse_reference, told_ids, digest, source_revision, occurred_at
  FROM inbound_notice AS notice"""
_NUMBERS = Rows(merchant="text", number="text")
_PLACES = Rows(warehouse="text", number="text")
_ALONE = sa.text(
    f"""SELECT pg_advisory_xact_lock(key) FROM (
      SELECT hashtextextended('inbound ' || warehouse || ' ' || number, 0) AS key
      FROM {_PLACES.named("n")} ORDER BY 1
    ) AS keys"""  # noqa: S608  # ours
)
_BY_NUMBER = sa.text(
    f"""{_COLUMNS} JOIN {_NUMBERS.named("n")}
      ON notice.number = n.number AND notice.merchant_id = n.merchant
    ORDER BY notice.id FOR UPDATE OF notice"""
)
_AT_WAREHOUSE = sa.text(
    f"""{_COLUMNS} JOIN {_PLACES.named("n")}
      ON notice.number = n.number AND notice.warehouse = n.warehouse
    ORDER BY notice.id FOR UPDATE OF notice"""
)
_BY_ID = sa.text(f"{_COLUMNS} WHERE id = ANY (:ids) ORDER BY id FOR UPDATE")
_LINES_OF = sa.text(
    """SELECT notice_id, line_no, sku, expected, open, item_code, quality, batch, received,
      damaged, sent, transit FROM inbound_line
    WHERE notice_id = ANY (:ids) ORDER BY notice_id, line_no"""
)
