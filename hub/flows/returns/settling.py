"""The money of a return, and the goods that go out for it: a refund, or a linked order.

A refund counts on its order at once, is told to the books and, where it is money, to the channel;
where that cannot be told, a person pays. What comes back through the channel is known
(`hub/flows/orders/refunds.py`).
"""

from collections.abc import Sequence
from decimal import Decimal

from hub.flows import telling
from hub.flows.orders import refunds
from hub.flows.returns import desk as desks
from hub.flows.returns import owed
from hub.flows.returns.desk import Desk, Moved
from hub.flows.returns.owed import RefundWish
from hub.flows.returns.terms import terms_of
from hub.flows.unit import Unit
from hub.model.errors import BadData, Contradiction
from hub.model.money import add
from hub.model.order import Refund
from hub.rules.returns import money as rules
from hub.rules.returns import papers
from hub.rules.returns.money import Ask, Part
from hub.rules.returns.papers import EXCHANGE, Terms
from hub.states.returns import Event, State
from hub.store.base.ids import new_id
from hub.store.ops.incidents import Incident
from hub.store.orders import refunds as refund_store
from hub.store.orders.orders import OrderRow
from hub.store.returns import money as money_store
from hub.store.returns.money import MoneyRow
from hub.store.returns.returns import ReturnRow

_ZERO = Decimal(0)


def finish(unit: Unit, desk: Desk) -> None:
    """Settle what settles by itself, then store and tell all of the batch."""
    for moved in list(desk.settle.values()):
        terms = terms_of(unit, moved.row.merchant, moved.row.document)
        stands = (moved.row.document.kind, moved.row.status)
        if terms.settle == "auto" and stands == ("refund", State.CONFIRMED):
            _by_itself(unit, desk, moved)
    desks.close(unit, desk)


def _by_itself(unit: Unit, desk: Desk, moved: Moved) -> None:
    """What cannot be settled so waits for a person."""
    try:
        refund(unit, desk, moved, RefundWish())
    except (BadData, Contradiction) as error:
        moved.row.asked = str(error)


def open_exchange(row: ReturnRow) -> bool:
    """Whether other goods are promised or on their way for what comes back."""
    return row.document.kind != "refund" and row.status != State.EXCHANGED


def refuse_open_exchange(row: ReturnRow) -> None:
    """Contradiction where other goods were sent already."""
    if row.exchange_order_id is not None and row.status != State.EXCHANGED:
        message = "other goods were sent for it already"
        raise Contradiction(message, path="status", code="exchange_open")


def preview(unit: Unit, desk: Desk, row: ReturnRow, wish: RefundWish) -> rules.Priced:
    """What a refund would be made of. Touches nothing."""
    order = desk.order(unit, row)
    there = _account(unit, order)
    return rules.price(order.document, there, _ask(unit, row, order, there, wish))


def refund(unit: Unit, desk: Desk, moved: Moved, wish: RefundWish) -> Refund:
    """Give money back. BadData or Contradiction names what speaks against it."""
    row = moved.row
    if open_exchange(row):
        message = "an exchange is open: close it, or settle the return as a refund"
        raise Contradiction(message, path="kind", code="exchange_open")
    order = desk.order(unit, row)
    priced = preview(unit, desk, row, wish)
    _refuse(priced)
    if not priced.amount:
        raise BadData("nothing is left to be given back", path="lines", code="nothing_to_refund")
    desks.move(unit, desk, Event.REFUND, moved)
    (document,) = pay(unit, desk, moved, order, [(priced.parts, None)])
    note = {"refund": document.refund_id, "amount": f"{document.amount} {document.currency}"}
    desks.note(desk, moved, note)
    return document


def _refuse(priced: rules.Priced) -> None:
    for fault in priced.faults:
        raise BadData(fault.message, path=fault.path, code=fault.code)


def _account(unit: Unit, order: OrderRow) -> rules.Account:
    kept = refund_store.of_orders(unit.db, unit.vault, [order])
    return rules.account(order.document, [it.refund for it in kept if it.attached])


