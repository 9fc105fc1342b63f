"""Goods receipts: what warehouses say came in, whatever was announced.

What arrived is booked and how it differs is flagged: a receipt is never refused for what it
holds, or the warehouse would send it for ever. Each one adds its pieces once; the same again
changes nothing. A notice that takes no goods any more (draft, closed, cancelled) contradicts it:
the receipt is kept, not booked, and a person decides. One that nobody announced is booked where its
articles are known, and goes under its notice when that comes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.flows.inbound import desk as desks
from hub.flows.inbound import saying
from hub.flows.inbound.desk import Arrived, Desk, Moved
from hub.flows.unit import Told, Unit
from hub.model.stock import GoodsReceipt, ReceivedLine
from hub.rules.inbound import receiving
from hub.rules.inbound.receiving import Piece
from hub.rules.messages.receiving import Verdict
from hub.states.inbound_notice import TAKES_RECEIPTS, Event
from hub.store.base.ids import new_id
from hub.store.inbound import notices, receipts
from hub.store.inbound.differences import DifferenceRow
from hub.store.inbound.notices import NoticeRow
from hub.store.inbound.receipts import PieceRow, ReceiptRow
from hub.store.ops.incidents import Incident
from hub.store.stock import articles

_Known = Mapping[str, tuple[str, str]]
"""What the warehouse calls an article -> (merchant, SKU)."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is known of what receipts name."""

    notices: Mapping[tuple[str, str], Sequence[NoticeRow]]
    owners: Mapping[str, tuple[str, ...]]
    known: Mapping[str, _Known]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A receipt to be kept, and the notice it is for."""

    row: ReceiptRow
    notice: NoticeRow | None
    telling: Told


def receive(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Book what warehouses received."""
    batch = _load(unit, tellings)
    judged = [_judge(batch, telling) for telling in tellings]
    entries = [entry for it in judged if not isinstance(it, Verdict) for entry in it]
    new = receipts.insert(unit.db, unit.vault, [entry.row for entry in entries])
    receipts.write_pieces(unit.db, [entry.row for entry in entries if entry.row.id in new])
    desk = Desk()
    verdicts = [
        it if isinstance(it, Verdict) else _take(unit, desk, [e for e in it if e.row.id in new])
        for it in judged
    ]
    desks.close(unit, desk)
    return verdicts


def _receipt(telling: Told) -> GoodsReceipt:
    assert isinstance(telling.document, GoodsReceipt)
    return telling.document


def _load(unit: Unit, tellings: Sequence[Told]) -> _Batch:
    numbers = [(it.partner.code, _receipt(it).inbound_notice_id) for it in tellings]
    notices.alone(unit.db, numbers)
    codes: dict[str, set[str]] = {}
    merchants = {it.partner.code: it.partner.merchant for it in tellings}
    for it in tellings:
        named = {receiving.code_of(line) for line in _receipt(it).lines}
        codes.setdefault(it.partner.code, set()).update(named)
    return _Batch(
        notices.at_warehouse(unit.db, unit.vault, numbers),
        articles.owners(unit.db, {code for named in codes.values() for code in named}),
        {
            place: articles.articles_of(unit.db, place, merchants[place], sorted(named))
            for place, named in codes.items()
        },
    )


def _judge(batch: _Batch, telling: Told) -> list[_Entry] | Verdict:
    receipt, place = _receipt(telling), telling.partner.code
    if telling.partner.kind != "warehouse":
        sentence = "only a warehouse says what it received"
        return Verdict("parked", "contradiction", sentence)
    fault = next(receiving.faults(receipt), None)
    if fault is not None:
        return Verdict("parked", fault.code, fault.message, fault.path)
    meant = batch.notices.get((place, receipt.inbound_notice_id), ())
    if len(meant) > 1:
        meant = [row for row in meant if _names_all(row, receipt)]
        if len(meant) != 1:
            sentence = "several merchants have a notice of that number here"
            return Verdict("parked", "ambiguous", sentence, "inbound_notice_id")
    if meant:
        return [_under(batch, meant[0], telling)]
    return _unannounced(batch.known[place], telling)


def _names_all(row: NoticeRow, receipt: GoodsReceipt) -> bool:
    lines = desks.expected(row)
    return all(any(it.is_called(line) for it in lines) for line in receipt.lines)


def _under(batch: _Batch, notice: NoticeRow, telling: Told) -> _Entry:
    """A receipt for a notice: what is its merchant's article is known."""
    receipt, known = _receipt(telling), batch.known[telling.partner.code]
    meant = {}
    for code in {receiving.code_of(line) for line in receipt.lines}:
        if notice.merchant in batch.owners.get(code, ()):
            meant[code] = code
        elif code in known and known[code][0] == notice.merchant:
            meant[code] = known[code][1]
    pieces = receiving.match(desks.expected(notice), receipt.lines, meant)
    takes = notice.status in TAKES_RECEIPTS
    status = receipts.BOOKED if takes else receipts.REFUSED
    row = _row(receipt, notice.merchant, notice.id, status, pieces, telling)
    return _Entry(row, notice, telling)


