"""A refund as its order sees it: in the order's currency, by its tax mode, within what was paid."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol, TypeVar

from hub.model.money import EXPONENT, add, round_to, split
from hub.model.order import Refund, SalesOrder


class Unnamed(Protocol):
    """A refund of ours of which nobody knows what its channel calls it."""

    @property
    def refund_id(self) -> str: ...
    @property
    def channel_order_id(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def amount(self) -> Decimal: ...


U = TypeVar("U", bound=Unnamed)


def echo_of(refund: Refund, ours: Sequence[U]) -> U | None:
    """The refund of ours that a channel tells back under its own number: of the same order, and
    worth the same.
    """
    for mine in ours:
        same = mine.channel_order_id == refund.channel_order_id and mine.amount == refund.amount
        if same and refund.currency in (mine.currency, NO_CURRENCY):
            return None if mine.refund_id == refund.refund_id else mine
    return None


NO_CURRENCY = "XXX"
"""ISO 4217 for "no currency": the channel named none, so its order's is meant; where it named
several, they are in `attributes.currencies`.
"""
_ZERO = Decimal(0)


def is_under_way(order: SalesOrder, refunds: Sequence[Refund]) -> bool:
    """Whether pieces were refunded that the order's newest telling still wants shipped: sent now,
    they would be given away. Money alone, without goods, holds nothing back.
    """
    back: dict[str, Decimal] = {}
    for refund in refunds:
        for line in refund.lines:
            if line.channel_line_id:
                sum_ = back.get(line.channel_line_id, _ZERO) + line.quantity
                back[line.channel_line_id] = sum_
    return any(
        back.get(line.channel_line_id or "", _ZERO)
        > line.cancelled_quantity + line.fulfilled_quantity
        for line in order.lines
        if line.ours_to_ship
    )


def settled(refund: Refund, order: SalesOrder) -> Refund | None:
    """The refund in the order's currency and tax mode. None where nothing says what it is worth
    in that currency.
    """
    if refund.currency == NO_CURRENCY and "currencies" not in refund.attributes:
        refund = refund.model_copy(update={"currency": order.currency})
    if refund.currency != order.currency:
        changed = _changed(refund, order)
        if changed is None:
            return None
        refund = changed
    if not refund.tax_unsettled:
        return refund
    more = _ZERO if order.prices_include_tax else refund.tax_unsettled
    return refund.model_copy(update={"amount": add(refund.amount, more), "tax_unsettled": _ZERO})


def within(refund: Refund, left: Decimal) -> Refund:
    """The refund of an order that bears no more than `left`. Only what was worked out is cut, for
    it may be rounded, or part of it never paid; what is told stays as it is.
    """
    if not refund.worked_out or not 0 < left < refund.amount:
        return refund
    return _worth(refund, left, refund.currency)


def _changed(refund: Refund, order: SalesOrder) -> Refund | None:
    """By the rate between what the customer saw of the order and what it cost."""
    seen, cost = order.presentment, order.totals.grand_total
    if seen is None or seen.currency != refund.currency or not seen.grand_total:
        return None
    if order.currency not in EXPONENT:
        return None

    def change(amount: Decimal) -> Decimal:
        return round_to(amount * cost / seen.grand_total, order.currency)

    lines = [
        line.model_copy(update={"amount": change(line.amount), "tax": change(line.tax)})
        for line in refund.lines
    ]
    changed = refund.model_copy(
        update={
            "currency": order.currency,
            "worked_out": True,
            "tax": change(refund.tax),
            "tax_unsettled": change(refund.tax_unsettled),
            "shipping_amount": change(refund.shipping_amount),
            "lines": tuple(lines),
            "attributes": {
                **refund.attributes,
                "presented": {refund.currency: f"{refund.amount:f}"},
            },
        }
    )
    return _worth(changed, change(refund.amount), order.currency)


def _worth(refund: Refund, amount: Decimal, currency: str) -> Refund:
    """The refund with another amount, shared over its payments."""
    tax = min(refund.tax, amount)
    if not refund.payments:
        return refund.model_copy(update={"amount": amount, "tax": tax})
    shares = split(amount, [max(payment.amount, _ZERO) for payment in refund.payments], currency)
    payments = [
        payment.model_copy(update={"amount": share})
        for payment, share in zip(refund.payments, shares, strict=True)
    ]
    return refund.model_copy(update={"amount": amount, "tax": tax, "payments": tuple(payments)})
