"""Net amounts with the taxes that a channel states for them, by rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.model.errors import BadData
from hub.model.order import TaxLine

_GUESS_STEP = Decimal("0.0001")
Rates = tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Taxed:
    """A net amount with the taxes that the channel states for it: (rate, amount) each."""

    net: Decimal
    taxes: tuple[tuple[Decimal, Decimal], ...]

    @property
    def rates(self) -> Rates:
        return tuple(rate for rate, _ in self.taxes)

    @property
    def tax(self) -> Decimal:
        return sum((amount for _, amount in self.taxes), Decimal(0))

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


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
        if abs(net * sum(rates) - tax) <= _GUESS_STEP * 100:
            first, *others = rates
            rest = [(rate, (net * rate).quantize(_GUESS_STEP)) for rate in others]
            return ((first, tax - sum((amount for _, amount in rest), Decimal(0))), *rest)
    if not net:
        raise BadData("a tax without an amount that it is a part of", path=path, code="bad_tax")
    return (((tax / net).quantize(_GUESS_STEP), tax),)
