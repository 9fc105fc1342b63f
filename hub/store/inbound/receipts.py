"""Goods receipts with the pieces they came to; documents sealed.

A receipt is known by its warehouse, the notice it names, its own id and its content: the same again
is refused by the database, the same id with other lines is another one.
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
from hub.model.stock import GoodsReceipt
from hub.store.base.ids import short
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.base.sealing import Vault

_PREFIX, _PLACE = "G", "goods_receipt.document"
BOOKED, UNANNOUNCED, REFUSED = "booked", "unannounced", "refused"
"""How a receipt stands: booked under its notice; booked without one; kept, its notice taking none
any more.
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
    expires_on: str | None = None


@dataclass(slots=True)
class ReceiptRow:
    """A receipt, and what it came to. `notice_id` None: nobody announced it."""

    id: UUID
    merchant: str
    notice_id: UUID | None
    warehouse: str
    status: str
    document: GoodsReceipt
    pieces: Sequence[PieceRow]
    message_id: UUID | None = None

    @property
    def number(self) -> str:
        """Its own number, which is ours."""
        return short(_PREFIX, self.id)

    @property
    def booked_as(self) -> str:
        """The document of its lines in the ledger."""
        return f"goods_receipt:{self.number}"


def number(id: UUID) -> str:  # noqa: A002
    """A receipt's own number, as the ledger and the Open API name it."""
    return short(_PREFIX, id)


def digest(receipt: GoodsReceipt) -> bytes:
    """What a receipt says came in, whatever its lines' order, without when it was told."""
    lines = sorted(line.model_dump_json() for line in receipt.lines)
    return sha256("\n".join(lines).encode()).digest()[:16]


def insert(db: Connection, vault: Vault, rows: Sequence[ReceiptRow]) -> set[UUID]:
    """Store receipts, each once. Returns the ids that are new; write their pieces afterwards."""
    if not rows:
        return set()
    return set(db.scalars(_INSERT, _RECEIPTS.of(_head(vault, row) for row in rows)))


def write_pieces(db: Connection, rows: Sequence[ReceiptRow]) -> None:
    """Store the pieces of new receipts."""
    values = [
        (
            *(row.id, row.merchant, at, piece.line_no, piece.sku, piece.known, piece.quality),
            *(piece.quantity, piece.batch, piece.expires_on),
        )
        for row in rows
        for at, piece in enumerate(row.pieces)
    ]
    if values:
        write(db, _INSERT_PIECES, _PIECES.of(values))


def attach(db: Connection, rows: Sequence[ReceiptRow]) -> None:
    """Put receipts that came before their notice under it, with their pieces on its lines."""
    if rows:
        write(db, _ATTACH, _ATTACHED.of((row.id, row.notice_id, row.status) for row in rows))
        write(db, _FORGET_PIECES, {"ids": [row.id for row in rows]})
        write_pieces(db, rows)


def unannounced(
    db: Connection, vault: Vault, numbers: Iterable[tuple[str, str, str]]
) -> list[ReceiptRow]:
    """Receipts that wait for a notice of (merchant, warehouse, number), as they came in."""
    rows = db.execute(_UNANNOUNCED, _PLACES.of(sorted(set(numbers)))).all()
    pieces: dict[UUID, list[PieceRow]] = {row.id: [] for row in rows}
    for piece in db.execute(_PIECES_OF, {"ids": list(pieces)}) if rows else ():
        pieces[piece.receipt_id].append(
            PieceRow(
                *(piece.line_no, piece.sku, piece.known, piece.quality, piece.quantity),
                *(piece.batch, piece.expires_on),
            )
        )
    return [_receipt(vault, row, pieces[row.id]) for row in rows]


def _receipt(vault: Vault, row: Any, pieces: Sequence[PieceRow]) -> ReceiptRow:
    raw = vault.open(row.document, _PLACE, row.merchant_id, row.id)
    return ReceiptRow(
        *(row.id, row.merchant_id, row.notice_id, row.warehouse, row.status),
        GoodsReceipt.model_validate_json(raw),
        *(pieces, row.message_id),
    )


def strays(db: Connection, notices: Iterable[UUID]) -> Mapping[UUID, list[PieceRow]]:
    """What came in under these notices and stands on none of their lines, summed up."""
    found: dict[UUID, list[PieceRow]] = {}
    for row in db.execute(_STRAYS, {"ids": sorted(set(notices))}):
        piece = PieceRow(None, row.sku, row.known, row.quality, row.quantity)
        found.setdefault(row.notice_id, []).append(piece)
    return found


def _head(vault: Vault, row: ReceiptRow) -> tuple[Any, ...]:
    receipt = row.document
    sealed = vault.seal(freeze(receipt), _PLACE, row.merchant, row.id)
    return (
        *(row.id, row.merchant, row.notice_id, row.warehouse, receipt.inbound_notice_id),
        *(receipt.receipt_id, digest(receipt), row.booked_as, row.status, receipt.complete),
        *(receipt.received_at, sealed, row.message_id),
    )


_RECEIPTS = Rows(
    id="uuid",
    merchant="text",
    notice="uuid",
    warehouse="text",
    number="text",
    receipt="text",
    digest="bytea",
    booked_as="text",
    status="text",
    complete="boolean",
    received="timestamptz",
    document="bytea",
    message="uuid",
)
_INSERT = sa.text(
    f"""INSERT INTO goods_receipt (id, merchant_id, notice_id, warehouse, number, receipt_id,
      digest, booked_as, status, complete, received_at, document, message_id)
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
    expires="text",
)
_INSERT_PIECES = sa.text(
    f"""INSERT INTO receipt_line (receipt_id, merchant_id, position, line_no, sku, known, quality,
      quantity, batch, expires_on)
    SELECT * FROM {_PIECES.arrays}"""  # noqa: S608  # ours
)
_ATTACHED = Rows(id="uuid", notice="uuid", status="text")
_ATTACH = sa.text(
    f"""UPDATE goods_receipt SET notice_id = a.notice, status = a.status
    FROM {_ATTACHED.named("a")} WHERE goods_receipt.id = a.id"""  # noqa: S608  # ours
)
_FORGET_PIECES = sa.text("DELETE FROM receipt_line WHERE receipt_id = ANY (:ids)")
_PLACES = Rows(merchant="text", warehouse="text", number="text")
_UNANNOUNCED = sa.text(
    f"""SELECT r.id, r.merchant_id, r.notice_id, r.warehouse, r.status, r.document, r.message_id
    FROM goods_receipt AS r JOIN {_PLACES.named("p")}
      ON r.warehouse = p.warehouse AND r.number = p.number AND r.merchant_id = p.merchant
    WHERE r.notice_id IS NULL ORDER BY r.id FOR UPDATE OF r"""  # noqa: S608  # ours
)
_PIECES_OF = sa.text(
    """SELECT receipt_id, line_no, sku, known, quality, quantity, batch, expires_on
    FROM receipt_line WHERE receipt_id = ANY (:ids) ORDER BY receipt_id, position"""
)
_STRAYS = sa.text(
    """SELECT r.notice_id, line.sku, line.known, line.quality, sum(line.quantity) AS quantity
    FROM goods_receipt AS r JOIN receipt_line AS line ON line.receipt_id = r.id
    WHERE r.notice_id = ANY (:ids) AND r.status = 'booked' AND line.line_no IS NULL
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"""
)
