"""A channel's refund -> the canonical `refund`, in the order's currency and tax mode.

The money that went back is the channel's to say. Where it does not, it is what the parts are worth,
and the hub keeps it within what was paid (`worked_out`). Where it does and the parts are worth
more, the tax is less in proportion; parts that tell no amount share what is left of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.errors import BadData
from hub.model.money import add, round_to, times
from hub.model.order import Refund, RefundLine, RefundPayment
from mappings.kit.context import Context
from mappings.kit.money import Till, bounded, till
from mappings.kit.refunds.told import ChannelRefund, Returned


@dataclass(slots=True)
class _Part:
    returned: Returned
    net: Decimal
    tax: Decimal


def refund(told: ChannelRefund, at: Context) -> Refund:
    """The canonical refund. BadData where pieces or amounts are out of bounds."""
    money = till(told.currency)
    parts = _parts(told, money)
    goods, ways = parts[: len(told.goods)], parts[len(told.goods) :][: len(told.shipping)]
    made = add(*(one.tax for one in parts))
    worth = add(*(one.net for one in parts), ZERO if told.tax_included is not False else made)
    amount = told.amount if told.amount is not None else max(worth, ZERO)
    if told.paid is not None and amount > max(told.paid, ZERO):
        at.warn("above_paid", "more than was paid: it was cut to that", path="amount")
        amount = max(told.paid, ZERO)
    unsettled = told.tax_unsettled
    if unsettled is None:
        unsettled = made if told.amount is None and told.tax_included is None else ZERO
    return Refund(
        currency=told.currency,
        amount=bounded(money.tidy(amount), "amount"),
        worked_out=told.worked_out or told.amount is None,
        tax_unsettled=money.tidy(unsettled) if unsettled else ZERO,
        shipping_amount=money.total(one.net for one in ways),
        tax=bounded(_tax(told, amount, worth, made, money), "tax"),
        restock=told.restock or any(one.restock for one in told.goods),
        lines=tuple(_line(one, money) for one in goods),
        payments=tuple(_payments(told, amount, money)),
        **told.head,
    )


def _parts(told: ChannelRefund, money: Till) -> list[_Part]:
    """Goods, shipping and fees in this order, each with an amount and a tax."""
    given = [*told.goods, *told.shipping, *told.fees]
    stated_tax = add(*(one.tax for one in given if one.tax is not None))
    whole_tax = stated_tax if told.tax is None else told.tax
    rest = ZERO
    if told.amount is not None:
        beside = ZERO if told.tax_included is not False else whole_tax
        rest = add(told.amount, -beside, *(-one.net for one in given if one.net is not None))
    nets = _filled([one.net for one in given], [_weight(one) for one in given], rest, money)
    rest_tax = add(whole_tax, -stated_tax)
    taxes = _filled([one.tax for one in given], nets, rest_tax, money)
    return [_Part(one, net, tax) for one, net, tax in zip(given, nets, taxes, strict=True)]


def _weight(one: Returned) -> Decimal:
    return times(one.unit_price, one.quantity) if one.unit_price is not None else one.quantity


def _filled(
    amounts: Sequence[Decimal | None], weights: Sequence[Decimal], rest: Decimal, money: Till
) -> list[Decimal]:
    """The amounts; those that were not told share what is left."""
    untold = [place for place, amount in enumerate(amounts) if amount is None]
    shares: dict[int, Decimal] = {}
    if untold and rest > 0:
        parts = money.share(rest, [max(weights[place], ZERO) for place in untold])
        shares = dict(zip(untold, parts, strict=True))
    return [
        shares.get(place, ZERO) if amount is None else amount
        for place, amount in enumerate(amounts)
    ]


def _tax(
    told: ChannelRefund, amount: Decimal, worth: Decimal, made: Decimal, money: Till
) -> Decimal:
    """The tax within what went back."""
    tax, whole = (made, worth) if told.tax is None else (told.tax, told.amount)
    if not whole or amount >= whole or money.step is None:
        return money.tidy(tax)
    return round_to(tax * amount / whole, money.currency)


def _line(one: _Part, money: Till) -> RefundLine:
    returned = one.returned
    if returned.quantity < 0 or returned.quantity % 1:
        message = "a whole number of pieces, not below 0, is expected"
        raise BadData(message, path=f"{returned.path}.quantity", code="bad_quantity")
    return RefundLine(
        quantity=returned.quantity,
        amount=bounded(money.tidy(one.net), returned.path),
        tax=bounded(money.tidy(one.tax), returned.path),
        restock=returned.restock,
        **returned.what,
    )


def _payments(told: ChannelRefund, amount: Decimal, money: Till) -> Sequence[RefundPayment]:
    """The payments as told; of less where less than they say can have gone back."""
    if told.amount is None or amount >= told.amount or not told.payments:
        return told.payments
    weights = [max(one.amount, ZERO) for one in told.payments]
    shares = money.share(amount, weights)
    return [
        RefundPayment(reference=one.reference, gateway=one.gateway, amount=money.tidy(share))
        for one, share in zip(told.payments, shares, strict=True)
    ]
