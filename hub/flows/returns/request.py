"""Returns as they are asked for: by a channel, over the Open API, in the console.

A new one is judged by its merchant's terms at once. Told again it may bring the parcel's number, or
say what the channel itself decided; what a person or the hub decided meanwhile stays. Parcels that
came before it go under it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from hub.flows.returns import desk as desks
from hub.flows.returns import judging, parcels, settling
from hub.flows.returns.desk import Desk, Moved
from hub.flows.returns.terms import terms_of
from hub.flows.unit import Told, Unit
from hub.model.errors import IllegalTransition
from hub.model.order import OrderLine, SalesOrder
from hub.model.returns import Return
from hub.rules.messages import revision
from hub.rules.messages.receiving import Verdict
from hub.rules.messages.revision import Age
from hub.rules.returns import asking
from hub.rules.returns.parcels import plain, tail
from hub.states.returns import OVER, Event, State
from hub.store.base.ids import new_id
from hub.store.orders import orders
from hub.store.orders.orders import OrderRow
from hub.store.returns import finding, returns
from hub.store.returns.returns import LineRow, ReturnRow

_ZERO = Decimal(0)
_TOLD: Mapping[str, Event] = {
    "approved": Event.APPROVE,
    "awaiting_goods": Event.APPROVE,
    "rejected": Event.REJECT,
    "cancelled": Event.CANCEL,
    "closed": Event.CLOSE,
}
"""What a channel says became of a return -> the step that it means."""


@dataclass(slots=True)
class _Batch:
    """What is known of what is asked for. `back`: order -> its line -> pieces of other returns."""

    orders: Mapping[tuple[str, str], OrderRow]
    by_channel: Mapping[tuple[str, str], ReturnRow]
    by_number: Mapping[tuple[str, str], ReturnRow]
    back: dict[UUID, dict[int, Decimal]] = field(default_factory=dict)


def request(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Keep returns as channels tell them."""
    return keep(unit, tellings, is_own=False)


def keep(
    unit: Unit, tellings: Sequence[Told], *, is_own: bool, allow_late: bool = True
) -> list[Verdict]:
    """Keep returns. `is_own`: a person or a program of the merchant asks, so that the number is
    theirs; `allow_late`: also after the window.
    """
    desk = Desk()
    batch = _load(unit, tellings, is_own=is_own)
    verdicts, fresh = list[Verdict](), list[tuple[ReturnRow, OrderRow, Told]]()
    for telling in tellings:
        row, order = _known(batch, telling, is_own=is_own), batch.orders.get(_order_key(telling))
        if row is not None:
            verdicts.append(_again(unit, desk, row, telling))
        elif order is None:
            message = "no order of this channel is called so"
            verdicts.append(Verdict("parked", "unknown_order", message, "channel_order_id"))
        else:
            new = _new(unit, batch, order, telling, is_own=is_own, allow_late=allow_late)
            verdicts.append(Verdict(order_id=order.id) if isinstance(new, ReturnRow) else new)
            if isinstance(new, ReturnRow):
                fresh.append((new, order, telling))
    _begin(unit, desk, fresh)
    settling.finish(unit, desk)
    return verdicts


def _document(telling: Told) -> Return:
    assert isinstance(telling.document, Return)
    return telling.document


def _order_key(telling: Told) -> tuple[str, str]:
    return telling.partner.code, _document(telling).channel_order_id


def _channel_id(telling: Told) -> str:
    return _document(telling).channel_return_id or _document(telling).return_id


def _load(unit: Unit, tellings: Sequence[Told], *, is_own: bool) -> _Batch:
    documents = [_document(it) for it in tellings]
    returns.alone(unit.db, (it.partner.code for it in tellings))
    by_number = orders.load_by_channel(unit.db, unit.vault, map(_order_key, tellings))
    numbers = [(it.merchant, doc.return_id) for it, doc in zip(tellings, documents, strict=True)]
    batch = _Batch(
        by_number,
        {}
        if is_own
        else returns.by_channel(
            unit.db, unit.vault, [(it.partner.code, _channel_id(it)) for it in tellings]
        ),
        returns.by_number(unit.db, unit.vault, numbers),
    )
    for row in finding.of_orders(unit.db, unit.vault, [row.id for row in by_number.values()]):
        if row.status not in (State.CANCELLED, State.REJECTED) and row.order_id is not None:
            back = batch.back.setdefault(row.order_id, {})
            for line in row.lines:
                number = line.order_line or 0
                back[number] = back.get(number, _ZERO) + line.quantity
    return batch


def _known(batch: _Batch, telling: Told, *, is_own: bool) -> ReturnRow | None:
    """By our number, where it is quoted; else as its channel calls it."""
    row = batch.by_number.get((telling.merchant, _document(telling).return_id))
    if row is not None and (is_own or row.channel == telling.partner.code):
        return row
    return batch.by_channel.get((telling.partner.code, _channel_id(telling)))


def _new(
    unit: Unit,
    batch: _Batch,
    order: OrderRow,
    telling: Told,
    *,
    is_own: bool,
    allow_late: bool,
) -> ReturnRow | Verdict:
    document = _document(telling)
    back = batch.back.setdefault(order.id, {})
    meant = asking.meant(document, order.document, back)
    if meant.faults:
        fault = meant.faults[0]
        return Verdict("parked", fault.code, fault.message, fault.path, order_id=order.id)
    if document.merchant not in (None, order.merchant):
        message = "the order is another merchant's"
        return Verdict("parked", "wrong_merchant", message, "merchant", order_id=order.id)
    terms = terms_of(unit, order.merchant, document)
    whole = asking.completed(document, order.document, meant.lines, terms)
    late = None if allow_late else judging.late(terms, whole, order)
    if late is not None:
        return Verdict("parked", "after_window", late, "requested_at", order_id=order.id)
    for line, known in zip(document.lines, meant.lines, strict=True):
        if known is not None:
            back[known.line_no] = back.get(known.line_no, _ZERO) + line.quantity
    return _row(unit, order, telling, whole, meant.lines, is_own=is_own)


