"""What came back, with the pieces it came to; documents sealed.

A receipt is known by its warehouse, what its papers say, its own id and its content: the same again
is refused by the database. An inspection is kept alike: pieces out of those nobody looked at, and
into what they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.catalogue import freeze
from hub.model.returns import ReturnReceipt
from hub.store.base.ids import long, short
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault

_PREFIX, _PLACE = "C", "return_receipt.document"
BOOKED, UNMATCHED, INSPECTED, SENT_BACK = "booked", "unmatched", "inspected", "sent_back"
"""How a receipt stands: of its return; of none so far; what an inspection moved; what went back to
the customer.
"""


@dataclass(frozen=True, slots=True)
class PieceRow:
    """Pieces of a receipt. `known`: `sku` is an article of the merchant."""

    line_no: int | None
    sku: str
    known: bool
    quality: str
    quantity: Decimal
    batch: str | None = None


@dataclass(slots=True)
class ReceiptRow:
    """A receipt, and what it came to. `return_id` None: nobody knows whose it is."""

    id: UUID
    merchant: str
    return_id: UUID | None
    warehouse: str
    status: str
    document: ReturnReceipt
    pieces: Sequence[PieceRow]
    actor: str
    message_id: UUID | None = None
    tracking: str | None = None
    phone: bytes | None = None

    @property
    def number(self) -> str:
        """Its own number, which is ours."""
        return short(_PREFIX, self.id)

    @property
    def booked_as(self) -> str:
        """The document of its lines in the ledger."""
        return f"return_receipt:{self.number}"


def id_text(id: UUID) -> str:  # noqa: A002
    """A receipt's number as the Open API and the ledger name it."""
    return short(_PREFIX, id)


def id_of(text: str) -> UUID | None:
    """The id behind such a text; None where it is none of ours."""
    return long(_PREFIX, text)


def digest(receipt: ReturnReceipt) -> bytes:
    """What a receipt says came back, whatever its lines' order, without when it was told."""
    lines = sorted(line.model_dump_json() for line in receipt.lines)
    return sha256("\n".join(lines).encode()).digest()[:16]


def insert(db: Connection, vault: Vault, rows: Sequence[ReceiptRow]) -> set[UUID]:
    """Store receipts with their pieces, each once. Returns the ids that are new."""
    if not rows:
        return set()
    new = set(db.scalars(_INSERT, _RECEIPTS.of(_head(vault, row) for row in rows)))
    write_pieces(db, [row for row in rows if row.id in new])
    return new


def write_pieces(db: Connection, rows: Sequence[ReceiptRow]) -> None:
    """Store the pieces of receipts."""
    values = [
        (
            *(row.id, row.merchant, at, it.line_no, it.sku, it.known, it.quality, it.quantity),
            it.batch,
        )
        for row in rows
        for at, it in enumerate(row.pieces)
    ]
    if values:
        write(db, _INSERT_PIECES, _PIECES.of(values))


def attach(db: Connection, rows: Sequence[ReceiptRow]) -> None:
    """Put parcels under the returns that they turned out to be of, with their pieces on its
    lines.
    """
    if rows:
        write(db, _ATTACH, _ATTACHED.of((row.id, row.return_id, row.status) for row in rows))
        write(db, _FORGET_PIECES, {"ids": [row.id for row in rows]})
        write_pieces(db, rows)


def load(db: Connection, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, ReceiptRow]:
    """Lock and load receipts by id."""
    return {row.id: row for row in _with(db, vault, db.execute(_BY_ID, {"ids": list(ids)}))}


def unmatched(
    db: Connection, vault: Vault, merchants: Sequence[str], numbers: Sequence[str]
) -> list[ReceiptRow]:
    """Lock and load the parcels of these merchants that belong to nobody so far, and others whose
    papers name one of these numbers.
    """
    rows = db.execute(_UNMATCHED, {"merchants": list(merchants), "numbers": list(numbers)})
    return _with(db, vault, rows)


def came(
    db: Connection, returns: Iterable[UUID]
) -> Mapping[UUID, Mapping[int | None, Mapping[str, Decimal]]]:
    """Return -> its line (None: pieces of no line) -> quality -> pieces that came and are there."""
    pieces: dict[UUID, dict[int | None, dict[str, Decimal]]] = {}
    for row in db.execute(_CAME, {"ids": sorted(set(returns))}):
        of_line = pieces.setdefault(row.return_id, {}).setdefault(row.line_no, {})
        of_line[row.quality] = of_line.get(row.quality, Decimal(0)) + row.quantity
    return pieces


def in_stock(db: Connection, returns: Iterable[UUID]) -> Sequence[Any]:
    """What receipts of these returns put into the stock and is there by them: return_id, warehouse,
    sku, known, quality, line_no, quantity.
    """
    return db.execute(_IN_STOCK, {"ids": sorted(set(returns))}).all()


