"""Exact money: decimals with a currency, its ISO 4217 exponent, and a split that loses nothing.

Nothing here rounds silently: sums and products run in a context that traps inexact results.
Rounding happens in two named places, `round_to` and `split`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    Inexact,
    InvalidOperation,
    Overflow,
    Rounded,
)
from typing import Literal

EXACT = Context(prec=38, traps=[Inexact, Rounded, InvalidOperation, Overflow])
_WIDE = Context(prec=60, traps=[InvalidOperation, Overflow])
_ZERO, _exact_sum = Decimal(0), EXACT.add

# fmt: off
_EXPONENTS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD "
       "BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP "
       "ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
       "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU "
       "MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR "
       "RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
       "TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
# fmt: on
EXPONENT = {code: places for places, codes in _EXPONENTS.items() for code in codes.split()}
"""Currency -> digits after the point (ISO 4217 list one)."""

_UNIT = {code: Decimal(1).scaleb(-places) for code, places in EXPONENT.items()}

Rule = Literal["half_up", "half_even"]
_RULES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}


def unit(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01 for EUR, 1 for JPY. KeyError where ISO 4217 has no
    such code.
    """
    return _UNIT[currency]


def fits(amount: Decimal, currency: str) -> bool:
    """Whether an amount is a whole number of the currency's smallest unit."""
    return amount % unit(currency) == 0


def add(*amounts: Decimal) -> Decimal:
    """The exact sum."""
    total = _ZERO
    for amount in amounts:
        total = _exact_sum(total, amount)
    return total


def times(amount: Decimal, factor: Decimal) -> Decimal:
    """The exact product; raises where 38 digits cannot hold it."""
    return EXACT.multiply(amount, factor)


def round_to(amount: Decimal, currency: str, rule: Rule = "half_up") -> Decimal:
    """The amount in whole units of its currency, rounded by the order's own rule."""
    return amount.quantize(unit(currency), rounding=_RULES[rule], context=_WIDE)


def split(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Shares in proportion to `weights`, in whole units, whose sum is exactly `total`.

    Largest remainder; ties go to the lower position; weights that are all zero share evenly; a
    negative total mirrors the positive one. ValueError on no weights, a negative weight, or a
    total that is no whole unit.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("weights must be given and not negative")
    if not fits(total, currency):
        raise ValueError(f"{total} is not a whole amount of {currency}")
    whole = sum(weights, Decimal(0))
    shares, whole = (
        (list(weights), whole) if whole else ([Decimal(1)] * len(weights), Decimal(len(weights)))
    )
    step = unit(currency)
    size = abs(total)
    exact = [_WIDE.divide(_WIDE.multiply(size, share), whole) for share in shares]
    floor = [amount.quantize(step, rounding=ROUND_DOWN, context=_WIDE) for amount in exact]
    left = int((size - sum(floor, Decimal(0))) / step)
    by_remainder = sorted(range(len(floor)), key=lambda at: (floor[at] - exact[at], at))
    for at in by_remainder[:left]:
        floor[at] += step
    return [-amount for amount in floor] if total < 0 else floor


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency. Two currencies never mix."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(EXACT.add(self.amount, self._same(other)), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(EXACT.subtract(self.amount, self._same(other)), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def split(self, weights: Sequence[Decimal]) -> list["Money"]:
        """Shares whose sum is this amount; see `split`."""
        return [Money(share, self.currency) for share in split(self.amount, weights, self.currency)]

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add")
        return other.amount
