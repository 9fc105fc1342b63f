"""Returns as they are asked for: by a channel, over the Open API, in the console.

A new one is judged by its merchant's terms at once. Told again it may bring the parcel's number, or
say what the channel itself decided; what a person or the hub decided meanwhile stays. Parcels that
came before it go under it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.flows.returns import desk as desks
from hub.flows.returns import judging, opening, parcels, settling
from hub.flows.returns.desk import Desk, Moved
from hub.flows.returns.opening import Goods, channel_id, document_of, order_key
from hub.flows.unit import Told, Unit
from hub.model.errors import IllegalTransition
from hub.model.returns import Return
from hub.rules.messages import revision
from hub.rules.messages.receiving import Verdict
from hub.rules.messages.revision import Age
from hub.rules.returns.parcels import plain
from hub.states.returns import OVER, Event, State
from hub.store.orders import orders
from hub.store.orders.orders import OrderRow
from hub.store.returns import returns
from hub.store.returns.returns import ReturnRow

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
    """What is known of what is asked for."""

    orders: Mapping[tuple[str, str], OrderRow]
    by_channel: Mapping[tuple[str, str], ReturnRow]
    by_number: Mapping[tuple[str, str], ReturnRow]
    goods: Goods


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
        row, order = _known(batch, telling, is_own=is_own), batch.orders.get(order_key(telling))
        if row is not None:
            verdicts.append(_again(unit, desk, row, telling))
        elif order is None:
            message = "no order of this channel is called so"
            verdicts.append(Verdict("parked", "unknown_order", message, "channel_order_id"))
        else:
            new = opening.new(
                unit, batch.goods, order, telling, is_own=is_own, allow_late=allow_late
            )
            verdicts.append(Verdict(order_id=order.id) if isinstance(new, ReturnRow) else new)
            if isinstance(new, ReturnRow):
                fresh.append((new, order, telling))
    _begin(unit, desk, fresh)
    settling.finish(unit, desk)
    return verdicts


def _load(unit: Unit, tellings: Sequence[Told], *, is_own: bool) -> _Batch:
    documents = [document_of(it) for it in tellings]
    returns.alone(unit.db, (it.partner.code for it in tellings))
    by_number = orders.load_by_channel(unit.db, unit.vault, map(order_key, tellings))
    numbers = [(it.merchant, doc.return_id) for it, doc in zip(tellings, documents, strict=True)]
    known = (
        {}
        if is_own
        else returns.by_channel(
            unit.db, unit.vault, [(it.partner.code, channel_id(it)) for it in tellings]
        )
    )
    named = returns.by_number(unit.db, unit.vault, numbers)
    goods = opening.goods_of(unit, [row.id for row in by_number.values()])
    return _Batch(by_number, known, named, goods)


def _known(batch: _Batch, telling: Told, *, is_own: bool) -> ReturnRow | None:
    """By our number, where it is quoted; else as its channel calls it."""
    row = batch.by_number.get((telling.merchant, document_of(telling).return_id))
    if row is not None and (is_own or row.channel == telling.partner.code):
        return row
    return batch.by_channel.get((telling.partner.code, channel_id(telling)))


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
        step = _TOLD.get(document_of(telling).status)
        if step is not None and step is not Event.CLOSE:
            judging.place(unit, row, judged.sent_from(row))
            desks.move(unit, desk, step, moved)
        else:
            judging.carry_out(unit, desk, judged, Moved(row, cause=telling.message_id))
    parcels.look_for(unit, desk, [row for row, _, _ in mine])


def _again(unit: Unit, desk: Desk, row: ReturnRow, telling: Told) -> Verdict:
    """A return that is known is told anew."""
    document, new = document_of(telling), revision.telling(document_of(telling))
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
