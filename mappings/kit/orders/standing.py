"""How an order stands in money: its payment state, what was paid, went back and is still owed, and
its payments one by one.
"""

from dataclasses import dataclass
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.money import add
from hub.model.order import Payment, PaymentState
from mappings.kit.money import Till
from mappings.kit.orders.told import ChannelOrder, ChannelPayment

IN_FULL = frozenset({"paid", "partially_refunded", "refunded"})
"""Payment states in which all was paid at some time."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An order's money beside its total."""

    state: PaymentState
    paid: Decimal
    refunded: Decimal
    outstanding: Decimal


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
        amount=promised if one.amount is None else one.amount,
        currency=one.currency or till.currency,
        at=one.at,
    )
