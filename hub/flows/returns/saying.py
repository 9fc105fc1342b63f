"""What partners are told of returns: the warehouse what to expect and what not, the channel and the
books how it stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args
from uuid import UUID

from hub.flows import telling
from hub.flows.telling import BOOKS
from hub.flows.unit import Unit
from hub.model.document import Document
from hub.model.money import EXPONENT, add, round_to
from hub.model.returns import (
    Disposition,
    RefundPlan,
    Return,
    ReturnLine,
    ReturnQuality,
    ReturnState,
)
from hub.rules.returns import kits
from hub.store.config.snapshot import Connection
from hub.store.messages import outbox
from hub.store.messages.outbox import Telling
from hub.store.ops.incidents import Incident
from hub.store.returns import facts, money, receipts
from hub.store.returns.receipts import ReceiptRow
from hub.store.returns.returns import ReturnRow

if TYPE_CHECKING:
    from hub.flows.returns.desk import Desk

QUALITIES: Mapping[str, ReturnQuality] = {word: word for word in get_args(ReturnQuality)}
_Came = Mapping[UUID, Mapping[int | None, Mapping[str, Decimal]]]


def say(unit: Unit, desk: "Desk") -> None:
    """Tell what a batch came to, each partner once of each return."""
    whom = (desk.warehouse, desk.withdrawn, desk.channel, desk.books)
    ids = sorted({id_ for moves in whom for id_ in moves})
    if not ids:
        return
    came, parts = receipts.came(unit.db, ids), _parts(unit, ids)
    for id_ in ids:
        row = next(moves[id_].row for moves in whom if id_ in moves)
        row.revision += 1
        row.document = as_it_stands(row, came, parts.get(id_, ()))
    at_warehouses = (*desk.warehouse.values(), *desk.withdrawn.values())
    numbers = facts.order_numbers(unit.db, (moved.row.order_id for moved in at_warehouses))
    for moved in desk.withdrawn.values():
        if not _withdraw(unit, moved.row, numbers, moved.cause):
            desk.incidents.append(_untold(moved.row, "that its goods will not come", moved.cause))
    for moved in desk.warehouse.values():
        sent = _notice(unit, moved.row, numbers, moved.cause)
        moved.row.told_ids += sent
        if not sent:
            desk.incidents.append(_untold(moved.row, "to expect it", moved.cause))
    for moved in desk.channel.values():
        if moved.row.order_id is not None:
            order, told_as = desk.order(unit, moved.row), _as_sold(moved.row)
            for notice in telling.to_channel(unit, told_as, order, moved.cause) if told_as else ():
                notice.revision = str(moved.row.revision)
                unit.tell([notice])
    unit.tell(
        _telling(partner, moved.row, told_as, moved.cause)
        for moved in desk.books.values()
        if (told_as := _as_sold(moved.row)) is not None
        for partner in _books(unit, moved.row.document, moved.row.merchant)
    )


def _parts(unit: Unit, ids: Sequence[UUID]) -> Mapping[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for part in money.of(unit.db, ids):
        found.setdefault(part.return_id, []).append(part)
    return found


def as_it_stands(row: ReturnRow, came: _Came, parts: Iterable[Any]) -> Return:
    """The return with its state, what its pieces turned out to be, and the money of it."""
    there = came.get(row.id, {})
    lines = [
        line.model_copy(update={"dispositions": _dispositions(there.get(line.line_no, {}))})
        for line in row.document.lines
    ]
    update = {"status": row.status, "lines": tuple(lines), "refund": _plan(row, list(parts))}
    return row.document.model_copy(update=update)


def _as_sold(row: ReturnRow) -> Return | None:
    """The return as everybody but the warehouse hears of it: kits in place of their parts. Of parts
    that are no whole kit nobody hears but by what is paid back for them; None where it is of such
    alone.
    """
    recipes = {it.order_line: it.kit for it in row.lines if it.kit is not None}
    if not recipes:
        return row.document
    lines, parts = list[ReturnLine](), dict[int | None, list[ReturnLine]]()
    for line in row.document.lines:
        if line.order_line_no in recipes:
            parts.setdefault(line.order_line_no, []).append(line)
        else:
            lines.append(line)
    whole = (kits.as_sold(recipes[number], its) for number, its in parts.items())
    lines += (line for line in whole if line is not None)
    lines.sort(key=lambda line: line.line_no or 0)
    if not lines:
        return None
    return row.document.model_copy(update={"lines": tuple(lines)})


def _dispositions(came: Mapping[str, Decimal]) -> tuple[Disposition, ...]:
    return tuple(
        Disposition(quality=QUALITIES[quality], quantity=quantity)
        for quality, quantity in sorted(came.items())
        if quantity > 0
    )


def _plan(row: ReturnRow, parts: Sequence[Any]) -> RefundPlan | None:
    if not parts:
        return None

    def of(name: str) -> Decimal:
        return _whole(add(*(it.amount for it in parts if it.part == name)), row.currency)

    return RefundPlan(
        amount=_whole(add(*(it.amount for it in parts)), row.currency),
        currency=row.currency,
        lines=of("line"),
        shipping=of("shipping"),
        goodwill=of("goodwill"),
        restocking_fee=-of("restocking"),
    )


def _whole(amount: Decimal, currency: str) -> Decimal:
    return round_to(amount, currency) if currency in EXPONENT else amount


def _notice(
    unit: Unit, row: ReturnRow, numbers: Mapping[UUID, str], cause: UUID | None
) -> list[UUID]:
    partner = unit.directory.connections.get(row.document.warehouse or "")
    if partner is None or row.document.type not in partner.takes:
        return []
    document = _to_warehouse(row, "approved", numbers)
    return unit.tell([_telling(partner, row, document, cause)])


def _to_warehouse(row: ReturnRow, status: ReturnState, numbers: Mapping[UUID, str]) -> Return:
    """With the number that stands on the order there, in its attributes."""
    number = numbers.get(row.order_id) if row.order_id is not None else None
    more = {} if number is None else {"order_number": number}
    attributes = {**row.document.attributes, **more}
    return row.document.model_copy(update={"status": status, "attributes": attributes})


def _withdraw(unit: Unit, row: ReturnRow, numbers: Mapping[UUID, str], cause: UUID | None) -> bool:
    """Tell the warehouse that the goods will not come; what it was not told yet is taken back
    instead. False where it cannot be told so.
    """
    place = row.document.warehouse or ""
    if len(outbox.supersede(unit.db, place, row.told_ids)) == len(row.told_ids):
        return True
    partner = unit.directory.connections.get(place)
    if partner is None or row.document.type not in partner.takes:
        return False
    document = _to_warehouse(row, "cancelled", numbers)
    unit.tell([_telling(partner, row, document, cause)])
    return True


def receipt(unit: Unit, row: ReceiptRow, correlation: UUID) -> None:
    """Tell the books what came back."""
    unit.tell(
        Telling(
            document=row.document,
            connection=partner.code,
            merchant=row.merchant,
            shards=partner.shards,
            key=row.document.business_id,
            revision=row.number,
            correlation_id=correlation,
            cause_id=row.message_id,
        )
        for partner in _books(unit, row.document, row.merchant)
    )


def _books(unit: Unit, document: Document, merchant: str) -> list[Connection]:
    return [
        partner
        for kind in BOOKS
        for partner in unit.directory.listeners(kind, document.type, merchant)
    ]


def _untold(row: ReturnRow, what: str, cause: UUID | None) -> Incident:
    place = row.document.warehouse
    sentence = f"{place} cannot be told {what} over its connection: tell it by other means"
    subject = f"return:{row.number}"
    return Incident(row.merchant, "warehouse_not_told", subject, sentence, row.order_id, cause)


def _telling(
    partner: Connection, row: ReturnRow, document: Document, cause: UUID | None
) -> Telling:
    """The merchant stands in the revision: two merchants may number their returns alike."""
    return Telling(
        document=document,
        connection=partner.code,
        merchant=row.merchant,
        shards=partner.shards,
        key=row.number,
        revision=f"{row.revision}:{row.merchant}",
        correlation_id=row.correlation_id,
        cause_id=cause,
        order_id=row.order_id,
    )
