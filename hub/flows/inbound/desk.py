"""The inbound notices of a batch: moved by their table, and stored with what follows.

An effect only collects what follows (`EFFECTS`); `close` writes it for the whole batch, the stock
last of all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from hub.flows.inbound import saying
from hub.flows.orders import reconsider
from hub.flows.unit import Unit
from hub.rules.inbound import receiving
from hub.rules.inbound.deciding import IN_TRANSIT
from hub.rules.inbound.receiving import DAMAGED, Expected, Piece
from hub.states.inbound_notice import AWAITS, INBOUND_NOTICE, Event, State
from hub.states.machine import step
from hub.store.inbound import differences, notices, receipts
from hub.store.inbound.differences import DifferenceRow
from hub.store.inbound.notices import LineRow, NoticeRow
from hub.store.inbound.receipts import ReceiptRow
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.stock import levels_touched
from hub.store.stock.stock_levels import Movement

_ZERO = Decimal(0)
_OVER = frozenset({State.RECEIVED, State.CLOSED})
"""Where nothing more is expected, so that what did not come is missing."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A receipt under a notice. `is_booked`: its pieces are in the stock since before there was a
    notice.
    """

    row: ReceiptRow
    is_booked: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """A notice that takes a step, why, and the message that told of it."""

    row: NoticeRow
    why: str
    cause: UUID | None
    arrived: Arrived | None = None


@dataclass(slots=True)
class Desk:
    """What a batch comes to."""

    touched: dict[UUID, NoticeRow] = field(default_factory=dict)
    compared: set[UUID] = field(default_factory=set)
    """Notices whose differences are worked out anew."""
    movements: list[Movement] = field(default_factory=list)
    differences: list[DifferenceRow] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    cause: UUID | None = None
    """The first message that moved stock."""


def move(unit: Unit, desk: Desk, event: Event, moved: Moved) -> None:
    """Take a step of the state table, with all that follows it. Raises IllegalTransition."""
    row = moved.row
    taken = step(INBOUND_NOTICE, State(row.status), event)
    row.status = taken.state
    for effect in taken.effects:
        EFFECTS[effect](unit, desk, moved)
    desk.touched[row.id] = row


def _send_off(_: Unit, desk: Desk, moved: Moved) -> None:
    """A transfer's pieces leave the other warehouse; a change of it brings back what is too much
    and has not arrived.
    """
    row = moved.row
    for line in row.lines if row.origin else ():
        delta = max(line.expected - line.sent, -line.transit)
        _on_its_way(desk, row, line, delta)
        line.sent += delta


def _put_back(_: Unit, desk: Desk, moved: Moved) -> None:
    for line in moved.row.lines:
        _on_its_way(desk, moved.row, line, -line.transit)


def _on_its_way(desk: Desk, row: NoticeRow, line: LineRow, delta: Decimal) -> None:
    """Pieces off the shelf of the warehouse that a transfer leaves (or, negative, back on it)."""
    if row.origin and delta:
        desk.movements += [
            transferred(row, row.origin, line.sku, line.quality, -delta),
            transferred(row, row.warehouse, line.sku, IN_TRANSIT, delta),
        ]
        line.transit += delta


def transferred(row: NoticeRow, place: str, sku: str, quality: str, delta: Decimal) -> Movement:
    """Pieces of a transfer, on or off the shelf of a place."""
    document = f"transfer:{notices.id_text(row.id)}"
    return Movement(row.merchant, place, sku, delta, "transfer", document, quality)


def _send_to_warehouse(unit: Unit, desk: Desk, moved: Moved) -> None:
    told = saying.notice(unit, moved.row, moved.cause)
    moved.row.told_ids += told
    if not told:
        desk.incidents.append(saying.untold(moved.row, "its notice", moved.cause))


def _tell_warehouse(unit: Unit, desk: Desk, moved: Moved) -> None:
    if not saying.cancellation(unit, moved.row, moved.why, moved.cause):
        desk.incidents.append(saying.untold(moved.row, "that it is cancelled", moved.cause))


def _book_receipt(_: Unit, desk: Desk, moved: Moved) -> None:
    row, arrived = moved.row, moved.arrived
    desk.compared.add(row.id)
    if arrived is None:  # a change of the notice left nothing to wait for
        return
    lines = {line.line_no: line for line in row.lines}
    for piece in arrived.row.pieces:
        if piece.line_no is not None:
            _count(desk, row, lines[piece.line_no], piece.quality, piece.quantity)
    if not arrived.is_booked:
        book(desk, arrived.row)
    row.warehouse_reference = arrived.row.document.warehouse_reference or row.warehouse_reference


def _count(desk: Desk, row: NoticeRow, line: LineRow, quality: str, quantity: Decimal) -> None:
    line.received += quantity
    if quality == DAMAGED != line.quality:
        line.damaged += quantity
    arrives = min(quantity, line.transit)
    if arrives > 0:
        desk.movements.append(transferred(row, row.warehouse, line.sku, IN_TRANSIT, -arrives))
        line.transit -= arrives


def book(desk: Desk, receipt: ReceiptRow) -> None:
    """The pieces of a receipt into the stock, one movement a piece of it."""
    desk.movements += [
        Movement(
            *(receipt.merchant, receipt.warehouse, piece.sku, piece.quantity),
            *("goods_receipt", receipt.booked_as, piece.quality),
            actor=receipt.warehouse,
            batch=piece.batch,
            expires_on=piece.expires_on,
            happened_at=receipt.document.received_at,
        )
        for piece in receipt.pieces
        if piece.known
    ]
    desk.cause = desk.cause or receipt.message_id


def _note_shortage(_: Unit, desk: Desk, moved: Moved) -> None:
    desk.compared.add(moved.row.id)


EFFECTS: Mapping[str, Callable[[Unit, Desk, Moved], None]] = {
    "send_off": _send_off,
    "send_to_warehouse": _send_to_warehouse,
    "put_back": _put_back,
    "tell_warehouse": _tell_warehouse,
    "book_receipt": _book_receipt,
    "note_shortage": _note_shortage,
}
"""Who takes what follows a step of a notice (`hub/states/inbound_notice.py`)."""


def expected(row: NoticeRow) -> list[Expected]:
    """The lines as the rules know them."""
    return [
        Expected(
            *(line.line_no, line.sku, line.expected, line.received, line.damaged),
            *(line.quality, line.item_code, line.batch),
        )
        for line in row.lines
    ]


def close(unit: Unit, desk: Desk) -> None:
    """Store what moved, work out the differences, book the stock, and look at the orders that wait
    for what came in.
    """
    rows = list(desk.touched.values())
    for row in rows:
        _leave_open(row)
    notices.update(unit.db, unit.vault, rows)
    _compare(unit, [row for row in rows if row.id in desk.compared])
    differences.add(unit.db, desk.differences)
    incidents.open_new(unit.db, desk.incidents)
    shelves = [_shelf(row, line) for row in rows for line in row.lines if line.open]
    levels_touched.touch(unit.db, {(row.merchant, line.sku) for row in rows for line in row.lines})
    write_stock(unit, [*desk.movements, *shelves], desk.cause)


def _shelf(row: NoticeRow, line: LineRow) -> Movement:
    """No pieces, but a level: what is expected shows on it."""
    number = notices.id_text(row.id)
    place = (row.merchant, row.warehouse, line.sku)
    return Movement(*place, _ZERO, "expected", f"inbound_notice:{number}", line.quality)


def write_stock(unit: Unit, movements: Sequence[Movement], cause: UUID | None) -> None:
    """Book movements, and let go what waits for stock that came in."""
    unit.move(movements)
    moved = (it for it in movements if it.delta and it.quality != IN_TRANSIT)
    articles = sorted({(it.merchant, it.sku) for it in moved})
    levels_touched.touch(unit.db, articles)
    reconsider.came_in(unit, articles, cause)


def _leave_open(row: NoticeRow) -> None:
    over = row.status not in AWAITS
    for line, known in zip(row.lines, expected(row), strict=True):
        line.open = receiving.still_open(known, complete=over)


def _compare(unit: Unit, rows: Iterable[NoticeRow]) -> None:
    compared = list(rows)
    if not compared:
        return
    strays = receipts.strays(unit.db, [row.id for row in compared])
    settled = [
        difference for row in compared for difference in _differences(row, strays.get(row.id, ()))
    ]
    differences.settle(unit.db, settled, [row.id for row in compared])


def _differences(row: NoticeRow, strays: Sequence[receipts.PieceRow]) -> Iterable[DifferenceRow]:
    apart = [Piece(it.sku, it.quality, it.quantity, None, it.known) for it in strays]
    complete = row.status in _OVER
    for it in receiving.differences(expected(row), apart, complete=complete):
        yield DifferenceRow(
            *(row.merchant, row.id, it.key, row.warehouse, row.number, it.code, it.line_no),
            *(it.sku, it.quality, it.quantity),
        )
