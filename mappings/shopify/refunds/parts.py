"""What a refund is made of: goods, shipping, their taxes, and what was not given back of them.

Amounts of lines and shipping are told with or without tax, as the order's prices are. A refund
does not say which; where the order is not at hand, the money that moved shows it, or else the
rates on the lines.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from hub.model.document import ZERO
from hub.model.money import EXPONENT, add, round_to, times, unit
from mappings.shopify import wire
from mappings.shopify.money import Till, code_of, side

SHIPPING = "shipping_refund"

Read = Callable[[Decimal | None, Any], Decimal | None]
"""Plain amount and `*_set` -> the amount in one currency, None where it is not told in that."""
Pair = tuple[Decimal | None, Decimal | None]
"""An amount and its tax."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Sums of the parts in one currency. `less`: what was not given back although the parts are
    worth it; negative where more was.
    """

    goods: Decimal
    shipping: Decimal
    tax: Decimal
    less: Decimal = ZERO
    less_tax: Decimal = ZERO

    def worth(self, *, tax_included: bool) -> Decimal:
        """What the goods and the shipping cost."""
        return add(self.goods, self.shipping, ZERO if tax_included else self.tax)

    def money(self, *, tax_included: bool) -> Decimal:
        """What was given back of that."""
        kept = add(self.less, ZERO if tax_included else self.less_tax)
        return max(add(self.worth(tax_included=tax_included), -kept), ZERO)


def ours(refund: wire.Refund, till: Till) -> Parts:
    """The parts in the order's currency. Lines of older payloads are worked out."""
    goods = [(line_amount(one, till), line_tax(one, till)) for one in refund.refund_line_items]
    return _parts(goods, shipping(refund, till.of), _less(refund, till.of))


def theirs(refund: wire.Refund, currency: str) -> Parts | None:
    """The parts in the customer's currency; None where one is not told in it."""
    read = partial(_presented, currency)
    goods = [
        (read(one.subtotal, one.subtotal_set), read(one.total_tax, one.total_tax_set))
        for one in refund.refund_line_items
    ]
    shipped, less = shipping(refund, read), _less(refund, read)
    if any(amount is None for amount, _ in (*goods, *shipped, *less)):
        return None
    return _parts(goods, shipped, less)


def bags(refund: wire.Refund) -> Iterator[Any]:
    """Every `*_set` that shows in which currencies a refund is told."""
    for one in refund.refund_line_items:
        yield from (one.subtotal_set, one.total_tax_set)
        if one.line_item is not None:
            yield one.line_item.price_set
    yield from (one.amount_set for one in refund.order_adjustments)
    yield from (one.subtotal_amount_set for one in refund.refund_shipping_lines)
    yield from (one.amount_set for one in refund.transactions or [])
    yield refund.extra.get("total_duties_set")


def line_amount(one: wire.RefundedLine, till: Till) -> Decimal:
    """What the refunded pieces cost: as told, else at the line's price less their share of its
    discount.
    """
    told, line = till.or_none(one.subtotal, one.subtotal_set), one.line_item
    if told is not None or line is None:
        return told or till.nothing
    gross = times(till.of(line.price, line.price_set), one.quantity or ZERO)
    return till.tidy(add(gross, -_share(_discount(line, till), one, till)))


def line_tax(one: wire.RefundedLine, till: Till) -> Decimal:
    """The tax on the refunded pieces: as told, else their share of the line's."""
    told = till.or_none(one.total_tax, one.total_tax_set)
    if told is not None or one.line_item is None:
        return told or till.nothing
    return _share(_taxes(one.line_item, till), one, till)


def shipping(refund: wire.Refund, read: Read) -> list[Pair]:
    """What was given back of the shipping: told as adjustments (negative), or by shipping line."""
    adjusted = [
        (_minus(read(one.amount, one.amount_set)), _minus(read(one.tax_amount, one.tax_amount_set)))
        for one in refund.order_adjustments
        if one.kind == SHIPPING
    ]
    return adjusted or [
        (read(None, one.subtotal_amount_set), read(None, one.tax_amount_set))
        for one in refund.refund_shipping_lines
    ]


def tax_mode(refund: wire.Refund, parts: Parts, moved: Decimal | None, till: Till) -> bool | None:
    """Whether the order's prices include tax, as far as the refund shows it. `moved`: the money
    that went back, where it is told in the order's currency.
    """
    made = [mode for mode in (True, False) if parts.money(tax_included=mode) == moved]
    if len(made) == 1:
        return made[0]
    seen = {_by_rates(one.line_item, till) for one in refund.refund_line_items if one.line_item}
    seen.discard(None)
    return seen.pop() if len(seen) == 1 else None


def _less(refund: wire.Refund, read: Read) -> list[Pair]:
    return [
        (read(one.amount, one.amount_set), read(one.tax_amount, one.tax_amount_set))
        for one in refund.order_adjustments
        if one.kind != SHIPPING
    ]


def _parts(goods: Sequence[Pair], shipped: Sequence[Pair], less: Sequence[Pair]) -> Parts:
    return Parts(
        goods=_sum(amount for amount, _ in goods),
        shipping=_sum(amount for amount, _ in shipped),
        tax=_sum(tax for _, tax in (*goods, *shipped)),
        less=_sum(amount for amount, _ in less),
        less_tax=_sum(tax for _, tax in less),
    )


def _presented(currency: str, _plain: Decimal | None, bag: Any) -> Decimal | None:
    told = code_of(bag, "presentment_money") == currency
    return side(bag, "presentment_money") if told else None


def _minus(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else -amount


def _sum(amounts: Iterator[Decimal | None]) -> Decimal:
    return add(*(amount for amount in amounts if amount is not None))


def _share(amount: Decimal, one: wire.RefundedLine, till: Till) -> Decimal:
    """The share of a line's amount that falls on the refunded pieces."""
    line = one.line_item
    if line is None or not amount:
        return till.nothing
    if not line.quantity or one.quantity == line.quantity or till.currency not in EXPONENT:
        return amount
    return round_to(times(amount, one.quantity or ZERO) / line.quantity, till.currency)


def _discount(line: wire.Line, till: Till) -> Decimal:
    given = till.total(till.of(part.amount, part.amount_set) for part in line.discount_allocations)
    return given or till.of(line.total_discount, line.total_discount_set)


def _taxes(line: wire.Line, till: Till) -> Decimal:
    return till.total(till.of(tax.price, tax.price_set) for tax in line.tax_lines)


def _by_rates(line: wire.Line, till: Till) -> bool | None:
    """A line's tax is its rate of the price, or what the rate makes up of the price."""
    tax, price = _taxes(line, till), till.or_none(line.price, line.price_set)
    rates = [one.rate for one in line.tax_lines if one.rate is not None]
    if not tax or price is None or len(rates) < len(line.tax_lines):
        return None
    net, rate = add(times(price, line.quantity), -_discount(line, till)), add(*rates)
    near = unit(till.currency) * len(rates) if till.currency in EXPONENT else ZERO
    expected = {True: net * rate / (1 + rate), False: net * rate} if rate != -1 else {}
    fit = [mode for mode, amount in expected.items() if abs(amount - tax) <= near]
    return fit[0] if len(fit) == 1 else None
