"""What people ask for about returns: approve, refuse, ask; inspect, confirm; give money back or
send other goods; close.

A request that comes too late is refused with IllegalTransition; whoever asks is named in the audit.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import Field

from hub.flows.returns import arriving, exchanging, judging, parcels, request, saying, settling
from hub.flows.returns import desk as desks
from hub.flows.returns.desk import Desk, Moved
from hub.flows.returns.owed import RefundWish
from hub.flows.returns.terms import terms_of
from hub.flows.unit import Unit
from hub.model.document import Count, OptText, Text, Value
from hub.model.errors import BadData, Contradiction, IllegalTransition, NotFound
from hub.model.order import Refund, SalesOrder
from hub.model.returns import ExchangeLine, ReturnKind, ReturnQuality, ReturnReceiptLine
from hub.rules.ops.four_eyes import refuse_same
from hub.rules.returns import receiving
from hub.rules.returns.receiving import UNINSPECTED
from hub.states.machine import allowed
from hub.states.returns import RETURN, Event, State
from hub.store.people import audit_trail
from hub.store.returns import facts, receipts, returns
from hub.store.returns.returns import LineRow, ReturnRow


class Found(Value):
    """What pieces of a line turned out to be."""

    line_no: int = Field(ge=1)
    quality: ReturnQuality
    quantity: Count
    note: OptText = None
    images: tuple[Text, ...] = Field(default=(), max_length=50)


def approve(unit: Unit, return_id: UUID, actor: str, warehouse: str | None) -> str:
    """Approve a return; the warehouse that shall take it is told. Returns the new status."""

    def do(desk: Desk, moved: Moved) -> Mapping[str, Any]:
        row = moved.row
        if Event.APPROVE not in allowed(RETURN, State(row.status)):
            raise IllegalTransition(RETURN.document, row.status, Event.APPROVE)
        if warehouse is not None:
            row.document = row.document.model_copy(update={"warehouse": warehouse})
        order = desk.order(unit, row)
        sent = facts.sent_from(unit.db, [order.id]).get(order.id, [])
        country = order.document.ship_to.country if order.document.ship_to else None
        placed = judging.place(unit, row, sent, country)
        if placed is None and row.document.cause != "lost":
            message = "the code of a warehouse connection is expected"
            raise BadData(message, path="warehouse", code="unknown_warehouse")
        desks.move(unit, desk, Event.APPROVE, moved)
        return {"warehouse": placed}

    return _do(unit, return_id, actor, "approve", do)


def reject(unit: Unit, return_id: UUID, actor: str, reason: str) -> str:
    """Refuse a return; goods that are there go back to the customer. Returns the new status."""
    return _step(unit, return_id, actor, Event.REJECT, reason)


def cancel(unit: Unit, return_id: UUID, actor: str, reason: str) -> str:
    """The customer keeps the goods, and nothing is paid back. Returns the new status."""
    return _step(unit, return_id, actor, Event.CANCEL, reason)


def waive(unit: Unit, return_id: UUID, actor: str, reason: str) -> str:
    """The goods need not come, or are lost: it goes on without them. Returns the new status."""
    return _step(unit, return_id, actor, Event.WAIVE_GOODS, reason)


def close(unit: Unit, return_id: UUID, actor: str, reason: str) -> str:
    """Nothing more is expected. Returns the new status."""
    return _step(unit, return_id, actor, Event.CLOSE, reason)


def on_its_way(unit: Unit, return_id: UUID, actor: str, number: str, carrier: str | None) -> str:
    """The parcel's number; the warehouse hears of it. Returns the status."""

    def do(desk: Desk, moved: Moved) -> Mapping[str, Any]:
        request.set_parcel(unit, desk, moved, number, carrier)
        return {"tracking_number": number}

    return _do(unit, return_id, actor, "parcel", do)


def ask(unit: Unit, return_id: UUID, actor: str, question: str) -> str:
    """Put a return before others, with a question. Returns the status."""

    def do(_: Desk, moved: Moved) -> Mapping[str, Any]:
        if moved.row.status in RETURN.final:
            raise Contradiction(f"the return is {moved.row.status}", path="status")
        moved.row.asked = question
        return {"question": question}

    return _do(unit, return_id, actor, "ask", do)


