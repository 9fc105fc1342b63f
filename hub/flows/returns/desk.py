"""The returns of a batch: moved by their table, and stored with what follows.

An effect only collects what follows (`EFFECTS`); `close` writes it for the whole batch: what is
told is told once, as it stands at the end.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from hub.flows.orders import reconsider
from hub.flows.returns import saying
from hub.flows.unit import Unit
from hub.model.errors import Contradiction
from hub.model.returns import ReturnReceipt, ReturnReceiptLine
from hub.rules.returns.receiving import Awaited, Piece
from hub.states.machine import step
from hub.states.returns import RETURN, Event, State
from hub.store.base.ids import new_id
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.orders import orders, timeline
from hub.store.orders.orders import OrderRow
from hub.store.returns import receipts, returns
from hub.store.returns.receipts import PieceRow, ReceiptRow
from hub.store.returns.returns import ReturnRow
from hub.store.stock import levels_touched
from hub.store.stock.stock_levels import Movement

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Moved:
    """A return that takes a step: why, by whom, and the message that told of it. `teller`: the
    channel that told, which is not told again.
    """

    row: ReturnRow
    why: str = ""
    actor: str = "hub"
    cause: UUID | None = None
    teller: str | None = None


@dataclass(slots=True)
class Desk:
    """What a batch comes to. `warehouse`, `withdrawn`, `channel`, `books`: who is told of which
    returns; `settle`: what is to be settled by itself.
    """

    touched: dict[UUID, ReturnRow] = field(default_factory=dict)
    orders: dict[UUID, OrderRow] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    events: list[timeline.Event] = field(default_factory=list)
    warehouse: dict[UUID, Moved] = field(default_factory=dict)
    withdrawn: dict[UUID, Moved] = field(default_factory=dict)
    channel: dict[UUID, Moved] = field(default_factory=dict)
    books: dict[UUID, Moved] = field(default_factory=dict)
    settle: dict[UUID, Moved] = field(default_factory=dict)
    cause: UUID | None = None

    def order(self, unit: Unit, row: ReturnRow) -> OrderRow:
        """The order of a return, locked. Contradiction where it is known of none."""
        if row.order_id is None:
            raise Contradiction("the order of this return is not known", path="channel_order_id")
        if row.order_id not in self.orders:
            self.orders |= orders.load(unit.db, unit.vault, [row.order_id])
        return self.orders[row.order_id]


def move(unit: Unit, desk: Desk, event: Event, moved: Moved) -> None:
    """Take a step of the state table, with all that follows it. Raises IllegalTransition."""
    row = moved.row
    taken = step(RETURN, State(row.status), event)
    before, row.status = row.status, taken.state
    for effect in taken.effects:
        EFFECTS[effect](unit, desk, moved)
    desk.touched[row.id] = row
    if row.status != before:
        row.asked = None if row.status != State.REQUESTED else row.asked
        note(desk, moved, {"status": row.status})


def note(desk: Desk, moved: Moved, detail: Mapping[str, str]) -> None:
    """Put what happened on the order's timeline."""
    if moved.row.order_id is not None:
        whole = {"return": moved.row.number, **detail}
        event = timeline.Event(
            *(moved.row.merchant, moved.row.order_id, "return", whole, moved.cause, moved.actor)
        )
        desk.events.append(event)


def _tell_warehouse(_: Unit, desk: Desk, moved: Moved) -> None:
    if moved.row.document.cause != "lost" and moved.row.document.warehouse is not None:
        desk.warehouse[moved.row.id] = moved


def _cancel_notice(_: Unit, desk: Desk, moved: Moved) -> None:
    desk.warehouse.pop(moved.row.id, None)
    if moved.row.told_ids:
        desk.withdrawn[moved.row.id] = moved


def _tell_channel(_: Unit, desk: Desk, moved: Moved) -> None:
    if moved.teller is None or moved.teller != moved.row.channel:
        desk.channel[moved.row.id] = moved


def _tell_books(_: Unit, desk: Desk, moved: Moved) -> None:
    desk.books[moved.row.id] = moved


def _settle(_: Unit, desk: Desk, moved: Moved) -> None:
    desk.books[moved.row.id] = moved
    desk.settle[moved.row.id] = moved