def _head(vault: Vault, row: ReceiptRow) -> tuple[Any, ...]:
    it = row.document
    sealed = vault.seal(freeze(it), _PLACE, row.merchant, row.id)
    return (
        *(row.id, row.merchant, row.return_id, row.warehouse, it.return_id or "", it.receipt_id),
        *(digest(it), row.booked_as, row.status, row.actor, row.tracking),
        *(it.channel_order_id or it.order_number, row.phone, it.received_at, sealed),
        row.message_id,
    )


def opened(vault: Vault, row: Any) -> ReturnReceipt:
    """The document of a row with `document`, `merchant_id` and `id`."""
    raw = vault.open(row.document, _PLACE, row.merchant_id, row.id)
    return ReturnReceipt.model_validate_json(raw)


def _with(db: Connection, vault: Vault, heads: Iterable[Any]) -> list[ReceiptRow]:
    rows = list(heads)
    pieces: dict[UUID, list[PieceRow]] = {row.id: [] for row in rows}
    for it in db.execute(_PIECES_OF, {"ids": list(pieces)}) if rows else ():
        pieces[it.receipt_id].append(
            PieceRow(it.line_no, it.sku, it.known, it.quality, it.quantity, it.batch)
        )
    return [
        ReceiptRow(
            *(row.id, row.merchant_id, row.return_id, row.warehouse, row.status),
            *(opened(vault, row), pieces[row.id], row.actor, row.message_id, row.tracking),
            None if row.phone is None else bytes(row.phone),
        )
        for row in rows
    ]


_RECEIPTS = Rows(
    id="uuid",
    merchant="text",
    return_id="uuid",
    warehouse="text",
    number="text",
    receipt="text",
    digest="bytea",
    booked_as="text",
    status="text",
    actor="text",
    tracking="text",
    order_number="text",
    phone="bytea",
    received="timestamptz",
    document="bytea",
    message="uuid",
)
_INSERT = sa.text(
    f"""INSERT INTO return_receipt (id, merchant_id, return_id, warehouse, number, receipt_id,
      digest, booked_as, status, actor, tracking, order_number, phone, received_at, document,
      message_id)
    SELECT * FROM {_RECEIPTS.arrays} ON CONFLICT DO NOTHING RETURNING id"""  # noqa: S608  # ours
)
_PIECES = Rows(
    id="uuid",
    merchant="text",
    position="int",
    line_no="int",
    sku="text",
    known="boolean",
    quality="text",
    quantity="numeric",
    batch="text",
)
_INSERT_PIECES = sa.text(
    f"""INSERT INTO return_piece (receipt_id, merchant_id, position, line_no, sku, known, quality,
      quantity, batch)
    SELECT * FROM {_PIECES.arrays}"""  # noqa: S608  # ours
)
_ATTACHED = Rows(id="uuid", return_id="uuid", status="text")
_ATTACH = sa.text(
    f"""UPDATE return_receipt SET return_id = a.return_id, status = a.status
    FROM {_ATTACHED.named("a")} WHERE return_receipt.id = a.id"""  # noqa: S608  # ours
)
_FORGET_PIECES = sa.text("DELETE FROM return_piece WHERE receipt_id = ANY (:ids)")
_COLUMNS = """SELECT id, merchant_id, return_id, warehouse, status, document, actor, message_id,
  tracking, phone FROM return_receipt"""
_BY_ID = sa.text(f"{_COLUMNS} WHERE id = ANY (:ids) ORDER BY id FOR UPDATE")
_UNMATCHED = sa.text(
    f"""{_COLUMNS} WHERE status = 'unmatched'
      AND (merchant_id = ANY (:merchants) OR number = ANY (:numbers))
    ORDER BY id FOR UPDATE"""
)
_PIECES_OF = sa.text(
    """SELECT receipt_id, line_no, sku, known, quality, quantity, batch
    FROM return_piece WHERE receipt_id = ANY (:ids) ORDER BY receipt_id, position"""
)
_CAME = sa.text(
    """SELECT r.return_id, p.line_no, p.quality, sum(p.quantity) AS quantity
    FROM return_receipt AS r JOIN return_piece AS p ON p.receipt_id = r.id
    WHERE r.return_id = ANY (:ids) AND r.status IN ('booked', 'inspected') GROUP BY 1, 2, 3"""
)
_IN_STOCK = sa.text(
    """SELECT r.return_id, r.warehouse, p.sku, p.known, p.quality, p.line_no,
      sum(p.quantity) AS quantity
    FROM return_receipt AS r JOIN return_piece AS p ON p.receipt_id = r.id
    WHERE r.return_id = ANY (:ids) GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(p.quantity) > 0
    ORDER BY 1, 2, 3, 5, 6"""
)
