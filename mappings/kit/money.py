"""Amounts of one currency: tidied, added up, shared out without loss."""

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import lru_cache

from hub.model.document import ZERO
from hub.model.errors import BadData
from hub.model.money import EXPONENT, add, fits, split, unit

_SHORTER = Context(prec=38, traps=[Inexact, InvalidOperation])
"""Cuts zeros off (1200.0 JPY is 1200), never more."""
_MOST_DIGITS = 13
_HUNDREDTH = Decimal("0.01")
SMALLEST = Decimal("0.000001")
"""The step of prices, and of amounts in a currency that ISO 4217 does not know."""

NO_CURRENCY = "XXX"
"""ISO 4217 for "no currency": stands where the partner named none, or several. The hub holds
such an order.
"""


class Till:
    """Reads amounts of one currency."""

    __slots__ = ("currency", "nothing", "step")

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.step = unit(currency) if currency in EXPONENT else None
        self.nothing = ZERO if self.step is None else ZERO.quantize(self.step)

    def tidy(self, amount: Decimal) -> Decimal:
        """With the currency's own places (13.5 EUR is 13.50), where that loses nothing."""
        step = self.step
        if not amount and step is not None:
            return self.nothing
        if step is None or amount.same_quantum(step) or amount % step:
            return amount
        return amount.quantize(step, context=_SHORTER) + 0

    def minor(self, units: Decimal) -> Decimal:
        """An amount told in smallest units: 1250 are 12.50 EUR, 1250 JPY and 1.250 KWD. In a
        currency that ISO 4217 does not know, hundredths.
        """
        return self.tidy(units * (self.step or _HUNDREDTH))

    def total(self, amounts: Iterable[Decimal]) -> Decimal:
        """The exact sum."""
        return self.tidy(add(*amounts))

    def share(self, total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
        """Shares by weight whose sum is `total`; all of it on the heaviest where it cannot be
        cut in whole units.
        """
        if self.step is not None and fits(total, self.currency) and min(weights) >= 0:
            return split(total, weights, self.currency)
        heaviest = max(range(len(weights)), key=lambda at: weights[at])
        return [total if at == heaviest else ZERO for at in range(len(weights))]


@lru_cache(maxsize=256)
def till(currency: str) -> Till:
    """The till of a currency."""
    return Till(currency)


def bounded(amount: Decimal, path: str) -> Decimal:
    """An amount that was worked out, where it has no more digits than amounts may have."""
    if amount.adjusted() > _MOST_DIGITS:
        raise BadData("a number of at most 14 digits is expected", path=path, code="bad_number")
    return amount


def one_currency(codes: Iterable[str | None]) -> tuple[str, list[str]]:
    """The currency that all codes name, else `XXX`, and what was named."""
    told = set(codes)
    if len(told) == 1 and not told.isdisjoint(EXPONENT):
        return (usual := str(told.pop())), [usual]
    named = sorted({code.strip().upper() for code in told if code and code.strip()})
    known = len(named) == 1 and len(named[0]) == 3 and named[0].isascii() and named[0].isalpha()
    return (named[0] if known else NO_CURRENCY), named
