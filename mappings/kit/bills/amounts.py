"""Amounts as an ERP books them: net unit prices of so many places, and tax that it computes itself.

Tryton, Odoo and Kingdee keep prices without tax, multiply and round each line, then tax the sum of
all lines that carry a tax. Here a line's net amount becomes unit prices that multiply back to it,
and what a channel states as tax is compared with what the ERP will compute, before anything is
sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from hub.model.money import round_to, unit
from mappings.kit.ledger_lines import Taxed

PRICE_STEP = Decimal("0.0001")
"""Tryton's default precision of prices (`price_decimal` 4)."""


def price_pairs(
    quantity: Decimal, amount: Decimal, currency: str, step: Decimal = PRICE_STEP
) -> list[tuple[Decimal, Decimal]]:
    """(quantity, unit price) whose rounded products sum to `amount`; one pair unless it cannot be.
    Prices are multiples of `step`.

    7 pieces for 100.00 are 7 x 14.2857 = 99.9999, which rounds to 100.00. 1000 pieces for 33.33
    have no such price: 300 x 0.0334 + 700 x 0.0333 are 33.33.
    """
    price = (amount / quantity).quantize(step)
    if round_to(quantity * price, currency, "half_even") == amount or quantity % 1:
        return [(quantity, price)]
    low, left = divmod(amount / step, quantity)
    if left < 0:  # divmod of decimals truncates; prices below zero count down
        low, left = low - 1, left + quantity
    dear, cheap = (left, (low + 1) * step), (quantity - left, low * step)
    return [pair for pair in (dear, cheap) if pair[0]]


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
    cents = []
    for rate, amount in stated.items():
        missing = amount - round_to(bases[rate] * rate, currency, "half_even")
        if abs(missing) > unit(currency) * lines[rate]:
            cents.append(Correction(rate, round_to(amount / rate - bases[rate], currency)))
    return cents