def _send_back(unit: Unit, desk: Desk, moved: Moved) -> None:
    """What came in goes back to the customer: out of the stock, and a person sends it."""
    row, there = moved.row, receipts.in_stock(unit.db, [moved.row.id])
    for place in sorted({it.warehouse for it in there}):
        pieces = [
            Piece(it.line_no, it.sku, it.quality, -it.quantity, it.known)
            for it in there
            if it.warehouse == place
        ]
        keep(unit, desk, moved, place, receipts.SENT_BACK, pieces)
        sentence = f"{place} is to send the goods of return {row.number} back to the customer"
        subject = f"return:{row.number}"
        desk.incidents.append(
            Incident(row.merchant, "return_send_back", subject, sentence, row.order_id, moved.cause)
        )


EFFECTS: Mapping[str, Callable[[Unit, Desk, Moved], None]] = {
    "tell_warehouse": _tell_warehouse,
    "cancel_notice": _cancel_notice,
    "tell_channel": _tell_channel,
    "tell_books": _tell_books,
    "settle": _settle,
    "send_back": _send_back,
}
"""Who takes what follows a step of a return (`hub/states/returns.py`)."""


def keep(
    unit: Unit,
    desk: Desk,
    moved: Moved,
    place: str,
    status: str,
    pieces: Sequence[Piece],
    said: Sequence[ReturnReceiptLine] = (),
) -> ReceiptRow:
    """Keep what the hub itself moves of a return as a receipt of its own, and book it. `said`: how
    somebody said it, with notes and pictures.
    """
    row, id_ = moved.row, new_id()
    lines = [
        ReturnReceiptLine(
            sku=it.sku or "-", quantity=it.quantity, quality=saying.QUALITIES[it.quality]
        )
        for it in pieces
    ]
    document = ReturnReceipt(
        source=row.document.source,
        return_id=row.number,
        receipt_id=receipts.id_text(id_),
        warehouse=place,
        received_at=unit.at,
        lines=tuple(said or lines),
    )
    receipt = ReceiptRow(
        *(id_, row.merchant, row.id, place, status, document, rows_of(pieces), moved.actor),
        moved.cause,
    )
    receipts.insert(unit.db, unit.vault, [receipt])
    book(desk, receipt)
    return receipt


def rows_of(pieces: Iterable[Piece]) -> list[PieceRow]:
    """Pieces as they are stored."""
    return [
        PieceRow(it.line_no, it.sku, it.is_known, it.quality, it.quantity, it.batch)
        for it in pieces
    ]


def book(desk: Desk, receipt: ReceiptRow) -> None:
    """The pieces of a receipt into the stock of their quality, one movement a piece of it."""
    for it in receipt.pieces:
        stock = Piece(it.line_no, it.sku, it.quality, it.quantity, it.known).stock
        if stock is not None and it.quantity:
            desk.movements.append(
                Movement(
                    *(receipt.merchant, receipt.warehouse, it.sku, it.quantity, "return"),
                    *(receipt.booked_as, stock),
                    actor=receipt.actor,
                    batch=it.batch,
                    happened_at=receipt.document.received_at,
                )
            )
    desk.cause = desk.cause or receipt.message_id


def awaited(row: ReturnRow, came: Mapping[int | None, Mapping[str, Decimal]]) -> list[Awaited]:
    """The lines as the rules know them."""
    return [
        Awaited(line.line_no, line.sku, line.quantity, came.get(line.line_no, {}))
        for line in row.lines
    ]


def count(row: ReturnRow, came: Mapping[int | None, Mapping[str, Decimal]]) -> None:
    """Let the lines hold what came of them."""
    for line, known in zip(row.lines, awaited(row, came), strict=True):
        line.received = known.there


def close(unit: Unit, desk: Desk) -> None:
    """Store what moved, tell of it, and book the stock; orders that wait for it are looked at."""
    rows = list(desk.touched.values())
    saying.say(unit, desk)
    returns.update(unit.db, unit.vault, rows)
    timeline.note(unit.db, desk.events)
    incidents.open_new(unit.db, desk.incidents)
    unit.move(desk.movements)
    articles = sorted({(it.merchant, it.sku) for it in desk.movements if it.delta})
    levels_touched.touch(unit.db, articles)
    reconsider.came_in(unit, articles, desk.cause)