def receive(unit: Unit, return_id: UUID, actor: str, pieces: Sequence[Found]) -> str:
    """Pieces came in, as somebody at the warehouse says here. Returns the new status."""

    def do(desk: Desk, moved: Moved) -> Mapping[str, Any]:
        row = moved.row
        place = row.document.warehouse
        if place is None:
            message = "the code of a warehouse connection is expected"
            raise BadData(message, path="warehouse", code="unknown_warehouse")
        if not pieces:
            raise BadData("at least one piece is expected", path="lines", code="no_lines")
        came = receipts.came(unit.db, [row.id]).get(row.id, {})
        by_number = {it.line_no: it for it in row.lines}
        said = [_told(by_number, it, at) for at, it in enumerate(pieces)]
        meant = {it.sku: it.sku for it in said}
        moves = receiving.match(desks.awaited(row, came), said, meant)
        receipt = desks.keep(unit, desk, moved, place, receipts.BOOKED, moves, said)
        arriving.follow(unit, desk, moved, receipt)
        saying.receipt(unit, receipt, row.correlation_id)
        return {"receipt": receipt.number, "found": _shown(pieces)}

    return _do(unit, return_id, actor, "receive", do)


def _told(by_number: Mapping[int, LineRow], it: Found, at: int) -> ReturnReceiptLine:
    line = by_number.get(it.line_no)
    if line is None or line.sku is None:
        message = "the return has no such line"
        raise BadData(message, path=f"lines.{at}.line_no", code="unknown_line")
    return ReturnReceiptLine(
        sku=line.sku,
        line_no=it.line_no,
        quantity=it.quantity,
        quality=it.quality,
        inspector_note=it.note,
        images=it.images,
    )


def inspect(unit: Unit, return_id: UUID, actor: str, pieces: Sequence[Found]) -> str:
    """Say what pieces turned out to be that nobody had looked at. Returns the new status."""

    def do(desk: Desk, moved: Moved) -> Mapping[str, Any]:
        row = moved.row
        place = _where(unit, row)
        by_number = {it.line_no: it for it in row.lines}
        said = [_told(by_number, it, at) for at, it in enumerate(pieces)]
        came = receipts.came(unit.db, [row.id]).get(row.id, {})
        lines = {it.line_no: it for it in desks.awaited(row, came)}
        moves = [
            piece
            for at, (number, asked) in enumerate(_by_line(pieces))
            for piece in _inspected(lines, number, asked, at)
        ]
        receipt = desks.keep(unit, desk, moved, place, receipts.INSPECTED, moves, said)
        now = receipts.came(unit.db, [row.id]).get(row.id, {})
        desks.count(row, now)
        row.inspected_by = actor
        left = sum((it.get(UNINSPECTED, Decimal(0)) for it in now.values()), Decimal(0))
        if not left:
            desks.move(unit, desk, Event.INSPECT, moved)
        return {"receipt": receipt.number, "found": _shown(pieces)}

    return _do(unit, return_id, actor, "inspect", do)


def _by_line(found: Sequence[Found]) -> list[tuple[int, list[Found]]]:
    by_line: dict[int, list[Found]] = {}
    for it in found:
        by_line.setdefault(it.line_no, []).append(it)
    return list(by_line.items())


def _inspected(
    lines: Mapping[int, receiving.Awaited], number: int, asked: Sequence[Found], at: int
) -> list[receiving.Piece]:
    if number not in lines:
        message = "the return has no such line"
        raise BadData(message, path=f"lines.{at}.line_no", code="unknown_line")
    try:
        pairs = [(it.quality, it.quantity) for it in asked]
        return receiving.inspected(lines[number], pairs, at)
    except ValueError as error:
        message = "more pieces than there are that nobody looked at"
        raise BadData(message, path=str(error), code="more_than_received") from None


def _where(unit: Unit, row: ReturnRow) -> str:
    """The warehouse where the pieces are that nobody looked at."""
    there = receipts.in_stock(unit.db, [row.id])
    places = [it.warehouse for it in there if it.quality == UNINSPECTED]
    if not places:
        message = "no pieces are there that nobody looked at"
        raise Contradiction(message, path="lines", code="nothing_to_inspect")
    return str(places[0])


