"""Parcels that nobody announced: whose they are, now or when their return is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.flows.returns import arriving
from hub.flows.returns import desk as desks
from hub.flows.returns.desk import Desk
from hub.flows.unit import Unit
from hub.model.returns import ReturnReceipt
from hub.rules.returns import parcels, receiving
from hub.rules.returns.parcels import Open, Parcel
from hub.states.returns import OVER
from hub.store.ops import incidents
from hub.store.returns import facts, finding, receipts, returns
from hub.store.returns.receipts import ReceiptRow
from hub.store.returns.returns import ReturnRow


@dataclass(frozen=True, slots=True)
class Signs:
    """What stands on a parcel, as it is compared."""

    tracking: str | None
    order: str | None
    phone: bytes | None

    @classmethod
    def of(cls, unit: Unit, receipt: ReturnReceipt, merchant: str) -> "Signs":
        digits = parcels.tail([receipt.phone_tail])
        return cls(
            parcels.plain(receipt.tracking_number),
            receipt.channel_order_id or receipt.order_number,
            returns.phone_mark(unit.vault, merchant, digits),
        )


def find(
    unit: Unit, desk: Desk, receipt: ReturnReceipt, merchants: Sequence[str] | None
) -> ReturnRow | None:
    """The return that waits for this parcel, by the signs on it."""
    known = list(merchants) if merchants is not None else sorted(unit.directory.merchants)
    marks = {merchant: Signs.of(unit, receipt, merchant) for merchant in known}
    plain = Signs.of(unit, receipt, "")
    signs = (
        [plain.tracking] if plain.tracking else [],
        [it.phone for it in marks.values() if it.phone],
        [plain.order] if plain.order else [],
    )
    rows = finding.awaiting(unit.db, unit.vault, signs, merchants)
    waiting = {row.id: desk.touched.get(row.id, row) for row in rows}
    skus = frozenset(line.sku for line in receipt.lines)
    numbers = facts.order_numbers(unit.db, (row.order_id for row in waiting.values()))
    for merchant in sorted({row.merchant for row in waiting.values()}):
        phone = marks[merchant].phone if merchant in marks else None
        mine = [_open(row, numbers) for row in waiting.values() if row.merchant == merchant]
        key = parcels.owner(Parcel(plain.tracking, plain.order, phone, skus), mine)
        if key is not None:
            return waiting[key]
    return None


def _open(row: ReturnRow, numbers: Mapping[UUID, str]) -> Open[UUID]:
    """`numbers`: order -> what its customer calls it."""
    order = numbers.get(row.order_id) if row.order_id else None
    names = {row.document.channel_order_id, row.number, *([order] if order else [])}
    skus = frozenset(line.sku for line in row.lines if line.sku)
    return Open(row.id, row.tracking, frozenset(names), row.phone, skus)


def look_for(unit: Unit, desk: Desk, rows: Sequence[ReturnRow]) -> None:
    """Put under these returns the parcels that came before them."""
    if not rows:
        return
    merchants, numbers = sorted({row.merchant for row in rows}), [row.number for row in rows]
    orders = facts.order_numbers(unit.db, (row.order_id for row in rows))
    for parcel in receipts.unmatched(unit.db, unit.vault, merchants, numbers):
        named = [row for row in rows if row.number == parcel.document.return_id]
        row = named[0] if len(named) == 1 else _by_signs(unit, parcel, rows, orders)
        if row is not None:
            attach(unit, desk, parcel, row)


def _by_signs(
    unit: Unit, parcel: ReceiptRow, rows: Sequence[ReturnRow], orders: Mapping[UUID, str]
) -> ReturnRow | None:
    by_id = {row.id: row for row in rows if row.status not in OVER}
    signs = Signs.of(unit, parcel.document, parcel.merchant)
    awaited = [_open(row, orders) for row in by_id.values()]
    skus = frozenset(piece.sku for piece in parcel.pieces)
    key = parcels.owner(Parcel(signs.tracking, signs.order, signs.phone, skus), awaited)
    return by_id.get(key) if key else None


def attach(unit: Unit, desk: Desk, parcel: ReceiptRow, row: ReturnRow) -> None:
    """A parcel turned out to be of this return: its pieces are booked on its lines."""
    meant: Mapping[str, str] = {
        **{it.sku: it.sku for it in parcel.pieces if it.known},
        **{line.sku: line.sku for line in row.lines if line.sku},
    }
    came = receipts.came(unit.db, [row.id]).get(row.id, {})
    lines = [
        line.model_copy(update={"sku": piece.sku})
        for line, piece in zip(parcel.document.lines, parcel.pieces, strict=True)
    ]
    parcel.pieces = desks.rows_of(receiving.match(desks.awaited(row, came), lines, meant))
    parcel.return_id, parcel.status = row.id, receipts.BOOKED
    receipts.attach(unit.db, [parcel])
    incidents.close(unit.db, [f"return_receipt:{parcel.number}"], ["unmatched_parcel"])
    arriving.arrive(unit, desk, row, parcel)
