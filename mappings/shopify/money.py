"""Shopify's amounts in the currency of the order: read, tidied, shared out without loss."""

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any

from pydantic_core import PydanticCustomError

from hub.model.document import ZERO, read_decimal
from hub.model.errors import BadData
from hub.model.money import EXPONENT, add, fits, split, unit

_SHORTER = Context(prec=38, traps=[Inexact, InvalidOperation])
"""Cuts zeros off (1200.0 JPY is 1200), never more."""

NO_CURRENCY = "XXX"
"""ISO 4217 for "no currency": stands where the partner named none, or several. The hub holds
such an order.
"""


class Till:
    """Reads amounts of one currency."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self._step = unit(currency) if currency in EXPONENT else None
        self.nothing = ZERO if self._step is None else ZERO.quantize(self._step)

    def of(self, plain: Decimal | None, bag: Any = None) -> Decimal:
        """The plain amount, else the shop's side of its `*_set`, else nothing."""
        return self.or_none(plain, bag) or self.nothing

    def or_none(self, plain: Decimal | None, bag: Any = None) -> Decimal | None:
        """Like `of`, but None where the partner sent neither."""
        found = plain if plain is not None else side(bag, "shop_money")
        return None if found is None else self.tidy(found)

    def tidy(self, amount: Decimal) -> Decimal:
        """With the currency's own places (13.5 EUR is 13.50), where that loses nothing."""
        step = self._step
        if not amount and step is not None:
            return self.nothing
        if step is None or amount.same_quantum(step) or amount % step:
            return amount
        return amount.quantize(step, context=_SHORTER) + 0

    def total(self, amounts: Iterable[Decimal]) -> Decimal:
        """The exact sum."""
        return self.tidy(add(*amounts))

    def share(self, total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
        """Shares by weight whose sum is `total`; all of it on the heaviest where it cannot be
        cut in whole units.
        """
        if self._step is not None and fits(total, self.currency) and min(weights) >= 0:
            return split(total, weights, self.currency)
        heaviest = max(range(len(weights)), key=lambda at: weights[at])
        return [total if at == heaviest else ZERO for at in range(len(weights))]


def side(bag: Any, name: str) -> Decimal | None:
    """One side of a `*_set`: `shop_money` or `presentment_money`."""
    money = bag.get(name) if isinstance(bag, dict) else None
    amount = money.get("amount") if isinstance(money, dict) else None
    if amount is None or amount == "":
        return None
    try:
        return read_decimal(amount)
    except PydanticCustomError as error:
        raise BadData(error.message(), path=f"{name}.amount", code=error.type) from None


def code_of(bag: Any, name: str = "shop_money") -> str | None:
    """The currency code of one side of a `*_set`."""
    money = bag.get(name) if isinstance(bag, dict) else None
    code = money.get("currency_code") or money.get("currency") if isinstance(money, dict) else None
    return code if isinstance(code, str) else None


def one_currency(codes: Iterable[str | None]) -> tuple[str, list[str]]:
    """The currency that all codes name, else `XXX`, and what was named."""
    named = sorted({code.strip().upper() for code in codes if code and code.strip()})
    known = len(named) == 1 and len(named[0]) == 3 and named[0].isascii() and named[0].isalpha()
    return (named[0] if known else NO_CURRENCY), named
