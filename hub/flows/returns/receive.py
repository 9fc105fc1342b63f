"""What warehouses say came back, announced or not.

A receipt is never refused for what it holds. Each books its pieces once, by what they are, wherever
the return stands; one that belongs to no return is kept, and booked when its return is found.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from hub.flows.returns import arriving, parcels, saying, settling
from hub.flows.returns import desk as desks
from hub.flows.returns.desk import Desk
from hub.flows.returns.parcels import Signs
from hub.flows.unit import Told, Unit
from hub.model.merchant import OPERATOR
from hub.model.returns import ReturnReceipt
from hub.rules.messages.receiving import Verdict
from hub.rules.returns import receiving
from hub.store.base.ids import new_id
from hub.store.ops.incidents import Incident
from hub.store.returns import finding, receipts, returns
from hub.store.returns.receipts import ReceiptRow
from hub.store.returns.returns import ReturnRow
from hub.store.stock import articles


def receive(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Book what came back."""
    desk, verdicts = Desk(), list[Verdict]()
    returns.alone(unit.db, (it.partner.code for it in tellings))
    for telling in tellings:  # a batch holds few: a parcel at a time is booked by what came before
        verdicts.append(_take(unit, desk, telling))
    settling.finish(unit, desk)
    return verdicts


def _receipt(telling: Told) -> ReturnReceipt:
    assert isinstance(telling.document, ReturnReceipt)
    return telling.document


def _take(unit: Unit, desk: Desk, telling: Told) -> Verdict:
    receipt, place = _receipt(telling), telling.partner
    if place.kind != "warehouse":
        return Verdict("parked", "contradiction", "only a warehouse says what came back")
    fault = next(receiving.faults(receipt), None)
    if fault is not None:
        return Verdict("parked", fault.code, fault.message, fault.path)
    owner = _owner(unit, desk, telling)
    if isinstance(owner, Verdict):
        return owner
    meant = articles.articles_of(
        unit.db, place.code, place.merchant, sorted({line.sku for line in receipt.lines})
    )
    if owner is None:
        return _unmatched(unit, desk, telling, meant)
    row = _row(unit, telling, owner.merchant, owner.id)
    own = {code: sku for code, (merchant, sku) in meant.items() if merchant == owner.merchant}
    own |= {line.sku: line.sku for line in owner.lines if line.sku}
    return _under(unit, desk, owner, row, own)


def _owner(unit: Unit, desk: Desk, telling: Told) -> ReturnRow | Verdict | None:
    """The return that a receipt is of: as its papers say, else by the signs on it."""
    receipt, merchants = _receipt(telling), _merchants(telling)
    number = receipt.return_id
    quoted = finding.quoted(unit.db, unit.vault, [number], merchants) if number else {}
    rows = [desk.touched.get(row.id, row) for row in quoted.get(number or "", ())]
    if len(rows) > 1:
        sentence = "several merchants have a return of that number here"
        return Verdict("parked", "ambiguous", sentence, "return_id")
    if rows:
        return rows[0]
    return parcels.find(unit, desk, receipt, merchants)


def _merchants(telling: Told) -> Sequence[str] | None:
    return None if telling.merchant == OPERATOR else [telling.merchant]


def _row(unit: Unit, telling: Told, merchant: str, return_id: UUID | None) -> ReceiptRow:
    receipt, id_ = _receipt(telling), new_id()
    signs = Signs.of(unit, receipt, merchant)
    return ReceiptRow(
        *(id_, merchant, return_id, telling.partner.code),
        *(receipts.BOOKED if return_id else receipts.UNMATCHED, receipt, (), telling.partner.code),
        *(telling.message_id, signs.tracking, signs.phone),
    )


def _unmatched(
    unit: Unit, desk: Desk, telling: Told, meant: Mapping[str, tuple[str, str]]
) -> Verdict:
    """Nobody announced it: it is kept, and a person hears of it."""
    owners = {merchant for merchant, _ in meant.values()}
    merchant = next(iter(owners)) if len(owners) == 1 else telling.merchant
    row = _row(unit, telling, merchant, None)
    row.pieces = desks.rows_of(
        receiving.Piece(None, meant[it.sku][1] if it.sku in meant else it.sku, it.quality,
                        it.quantity, it.sku in meant, it.batch)
        for it in _receipt(telling).lines
    )  # fmt: skip
    if not receipts.insert(unit.db, unit.vault, [row]):
        return Verdict("ignored", "repeated", "this receipt is known")
    sentence = f"{row.warehouse} has a parcel that belongs to no return that is known"
    subject = f"return_receipt:{row.number}"
    desk.incidents.append(
        Incident(merchant, "unmatched_parcel", subject, sentence, None, telling.message_id)
    )
    return Verdict()


def _under(
    unit: Unit,
    desk: Desk,
    owner: ReturnRow,
    row: ReceiptRow,
    meant: Mapping[str, str],
) -> Verdict:
    came = receipts.came(unit.db, [owner.id]).get(owner.id, {})
    pieces = receiving.match(desks.awaited(owner, came), row.document.lines, meant)
    row.pieces = desks.rows_of(pieces)
    if not receipts.insert(unit.db, unit.vault, [row]):
        return Verdict("ignored", "repeated", "this receipt is known", order_id=owner.order_id)
    arriving.arrive(unit, desk, owner, row)
    saying.receipt(unit, row, owner.correlation_id)
    return Verdict(order_id=owner.order_id)