def _row(
    unit: Unit,
    order: OrderRow,
    telling: Told,
    document: Return,
    lines: Sequence[OrderLine | None],
    *,
    is_own: bool,
) -> ReturnRow:
    id_, age = new_id(), revision.telling(_document(telling))
    number = document.return_id if is_own else returns.id_text(id_)
    update = {
        "return_id": number,
        "channel_return_id": document.channel_return_id if is_own else _channel_id(telling),
        "merchant": order.merchant,
    }
    return ReturnRow(
        id=id_,
        merchant=order.merchant,
        status=State.REQUESTED,
        document=document.model_copy(update=update),
        order_id=order.id,
        channel=order.channel,
        currency=order.document.currency,
        correlation_id=order.correlation_id,
        lines=[
            LineRow(
                at,
                known.line_no if known else None,
                known.channel_line_id if known else None,
                *(known.sku if known else line.sku, line.quantity, line.reason),
                ordered=known.quantity if known else _ZERO,
                paid=known.total if known else _ZERO,
            )
            for at, (line, known) in enumerate(zip(document.lines, lines, strict=True), start=1)
        ],
        tracking=plain(document.tracking_number),
        phone=returns.phone_mark(unit.vault, order.merchant, _tail(order.document)),
        digest=returns.digest(_document(telling)),
        source_revision=age.revision,
        occurred_at=age.at,
    )


def _tail(order: SalesOrder) -> str | None:
    return tail(
        (
            order.ship_to.phone if order.ship_to else None,
            order.customer.phone if order.customer else None,
        )
    )


def _begin(unit: Unit, desk: Desk, fresh: Sequence[tuple[ReturnRow, OrderRow, Told]]) -> None:
    """Store new returns, judge them, and put under them the parcels that came before."""
    for _, order, _ in fresh:
        desk.orders[order.id] = order
    new = returns.insert(unit.db, unit.vault, [row for row, _, _ in fresh])
    mine = [(row, order, it) for row, order, it in fresh if row.id in new]
    judged = judging.judge(unit, [(row, order) for row, order, _ in mine])
    for row, _, telling in mine:
        teller = telling.partner.code if telling.partner.kind == "channel" else None
        moved = Moved(row, cause=telling.message_id, teller=teller)
        desk.touched[row.id] = row
        desks.note(desk, moved, {"status": row.status, "kind": row.document.kind})
        step = _TOLD.get(_document(telling).status)
        if step is not None and step is not Event.CLOSE:
            judging.place(unit, row, judged.sent_from(row))
            desks.move(unit, desk, step, moved)
        else:
            judging.carry_out(unit, desk, judged, Moved(row, cause=telling.message_id))
    parcels.look_for(unit, desk, [row for row, _, _ in mine])


def _again(unit: Unit, desk: Desk, row: ReturnRow, telling: Told) -> Verdict:
    """A return that is known is told anew."""
    document, new = _document(telling), revision.telling(_document(telling))
    if returns.digest(document) == row.digest:
        return Verdict("ignored", "repeated", "this return is known", order_id=row.order_id)
    stored = revision.Telling(row.source_revision, row.occurred_at)
    if revision.age(stored, new) is Age.OLDER:
        message = "a newer telling of the return is stored"
        return Verdict("ignored", "stale", message, order_id=row.order_id)
    row.digest, row.source_revision, row.occurred_at = (
        returns.digest(document),
        new.revision,
        new.at,
    )
    desk.touched[row.id] = row
    teller = telling.partner.code if telling.partner.kind == "channel" else None
    moved = Moved(row, cause=telling.message_id, teller=teller)
    _parcel(unit, desk, moved, document)
    event = _TOLD.get(document.status)
    if event is None or row.status == document.status or row.status in OVER:
        return Verdict(order_id=row.order_id)
    try:
        if event is Event.CANCEL:
            settling.refuse_open_exchange(row)
        desks.move(unit, desk, event, moved)
    except IllegalTransition as error:
        return Verdict("ignored", "contradiction", str(error), "status", order_id=row.order_id)
    return Verdict(order_id=row.order_id)


def _parcel(unit: Unit, desk: Desk, moved: Moved, document: Return) -> None:
    """The parcel's number came later: the warehouse hears of it."""
    if document.tracking_number is not None:
        set_parcel(unit, desk, moved, document.tracking_number, document.carrier)


def set_parcel(unit: Unit, desk: Desk, moved: Moved, number: str, carrier: str | None) -> None:
    """The return is on its way under this number."""
    row = moved.row
    if row.tracking == plain(number):
        return
    update = {"tracking_number": number, "carrier": carrier or row.document.carrier}
    row.document = row.document.model_copy(update=update)
    row.tracking = plain(number)
    desk.touched[row.id] = row
    if row.status == State.APPROVED:
        desks.move(unit, desk, Event.AWAIT_GOODS, moved)
    if row.status == State.AWAITING_GOODS and row.document.warehouse is not None:
        desk.warehouse[row.id] = moved
    parcels.look_for(unit, desk, [row])
