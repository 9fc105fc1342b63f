"""How an order stands in money: its payment state, what was paid, went back and is still owed, and
its payments one by one. And how far its goods are on their way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.money import add
from hub.model.order import FulfilmentState, Payment, PaymentState
from mappings.kit.money import Till
from mappings.kit.orders.told import ChannelOrder, ChannelPayment, Charge

IN_FULL = frozenset({"paid", "partially_refunded", "refunded"})
"""Payment states in which all was paid at some time."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An order's money beside its total."""

    state: PaymentState
    paid: Decimal
    refunded: Decimal
    outstanding: Decimal


def with_credit(told: ChannelOrder) -> ChannelOrder:
    """With its credit among its payments, and in what it costs and was paid."""
    if not told.credit:
        return told
    whole = add(*(amount for _, amount in told.credit))
    return replace(
        told,
        grand_total=None if told.grand_total is None else add(told.grand_total, whole),
        paid=None if told.paid is None else add(told.paid, whole),
        payments=[
            *told.payments,
            *(
                ChannelPayment(gateway=method, method=method, state="paid", amount=amount)
                for method, amount in told.credit
            ),
        ],
    )


def standing(told: ChannelOrder, total: Decimal, till: Till) -> Standing:
    """What was told, and what follows from it for an order that costs `total`."""
    state = told.payment_state or _state(told, total, till)
    refunded = told.refunded or ZERO
    if state == "refunded" and not refunded:
        refunded = total
    paid = told.paid if told.paid is not None else _paid(told, state, total, till)
    if told.refunded_worked_out:
        refunded = min(refunded, paid)
    owed = told.outstanding
    if state in IN_FULL:
        owed = ZERO
    elif owed is None:
        owed = max(add(total, -paid), ZERO)
    return Standing(state, till.tidy(paid), till.tidy(refunded), till.tidy(owed))


def _state(told: ChannelOrder, total: Decimal, till: Till) -> PaymentState:
    paid = told.paid if told.paid is not None else _came_in(told, till)
    if not total or paid >= total > 0:
        return "paid"
    if paid > 0:
        return "partially_paid"
    return "authorized" if any(one.state == "authorized" for one in told.payments) else "pending"


def _paid(told: ChannelOrder, state: str, total: Decimal, till: Till) -> Decimal:
    return total if state in IN_FULL else _came_in(told, till)


def _came_in(told: ChannelOrder, till: Till) -> Decimal:
    """What payments of the order's currency brought."""
    return add(
        *(
            one.amount
            for one in told.payments
            if one.state == "paid" and one.amount and one.currency in {None, till.currency}
        )
    )


def payments(told: ChannelOrder, stands: Standing, total: Decimal, till: Till) -> list[Payment]:
    """The payments made or promised."""
    return [_payment(one, stands, stands.paid or total, till) for one in told.payments]


def _payment(one: ChannelPayment, stands: Standing, promised: Decimal, till: Till) -> Payment:
    state = "paid" if stands.state in IN_FULL else stands.state
    return Payment(
        reference=one.reference,
        gateway=one.gateway,
        method=one.method,
        state=one.state or state,
        amount=_amount(one, promised, till),
        currency=one.currency or till.currency,
        at=one.at,
    )


def _amount(one: ChannelPayment, promised: Decimal, till: Till) -> Decimal:
    if one.amount is None:
        return promised
    return till.tidy(one.amount) if one.currency in {None, till.currency} else one.amount


def fulfilment(goods: Sequence[Charge], otherwise: FulfilmentState) -> FulfilmentState:
    """By the pieces that were sent, where any were told; else as the channel's state says."""
    sent = add(*(it.what["fulfilled_quantity"] for it in goods))
    if not sent:
        return otherwise
    due = add(*(it.quantity - it.what["cancelled_quantity"] for it in goods))
    return "fulfilled" if sent >= due else "partial"
