"""Refunds as channels tell them: kept once, attached to their order, told to the books after it.

A refund counts in its order's currency and by its tax mode (`rules/refunding`). More than an order
was paid cannot be paid back of it. A refund above that, or in a currency that the order does not
know, is kept aside, attached to nothing and told to nobody, until a newer telling of the order
bears it; a person hears of it.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from uuid import UUID

from hub.flows import telling
from hub.flows.invoices import drawing as invoices
from hub.flows.reconciliation import expecting
from hub.flows.unit import Told, Unit
from hub.model.money import add
from hub.model.order import Refund
from hub.rules.messages.receiving import Verdict
from hub.rules.orders import order_totals, refunding
from hub.states.order import State
from hub.store.base.ids import new_id
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.orders import orders, timeline
from hub.store.orders import refunds as refund_store
from hub.store.orders.orders import OrderRow
from hub.store.orders.refunds import RefundRow
from hub.store.orders.timeline import Event

_UNTOLD = frozenset({State.RECEIVED, State.HELD})
_ABOVE = "contradiction"


def record(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Keep refunds. One that comes before its order waits for nobody: it is attached when the
    order arrives.
    """
    echoes = echoed(unit, tellings)
    told, tellings = tellings, [it for at, it in enumerate(tellings) if at not in echoes]
    verdicts = iter(_record(unit, tellings))
    return [echoes[at] if at in echoes else next(verdicts) for at in range(len(told))]


