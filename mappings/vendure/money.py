"""Money as Vendure tells it: each amount twice, without tax and with it; both are exact sums."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hub.model.money import EXACT, times
from mappings.kit.money import SMALLEST, Till, one_currency, till
from mappings.kit.orders import Charge
from mappings.vendure import wire
from mappings.vendure.envelope import Shop


@dataclass(frozen=True, slots=True)
class Pair:
    """An amount without tax and with it; None where it is not told."""

    bare: Decimal | None = None
    taxed: Decimal | None = None

    def __bool__(self) -> bool:
        return self.bare is not None or self.taxed is not None

    @property
    def tax(self) -> Decimal | None:
        """What lies between."""
        if self.bare is None or self.taxed is None:
            return None
        return EXACT.subtract(self.taxed, self.bare)


NOTHING = Pair()


@dataclass(frozen=True, slots=True)
class Money:
    """Reads the amounts of one order, in its currency and tax mode."""

    shop: Shop
    till: Till
    taxed: bool

    def cash(self, told: Decimal | None) -> Decimal | None:
        """An amount that is told once."""
        return self.shop.cash(told, self.till)

    def pair(self, part: wire.Wire, *names: str) -> Pair:
        """The first of these amounts that is told. Where its tax is not, the next that comes to as
        much may tell it.
        """
        pairs = (
            Pair(*(self.cash(getattr(part, it, None)) for it in (name, f"{name}_with_tax")))
            for name in names
        )
        told = [pair for pair in pairs if self.amount(pair) is not None]
        if not told:
            return NOTHING
        whole = (
            it for it in told if it.tax is not None and self.amount(it) == self.amount(told[0])
        )
        return next(whole, told[0])

    def amount(self, pair: Pair) -> Decimal | None:
        """The one of the order's tax mode."""
        return pair.taxed if self.taxed else pair.bare

    def times(self, pair: Pair, factor: Decimal) -> Pair:
        """Both so many times, in whole units."""
        return Pair(self._times(pair.bare, factor), self._times(pair.taxed, factor))

    def _times(self, amount: Decimal | None, factor: Decimal) -> Decimal | None:
        if amount is None:
            return None
        step = self.till.step or SMALLEST
        return self.till.tidy(times(amount, factor).quantize(step, ROUND_HALF_UP))

    def charge(self, path: str, net: Pair, gross: Pair = NOTHING, **more: Any) -> Charge:
        """What something costs, before and after what was taken off."""
        return Charge(
            path=path, gross=self.amount(gross), net=self.amount(net), tax=net.tax, **more
        )


def money_of(order: wire.Order, shop: Shop) -> Money:
    """In the mode in which the channel's prices are kept; with tax where nobody told."""
    currency, _ = one_currency([order.currency_code])
    taxed = all(line.line_price_with_tax or line.unit_price_with_tax for line in order.lines)
    bare = all(line.line_price or line.unit_price for line in order.lines)
    if shop.taxed is not None and taxed and bare:
        taxed = shop.taxed
    return Money(shop, till(currency), taxed=taxed or not bare)
