"""Refunds as channels tell them: kept once, attached to their order, told to the books after it.

More than an order was paid cannot be paid back of it. A refund above that is kept aside, attached
to nothing and told to nobody, until a newer telling of the order bears it; a person hears of it.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from hub.flows import telling
from hub.flows.unit import Told, Unit, Verdict
from hub.model.money import add
from hub.model.order import Refund
from hub.rules import sums
from hub.states.order import State
from hub.store import incidents, orders, timeline
from hub.store import refunds as refund_store
from hub.store.ids import new_id
from hub.store.orders import OrderRow
from hub.store.refunds import RefundRow
from hub.store.timeline import Event, Incident

_UNTOLD = frozenset({State.RECEIVED, State.HELD})
_ABOVE = "contradiction"


def record(unit: Unit, told: Sequence[Told]) -> list[Verdict]:
    """Keep refunds. One that comes before its order waits for nobody: it is attached when the
    order arrives.
    """
    documents = [_document(one) for one in told]
    pairs = [
        (one.partner.code, document.channel_order_id)
        for one, document in zip(told, documents, strict=True)
    ]
    known = orders.load_by_channel(unit.db, unit.vault, pairs)
    ids = [new_id() for _ in told]
    new = refund_store.insert(
        unit.db,
        unit.vault,
        [
            (id_, one.merchant, one.partner.code, document)
            for id_, one, document in zip(ids, told, documents, strict=True)
        ],
    )
    causes = dict(zip(ids, (one.message_id for one in told), strict=True))
    borne = catch_up(unit, list(known.values()), lambda one: causes.get(one.id))
    fit = {one.id for one in borne}
    return [
        _verdict(known.get(pair), is_new=id_ in new, fits=id_ in fit)
        for id_, pair in zip(ids, pairs, strict=True)
    ]


def catch_up(
    unit: Unit, rows: Sequence[OrderRow], cause: Callable[[RefundRow], UUID | None]
) -> list[RefundRow]:
    """Tell the books of what these orders bear by now and did not before, where they know the
    order. Returns all that is borne.
    """
    borne = attach(unit, rows, cause)
    unit.tell(
        notice
        for one in borne
        if not one.attached and one.order.status not in _UNTOLD
        for notice in telling.to_books(unit, [(one.refund, one.order)], cause(one))
    )
    return borne


def attach(
    unit: Unit,
    rows: Sequence[OrderRow],
    cause: Callable[[RefundRow], UUID | None],
    kept: Sequence[RefundRow] | None = None,
) -> list[RefundRow]:
    """The refunds that these orders bear, with those that were kept aside or came early. Of one
    above what is left a person hears, and no more once it fits. `kept`: all of their refunds,
    where they were read already.
    """
    if kept is None:
        kept = refund_store.of_orders(unit.db, unit.vault, rows)
    left = {row.id: sums.refundable(row.document) for row in rows}
    borne, fresh, above = [], [], []
    for one in sorted(kept, key=lambda one: not one.attached):
        counts = one.refund.currency == one.order.document.currency
        amount = one.refund.amount
        if not one.attached and counts and amount > left[one.order.id]:
            above.append(one)
            continue
        if counts:
            left[one.order.id] = add(left[one.order.id], -amount)
        borne.append(one)
        if not one.attached:
            fresh.append(one)
    refund_store.attach(unit.db, fresh)
    timeline.note(unit.db, [_refunded(one, cause(one)) for one in fresh])
    for one in fresh:
        incidents.close(unit.db, _subject(one), [_ABOVE])
    timeline.open_incidents(unit.db, [_incident(one, cause(one)) for one in above])
    return borne


def _document(told: Told) -> Refund:
    assert isinstance(told.document, Refund)
    return told.document


def _verdict(row: OrderRow | None, *, is_new: bool, fits: bool) -> Verdict:
    order_id = row.id if row else None
    if not is_new:
        return Verdict("ignored", "repeated", "this refund is known", order_id=order_id)
    if row is not None and not fits:
        message = "more would be paid back than was paid: kept aside, attached to nothing"
        return Verdict("ignored", _ABOVE, message, "amount", order_id=order_id)
    return Verdict(order_id=order_id)


def _refunded(one: RefundRow, cause: UUID | None) -> Event:
    detail = {
        "refund": one.refund.refund_id,
        "amount": str(one.refund.amount),
        "currency": one.refund.currency,
    }
    return Event(one.order.merchant, one.order.id, "refunded", detail, cause)


def _subject(one: RefundRow) -> str:
    return f"refund:{one.order.channel}/{one.refund.refund_id}"


def _incident(one: RefundRow, cause: UUID | None) -> Incident:
    sentence = (
        f"refund {one.refund.refund_id} of order {one.order.document.order_number}:"
        f" {one.refund.amount} {one.refund.currency} is more than is left of what was paid;"
        " it is kept aside and the books were not told"
    )
    return Incident(one.order.merchant, _ABOVE, _subject(one), sentence, one.order.id, cause)