def _record(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    if not tellings:
        return []
    documents = [_document(message) for message in tellings]
    pairs = [
        (message.partner.code, document.channel_order_id)
        for message, document in zip(tellings, documents, strict=True)
    ]
    known = orders.load_by_channel(unit.db, unit.vault, pairs)
    ids = [new_id() for _ in tellings]
    new = refund_store.insert(
        unit.db,
        unit.vault,
        [
            (id_, message.merchant, message.partner.code, document)
            for id_, message, document in zip(ids, tellings, documents, strict=True)
        ],
    )
    causes = dict(zip(ids, (message.message_id for message in tellings), strict=True))
    borne = catch_up(unit, list(known.values()), lambda row: causes.get(row.id))
    fit = {row.id for row in borne}
    return [
        _verdict(known.get(pair), is_new=id_ in new, fits=id_ in fit)
        for id_, pair in zip(ids, pairs, strict=True)
    ]


def echoed(unit: Unit, tellings: Sequence[Told]) -> dict[int, Verdict]:
    """Position -> what is a channel's echo of a refund that was decided here. One that is faster
    than the channel's answer is known by order and amount.
    """
    verdicts: dict[int, Verdict] = {}
    by_channel: dict[str, list[int]] = {}
    for at, it in enumerate(tellings):
        by_channel.setdefault(it.partner.code, []).append(at)
    for code, places in by_channel.items():
        asked = {at: _document(tellings[at]) for at in places}
        ours = refund_store.named(unit.db, code, [it.refund_id for it in asked.values()])
        unnamed = refund_store.unnamed(
            unit.db, code, [it.channel_order_id for it in asked.values()]
        )
        for at, document in asked.items():
            if document.refund_id in ours:
                verdicts[at] = _ECHO
                continue
            row = refunding.echo_of(document, unnamed)
            if row is not None:
                unnamed.remove(row)
                refund_store.name(unit.db, code, [(row.refund_id, document.refund_id)])
                verdicts[at] = _ECHO
    return verdicts


def delivered(unit: Unit, channel: str, names: Sequence[tuple[str, str]]) -> None:
    """A channel took refunds of ours (our number, its own): by that it is known when it tells of
    them. Where it told of another one as this, a person looks.
    """
    otherwise = refund_store.name(unit.db, channel, names)
    merchant = unit.directory.connections[channel].merchant
    incidents.open_new(
        unit.db,
        [
            Incident(
                *(merchant, _ABOVE, f"refund:{channel}/{ours}"),
                f"refund {ours} is {dict(names)[ours]} at {channel}, which told of {theirs}"
                " alike: one may not be counted",
            )
            for ours, theirs in otherwise.items()
        ],
    )


_ECHO = Verdict("ignored", "repeated", "this refund was decided here")


def tell_channel(unit: Unit, order_id: UUID, refund_id: str, cause: UUID) -> None:
    """A refund that somebody else told of is told to the order's channel, as it counts here. Its
    echo is known by the same number.
    """
    rows = list(orders.load(unit.db, unit.vault, [order_id]).values())
    unit.tell(
        notice
        for row in refund_store.of_orders(unit.db, unit.vault, rows)
        if row.attached and row.refund.refund_id == refund_id
        for notice in telling.to_channel(unit, row.refund, row.order, cause)
    )


def catch_up(
    unit: Unit, rows: Sequence[OrderRow], cause: Callable[[RefundRow], UUID | None]
) -> list[RefundRow]:
    """Tell the books of what these orders bear by now and did not before, where they know the
    order. Returns all that is borne.
    """
    borne = attach(unit, rows, cause)
    unit.tell(
        notice
        for row in borne
        if not row.attached and row.order.status not in _UNTOLD
        for notice in telling.to_books(unit, [(row.refund, row.order)], cause(row))
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
    left = {row.id: order_totals.refundable(row.document) for row in rows}
    borne, fresh, above = [], [], []
    for row in sorted(kept, key=lambda row: not row.attached):
        if not row.attached:
            row.refund = _settled(row, left[row.order.id]) or row.refund
            if not _fits(row, left[row.order.id]):
                above.append(row)
                continue
            fresh.append(row)
        if row.refund.currency == row.order.document.currency:
            left[row.order.id] = add(left[row.order.id], -row.refund.amount)
        borne.append(row)
    refund_store.attach(unit.db, unit.vault, fresh)
    expecting.paid_back(unit, [(row.refund, row.order) for row in fresh])
    invoices.paid_back(unit, fresh)
    timeline.note(unit.db, [_refunded(row, cause(row)) for row in fresh])
    if fresh:
        incidents.close(unit.db, map(_subject, fresh), [_ABOVE])
    incidents.open_new(unit.db, [_incident(row, cause(row)) for row in above])
    return borne


def under_way(kept: Sequence[RefundRow]) -> set[UUID]:
    """The orders of which pieces were refunded that their channel still counts as wanted."""
    by_order: dict[UUID, list[RefundRow]] = {}
    for row in kept:
        by_order.setdefault(row.order.id, []).append(row)
    return {
        order_id
        for order_id, rows in by_order.items()
        if refunding.is_under_way(rows[0].order.document, [row.refund for row in rows])
    }


def _settled(row: RefundRow, left: Decimal) -> Refund | None:
    refund = refunding.settled(row.refund, row.order.document)
    return refund and refunding.within(refund, left)


def _fits(row: RefundRow, left: Decimal) -> bool:
    return row.refund.currency == row.order.document.currency and row.refund.amount <= left


def _document(telling: Told) -> Refund:
    assert isinstance(telling.document, Refund)
    return telling.document


def _verdict(row: OrderRow | None, *, is_new: bool, fits: bool) -> Verdict:
    order_id = row.id if row else None
    if not is_new:
        return Verdict("ignored", "repeated", "this refund is known", order_id=order_id)
    if row is not None and not fits:
        message = "its order does not bear it (more than was paid, or another currency): kept aside"
        return Verdict("ignored", _ABOVE, message, "amount", order_id=order_id)
    return Verdict(order_id=order_id)


def _refunded(row: RefundRow, cause: UUID | None) -> Event:
    detail = {
        "refund": row.refund.refund_id,
        "amount": str(row.refund.amount),
        "currency": row.refund.currency,
    }
    return Event(row.order.merchant, row.order.id, "refunded", detail, cause)


def _subject(row: RefundRow) -> str:
    return f"refund:{row.order.channel}/{row.refund.refund_id}"


def _incident(row: RefundRow, cause: UUID | None) -> Incident:
    order, refund = row.order.document, row.refund
    why = "more than is left of what was paid"
    if refund.currency != order.currency:
        why = f"in another currency than the order, which is in {order.currency}"
    sentence = (
        f"refund {refund.refund_id} of order {order.order_number}: {refund.amount}"
        f" {refund.currency} is {why}; it is kept aside and the books were not told"
    )
    return Incident(row.order.merchant, _ABOVE, _subject(row), sentence, row.order.id, cause)
