"""Amounts as Tryton books them: net unit prices of four places, and tax that it computes itself.

Tryton 8.2 keeps prices without tax, multiplies and rounds each line, then taxes the sum of all
lines that carry a tax. Here a line's net amount becomes unit prices that multiply back to it, and
what a channel states as tax is compared with what Tryton will compute, before anything is sent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.model.errors import BadData
from hub.model.money import round_to, unit
from hub.model.order import TaxLine

PRICE_STEP = Decimal("0.0001")
"""Tryton's default precision of prices (`price_decimal` 4)."""
GUESS_STEP = Decimal("0.0001")
Rates = tuple[Decimal, ...]


def price_pairs(quantity: Decimal, amount: Decimal, currency: str) -> list[tuple[Decimal, Decimal]]:
    """(quantity, unit price) whose rounded products sum to `amount`; one pair unless it cannot be.

    7 pieces for 100.00 are 7 x 14.2857 = 99.9999, which rounds to 100.00. 1000 pieces for 33.33
    have no such price: 300 x 0.0334 + 700 x 0.0333 are 33.33.
    """
    price = (amount / quantity).quantize(PRICE_STEP)
    if round_to(quantity * price, currency, "half_even") == amount or quantity % 1:
        return [(quantity, price)]
    low, left = divmod(amount / PRICE_STEP, quantity)
    if left < 0:  # divmod of decimals truncates; prices below zero count down
        low, left = low - 1, left + quantity
    dear, cheap = (left, (low + 1) * PRICE_STEP), (quantity - left, low * PRICE_STEP)
    return [pair for pair in (dear, cheap) if pair[0]]


@dataclass(frozen=True, slots=True)
class Taxed:
    """A net amount with the taxes that the channel states for it: (rate, amount) each."""

    net: Decimal
    taxes: tuple[tuple[Decimal, Decimal], ...]

    @property
    def rates(self) -> Rates:
        return tuple(rate for rate, _ in self.taxes)

    @property
    def gross(self) -> Decimal:
        return self.net + sum((amount for _, amount in self.taxes), Decimal(0))


def taxed(
    net: Decimal, tax: Decimal, stated: Sequence[TaxLine], seen: Sequence[Rates], path: str
) -> Taxed:
    """The taxes of one line. Without rates from the channel they are found from the amounts.

    `seen` are the combinations of rates on the order's other lines, tried before a rate is
    computed. No tax amount means no tax, whatever rate stands beside it.
    """
    named = [(line.rate, line.amount) for line in stated if line.amount]
    if not tax:
        return Taxed(net, ())
    if named and all(named_rate for named_rate, _ in named):
        parts = [(rate, amount) for rate, amount in named if rate]
        parts[0] = (parts[0][0], parts[0][1] + tax - sum(amount for _, amount in parts))
        return Taxed(net, tuple(parts))
    return Taxed(net, _inferred(net, tax, seen, path))


def _inferred(
    net: Decimal, tax: Decimal, seen: Sequence[Rates], path: str
) -> tuple[tuple[Decimal, Decimal], ...]:
    for rates in seen:
        if abs(net * sum(rates) - tax) <= GUESS_STEP * 100:
            first, *others = rates
            rest = [(rate, (net * rate).quantize(GUESS_STEP)) for rate in others]
            return ((first, tax - sum((amount for _, amount in rest), Decimal(0))), *rest)
    if not net:
        raise BadData("a tax without an amount that it is a part of", path=path, code="bad_tax")
    return (((tax / net).quantize(GUESS_STEP), tax),)


@dataclass(frozen=True, slots=True)
class Correction:
    """`base` more to be taxed at `rate`, and as much less untaxed, so that the tax comes out."""

    rate: Decimal
    base: Decimal


def corrections(items: Iterable[Taxed], currency: str) -> list[Correction]:
    """What is missing where the stated tax is not the rate's part of the lines it stands on.

    Differences of a smallest unit per line are rounding and left alone. Larger ones happen:
    exempt parts, taxes taken before a discount, taxes on taxes.
    """
    stated: dict[Decimal, Decimal] = {}
    bases: dict[Decimal, Decimal] = {}
    lines: dict[Decimal, int] = {}
    for item in items:
        for rate, amount in item.taxes:
            stated[rate] = stated.get(rate, Decimal(0)) + amount
            bases[rate] = bases.get(rate, Decimal(0)) + item.net
            lines[rate] = lines.get(rate, 0) + 1
    found = []
    for rate, amount in stated.items():
        missing = amount - round_to(bases[rate] * rate, currency, "half_even")
        if abs(missing) > unit(currency) * lines[rate]:
            found.append(Correction(rate, round_to(amount / rate - bases[rate], currency)))
    return found