def _shown(found: Sequence[Found]) -> list[str]:
    return [f"{it.line_no}:{it.quality}:{it.quantity.normalize():f}" for it in found]


def confirm(unit: Unit, return_id: UUID, actor: str, kind: ReturnKind | None) -> str:
    """The second word on what came back; then it is settled, as `kind` where that is another than
    was asked for. Returns the new status.
    """

    def do(desk: Desk, moved: Moved) -> Mapping[str, Any]:
        row = moved.row
        terms = terms_of(unit, row.merchant, row.document)
        if terms.four_eyes:
            refuse_same(actor, [row.inspected_by], "whoever inspected does not confirm", "actor")
        if kind is not None and kind != row.document.kind:
            settling.refuse_open_exchange(row)
            row.document = row.document.model_copy(update={"kind": kind})
        desks.move(unit, desk, Event.CONFIRM, moved)
        if row.exchange_order_id is not None:
            desks.move(unit, desk, Event.EXCHANGE, moved)
        return {"kind": row.document.kind}

    return _do(unit, return_id, actor, "confirm", do)


def refund(unit: Unit, return_id: UUID, actor: str, wish: RefundWish) -> Refund:
    """Give money back for a return."""
    made: list[Refund] = []

    def do(desk: Desk, moved: Moved) -> Mapping[str, Any]:
        made.append(settling.refund(unit, desk, moved, wish))
        document = made[0]
        return {"refund": document.refund_id, "amount": f"{document.amount} {document.currency}"}

    _do(unit, return_id, actor, "refund", do)
    return made[0]


def exchange(unit: Unit, return_id: UUID, actor: str, lines: Sequence[ExchangeLine]) -> SalesOrder:
    """Send other goods, the same anew, or mended ones."""
    made: list[SalesOrder] = []

    def do(desk: Desk, moved: Moved) -> Mapping[str, Any]:
        made.append(exchanging.exchange(unit, desk, moved, lines))
        return {"order": made[0].channel_order_id}

    _do(unit, return_id, actor, "exchange", do)
    return made[0]


def match(unit: Unit, parcel_id: UUID, return_id: UUID, actor: str) -> str:
    """A parcel that nobody announced is of this return. Returns the return's status."""

    def do(desk: Desk, moved: Moved) -> Mapping[str, Any]:
        parcel = receipts.load(unit.db, unit.vault, [parcel_id]).get(parcel_id)
        if parcel is None or parcel.merchant != moved.row.merchant:
            raise NotFound(f"no parcel {parcel_id}")
        if parcel.status != receipts.UNMATCHED:
            message = "this parcel belongs to a return already"
            raise Contradiction(message, path="parcel", code="returned_twice")
        parcels.attach(unit, desk, parcel, moved.row)
        return {"parcel": parcel.number}

    return _do(unit, return_id, actor, "match", do)


def _step(unit: Unit, return_id: UUID, actor: str, event: Event, reason: str) -> str:
    def do(desk: Desk, moved: Moved) -> Mapping[str, Any]:
        if event in _NOT_WHILE_EXCHANGED:
            settling.refuse_open_exchange(moved.row)
        desks.move(unit, desk, event, moved)
        return {"reason": reason} if reason else {}

    return _do(unit, return_id, actor, str(event), do)


_NOT_WHILE_EXCHANGED = frozenset({Event.REJECT, Event.CANCEL, Event.WAIVE_GOODS})


def _do(
    unit: Unit,
    return_id: UUID,
    actor: str,
    action: str,
    do: Callable[[Desk, Moved], Mapping[str, Any]],
) -> str:
    """Carry out a request about one return, and put it into the audit."""
    row = returns.load(unit.db, unit.vault, [return_id]).get(return_id)
    if row is None:
        raise NotFound(f"no return {return_id}")
    desk = Desk()
    desk.touched[row.id] = row
    detail = do(desk, Moved(row, actor=actor))
    settling.finish(unit, desk)
    subject = f"return:{row.number}"
    audit_trail.record(
        unit.db, row.merchant, actor, f"returns.{action}", subject, dict(detail), unit.at
    )
    return row.status
