"""What a return gives back, to the cent: of lines that were bought with discount and tax, over any
number of partial refunds.

A share of a line is worked out against what is still left of it, never against the whole: so the
last piece takes what rounding left, and the sum is what the line cost. What channels paid back
counts alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from hub.model.errors import Problem
from hub.model.money import add, fits, round_to, split
from hub.model.order import Refund, SalesOrder
from hub.rules.orders import order_totals

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a line, or of the carriage: money with its tax, and pieces."""

    amount: Decimal
    tax: Decimal
    pieces: Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """What can still be paid back of an order: of each line (by its number), of its carriage, and
    of the whole.
    """

    lines: Mapping[int, Left]
    shipping: Left
    whole: Decimal


@dataclass(frozen=True, slots=True)
class OfKits:
    """Parts of kits that are paid back: SKU -> pieces. They weigh `weight`, of `whole` for a kit;
    `begun`: what others weigh that were paid back before of kits that do not count yet.
    """

    parts: Mapping[str, Decimal]
    weight: Decimal
    whole: Decimal
    begun: Decimal


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be given back for a line: pieces by their worth, or an amount of money. No pieces
    and an amount: a difference in price. Of kits the pieces are those that its parts complete.
    """

    order_line: int
    pieces: Decimal = _ZERO
    amount: Decimal | None = None
    of_kits: OfKits | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What a refund is to be made of. `shipping` None: nothing; `restocking`: kept back."""

    lines: Sequence[Wish] = ()
    shipping: Decimal | None = None
    goodwill: Decimal = _ZERO
    restocking: Decimal = _ZERO


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a refund, tax included: `line` of an order's line, `shipping`, `goodwill`, or
    what is kept back (`restocking`, negative). `parts`: the pieces of kits that it pays for.
    """

    part: str
    amount: Decimal
    tax: Decimal
    order_line: int | None = None
    pieces: Decimal = _ZERO
    parts: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Priced:
    """A refund's parts, or what speaks against it."""

    parts: Sequence[Part] = ()
    faults: Sequence[Problem] = field(default=())

    @property
    def amount(self) -> Decimal:
        return add(*(part.amount for part in self.parts))

    @property
    def tax(self) -> Decimal:
        return add(*(part.tax for part in self.parts))


def account(order: SalesOrder, refunds: Iterable[Refund]) -> Account:
    """What is left of an order after these refunds, all in its currency."""
    paid_back = [refund for refund in refunds if refund.currency == order.currency]
    lines = {it.line_no: Left(it.total, it.tax, it.quantity) for it in order.lines}
    numbers = {line.channel_line_id: line.line_no for line in order.lines if line.channel_line_id}
    shipping = Left(
        add(*(it.total for it in order.shipping)), add(*(it.tax for it in order.shipping)), _ZERO
    )
    whole = order_totals.refundable(order)
    for refund in paid_back:
        whole = add(whole, -refund.amount)
        shipping = _less(shipping, refund.shipping_amount, _ZERO, _ZERO)
        for line in refund.lines:
            number = numbers.get(line.channel_line_id or "") or _by_sku(order, line.sku)
            if number is not None:
                more = _ZERO if order.prices_include_tax else line.tax
                worth = add(line.amount, more)
                lines[number] = _less(lines[number], worth, line.tax, line.quantity)
    return Account(lines, shipping, max(whole, _ZERO))


def _by_sku(order: SalesOrder, sku: str | None) -> int | None:
    found = [line.line_no for line in order.lines if sku is not None and line.sku == sku]
    return found[0] if len(found) == 1 else None


def _less(left: Left, amount: Decimal, tax: Decimal, pieces: Decimal) -> Left:
    rest = max(add(left.amount, -amount), _ZERO)
    return Left(rest, min(max(add(left.tax, -tax), _ZERO), rest), max(left.pieces - pieces, _ZERO))


def _worth(wish: Wish, left: Left, currency: str) -> tuple[Decimal, Decimal]:
    """What so much of what is left is worth, and the tax in it."""
    now, all_ = _weights(wish, left)
    if now <= 0 or all_ <= 0:
        return _ZERO, _ZERO
    weights = [min(now, all_), max(all_ - now, _ZERO)]
    amount = split(round_to(left.amount, currency), weights, currency)[0]
    tax = split(round_to(left.tax, currency), weights, currency)[0]
    return amount, min(tax, amount)


def _weights(wish: Wish, left: Left) -> tuple[Decimal, Decimal]:
    """What is asked for, and all that is left: in pieces, of kits by the weight of their parts."""
    its = wish.of_kits
    if its is None:
        return wish.pieces, left.pieces
    return its.weight, left.pieces * its.whole - its.begun