def _unannounced(known: _Known, telling: Told) -> list[_Entry]:
    """A receipt that nobody announced: for each merchant whose goods are in it, one of its own
    lines.
    """
    shares: dict[str, list[ReceivedLine]] = {}
    for line in _receipt(telling).lines:
        owner, _ = known.get(receiving.code_of(line), (telling.merchant, ""))
        shares.setdefault(owner, []).append(line)
    meant = {code: sku for code, (_, sku) in known.items()}
    return [
        _Entry(
            _row(
                _receipt(telling).model_copy(update={"lines": tuple(lines)}),
                *(owner, None, receipts.UNANNOUNCED, receiving.match((), lines, meant), telling),
            ),
            *(None, telling),
        )
        for owner, lines in sorted(shares.items())
    ]


def _row(
    receipt: GoodsReceipt,
    merchant: str,
    notice: UUID | None,
    status: str,
    pieces: Sequence[Piece],
    telling: Told,
) -> ReceiptRow:
    return ReceiptRow(
        *(new_id(), merchant, notice, telling.partner.code, status, receipt),
        rows_of(pieces),
        telling.message_id,
    )


def rows_of(pieces: Sequence[Piece]) -> list[PieceRow]:
    """Pieces as they are stored."""
    return [
        PieceRow(
            *(it.line_no, it.sku, it.is_known, it.quality, it.quantity, it.batch, it.expires_on)
        )
        for it in pieces
    ]


def _take(unit: Unit, desk: Desk, entries: Sequence[_Entry]) -> Verdict:
    if not entries:
        return Verdict("ignored", "repeated", "this receipt is known")
    for entry in entries:
        if entry.row.status == receipts.REFUSED:
            return _refuse(desk, entry)
        if entry.notice is None:
            _book_unannounced(desk, entry)
        else:
            arrive(unit, desk, entry.notice, Arrived(entry.row))
        teller = entry.notice.document.source.connection if entry.notice else None
        saying.receipt(unit, entry.row, teller, entry.telling.correlation_id)
    return Verdict()


def arrive(unit: Unit, desk: Desk, notice: NoticeRow, arrived: Arrived) -> None:
    """A receipt moves its notice: to its end where the warehouse says so, or nothing is missing."""
    counted = {line.line_no: line.received for line in notice.lines}
    for piece in arrived.row.pieces:
        if piece.line_no is not None:
            counted[piece.line_no] += piece.quantity
    there = all(counted[line.line_no] >= line.expected for line in notice.lines)
    event = Event.RECEIVE if arrived.row.document.complete or there else Event.RECEIVE_PART
    desks.move(unit, desk, event, Moved(notice, "", arrived.row.message_id, arrived))


def _refuse(desk: Desk, entry: _Entry) -> Verdict:
    """The notice takes no goods any more: a person looks, nothing is booked."""
    notice, row = entry.notice, entry.row
    assert notice is not None
    sentence = f"inbound notice {notice.number[:60]} is {notice.status}, and goods came in for it"
    desk.differences += _apart(row, "not_booked")
    subject = f"inbound_notice:{notice.number}"
    desk.incidents.append(
        Incident(notice.merchant, "contradiction", subject, sentence, None, row.message_id)
    )
    return Verdict("ignored", "contradiction", sentence, "inbound_notice_id")


def _book_unannounced(desk: Desk, entry: _Entry) -> None:
    row = entry.row
    desks.book(desk, row)
    desk.differences += _apart(row, "unannounced")
    number = row.document.inbound_notice_id
    sentence = f"{row.warehouse} received goods for {number[:60]}, of which it was not told"
    subject = f"inbound_notice:{number}"
    desk.incidents.append(
        Incident(row.merchant, "unannounced_receipt", subject, sentence, None, row.message_id)
    )


def _apart(row: ReceiptRow, code: str) -> list[DifferenceRow]:
    """All pieces of a receipt as differences of its own, each article once."""
    sums: dict[tuple[str, str, str], DifferenceRow] = {}
    for piece in row.pieces:
        what = code if piece.known else "unknown_sku"
        place = (what, piece.quality, piece.sku)
        key = f"{what}::{piece.quality}:{piece.sku}"
        before = sums[place].quantity if place in sums else 0
        sums[place] = DifferenceRow(
            *(row.merchant, row.id, key, row.warehouse, row.document.inbound_notice_id, what),
            *(None, piece.sku, piece.quality, piece.quantity + before),
        )
    return list(sums.values())