def _ask(
    unit: Unit, row: ReturnRow, order: OrderRow, there: rules.Account, wish: RefundWish
) -> Ask:
    wishes = owed.wishes(unit, row, wish)
    terms = terms_of(unit, row.merchant, row.document)
    shipping = wish.shipping
    if shipping is None and terms.refund_shipping and wish.lines is None:
        shipping = there.shipping.amount
    fee = wish.restocking_fee
    if fee is None:
        fee = _ZERO
        if row.document.cause == "customer" and wish.lines != ():
            goods = rules.price(order.document, there, Ask(wishes)).amount
            fee = rules.percent(goods, terms.restocking_percent, row.currency)
    return Ask(wishes, shipping, wish.goodwill, fee)


def pay(
    unit: Unit,
    desk: Desk,
    moved: Moved,
    order: OrderRow,
    sums: Sequence[tuple[Sequence[Part], str | None]],
) -> list[Refund]:
    """Keep refunds of these parts, each with its gateway (None: money, the way it came), and tell
    of them.
    """
    row = moved.row
    step = len({it.refund_id for it in money_store.of(unit.db, [row.id])})
    made = [
        papers.refund(
            row.document, order.document, parts, Terms(row.number, step + n, unit.at, gateway)
        )
        for n, (parts, gateway) in enumerate(sums, start=1)
    ]
    ids = [document.refund_id for document in made]
    refund_store.insert(
        unit.db, unit.vault, [(new_id(), row.merchant, order.channel, it) for it in made]
    )
    money = [it.refund_id for it, (_, way) in zip(made, sums, strict=True) if way is None]
    refund_store.mark_ours(unit.db, order.channel, money)
    borne = refunds.catch_up(unit, [order], lambda _: moved.cause)
    if not set(ids) <= {it.refund.refund_id for it in borne}:
        message = "the order does not bear it: more than is left of what was paid"
        raise Contradiction(message, path="amount", code="more_than_paid")
    for document, (parts, gateway) in zip(made, sums, strict=True):
        money_store.add(unit.db, [_kept(moved, order, document, it) for it in parts])
        if gateway is None:
            _tell(unit, desk, moved, order, document)
    return made


def _kept(moved: Moved, order: OrderRow, document: Refund, part: Part) -> MoneyRow:
    return MoneyRow(
        *(moved.row.merchant, moved.row.id, order.id, document.refund_id, part.part),
        *(part.order_line, part.pieces, part.amount, part.tax, moved.actor),
        part.parts,
    )


def _tell(unit: Unit, desk: Desk, moved: Moved, order: OrderRow, document: Refund) -> None:
    notices = telling.to_channel(unit, document, order, moved.cause)
    unit.tell(notices)
    if not notices:
        sentence = (
            f"refund {document.refund_id} of order {order.document.order_number}:"
            f" {document.amount} {document.currency} is to be paid back by hand,"
            f" {order.channel} cannot be told"
        )
        subject = f"refund:{order.channel}/{document.refund_id}"
        desk.incidents.append(
            Incident(order.merchant, "refund_by_hand", subject, sentence, order.id, moved.cause)
        )


def credit(unit: Unit, row: ReturnRow, order: OrderRow) -> Sequence[Part]:
    """What the goods of an exchange are worth; nothing where the same goods go out again."""
    if row.document.kind != "exchange":
        return ()
    wishes = owed.wishes(unit, row, RefundWish())
    priced = rules.price(order.document, _account(unit, order), Ask(wishes))
    _refuse(priced)
    return priced.parts


def split_credit(
    parts: Sequence[Part], price: Decimal, currency: str
) -> list[tuple[Sequence[Part], str | None]]:
    """What of a credit pays for other goods, and what goes back as money."""
    worth = add(*(it.amount for it in parts))
    if not worth:
        return []
    if worth <= price:
        return [(parts, EXCHANGE)]
    if not price:
        return [(parts, None)]
    goods, rest = papers.shared(parts, price, currency)
    return [(goods, EXCHANGE), (rest, None)]