def price(order: SalesOrder, there: Account, ask: Ask) -> Priced:
    """Work out a refund. Whatever is above what is left is a fault, named by its place."""
    parts, faults, lines = list[Part](), list[Problem](), dict(there.lines)
    for at, wish in enumerate(ask.lines):
        left = lines.get(wish.order_line)
        if left is None:
            path = f"lines.{at}.order_line_no"
            faults.append(Problem(path, "unknown_line", "the order has no such line"))
            continue
        faults += _above(wish, left, at, order.currency)
        part = _line(wish, left, order.currency)
        lines[wish.order_line] = _less(left, part.amount, part.tax, part.pieces)
        parts.append(part)
    goods = add(*(part.amount for part in parts))
    faults += _charges(ask, there, order, goods)
    parts += _rest(ask, there, order, parts)
    total = add(*(part.amount for part in parts))
    if not faults and total > there.whole:
        message = f"{there.whole} {order.currency} is left of what was paid"
        faults.append(Problem("amount", "more_than_paid", message))
    if not faults and total < 0:
        faults.append(Problem("restocking_fee", "more_than_paid", "more is kept than given back"))
    priced = (part for part in parts if part.amount or part.pieces or part.parts)
    return Priced(tuple(priced), tuple(faults))


def _above(wish: Wish, left: Left, at: int, currency: str) -> list[Problem]:
    asked, there = _weights(wish, left)
    if wish.pieces > left.pieces or asked > there:
        message = f"{left.pieces.normalize():f} pieces of this line are left"
        return [Problem(f"lines.{at}.quantity", "more_than_sold", message)]
    path = f"lines.{at}.amount"
    if wish.amount is None:
        return []
    if wish.amount < 0 or not fits(wish.amount, currency):
        return [Problem(path, "bad_amount", f"a whole amount of {currency} is expected")]
    if wish.amount > left.amount:
        message = f"{left.amount} {currency} is left of what was paid for this line"
        return [Problem(path, "more_than_paid", message)]
    return []


def _line(wish: Wish, left: Left, currency: str) -> Part:
    amount, tax = _worth(wish, left, currency)
    if wish.amount is not None:
        amount = min(wish.amount, left.amount)
        tax = _tax_in(amount, left.amount, left.tax, currency)
    parts = wish.of_kits.parts if wish.of_kits else {}
    return Part("line", amount, tax, wish.order_line, min(wish.pieces, left.pieces), parts)


def _tax_in(amount: Decimal, whole: Decimal, tax: Decimal, currency: str) -> Decimal:
    """The share of a tax, all of it in the whole."""
    if not whole:
        return _ZERO
    return tax if amount == whole else min(round_to(amount * tax / whole, currency), tax, amount)


def _charges(ask: Ask, there: Account, order: SalesOrder, goods: Decimal) -> list[Problem]:
    faults = []
    amounts = (
        ("shipping", ask.shipping or _ZERO, there.shipping.amount),
        ("goodwill", ask.goodwill, there.whole),
        ("restocking_fee", ask.restocking, goods),
    )
    for path, amount, most in amounts:
        if amount < 0 or not fits(amount, order.currency):
            message = f"a whole amount of {order.currency} is expected"
            faults.append(Problem(path, "bad_amount", message))
        elif amount > most:
            message = f"at most {most} {order.currency} is possible"
            faults.append(Problem(path, "more_than_paid", message))
    return faults


def _rest(ask: Ask, there: Account, order: SalesOrder, lines: Sequence[Part]) -> list[Part]:
    """Carriage, goodwill, and what is kept back, each with its share of tax: of the order's for
    goodwill, of the goods' for a restocking fee.
    """
    parts, currency, totals = [], order.currency, order.totals
    if ask.shipping:
        shipping = there.shipping
        tax = _tax_in(ask.shipping, shipping.amount, shipping.tax, currency)
        parts.append(Part("shipping", ask.shipping, tax))
    if ask.goodwill:
        tax = _tax_in(ask.goodwill, totals.grand_total, totals.tax, currency)
        parts.append(Part("goodwill", ask.goodwill, tax))
    if ask.restocking:
        goods, taxes = add(*(it.amount for it in lines)), add(*(it.tax for it in lines))
        tax = _tax_in(ask.restocking, goods, taxes, currency)
        parts.append(Part("restocking", -ask.restocking, -tax))
    return parts


def percent(amount: Decimal, share: Decimal, currency: str) -> Decimal:
    """So many percent of an amount, in whole units."""
    return round_to(amount * share / 100, currency)
