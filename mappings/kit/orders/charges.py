"""One charge, worked out: a unit price, a gross, a discount and a net that agree, and its taxes.

The unit price of a charge that tells only its gross: the exact one, where six places hold it (12.50
for 4 are 3.125 each); else the lowest in whole units of the currency that reaches the gross, what
it is more for all pieces being part of the discount (10.00 for 3 are 3.34 each, less 0.02).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from decimal import Context as Arithmetic

from hub.model.document import ZERO, built
from hub.model.errors import BadData
from hub.model.money import EXACT, add, times
from hub.model.order import TaxLine
from mappings.kit.money import SMALLEST, Till, bounded
from mappings.kit.orders.told import Charge

_tax_line = built(TaxLine)
_WIDE = Arithmetic(prec=60)
_less = EXACT.subtract


@dataclass(slots=True)
class Position:
    """What a charge comes to. `gross` is `price` for all pieces; `off` what the channel took off,
    which is `discount` without what a rounded price adds to it. `tax` None: not known yet.
    """

    charge: Charge
    price: Decimal
    gross: Decimal
    off: Decimal
    net: Decimal
    taxes: tuple[TaxLine, ...]
    tax: Decimal | None

    @property
    def discount(self) -> Decimal:
        return _less(self.gross, self.net)

    @property
    def is_discounted(self) -> bool:
        """Whether the channel told what was taken off, if only that it was nothing."""
        return self.charge.discount is not None or self.charge.net is not None

    def take_off(self, amount: Decimal) -> None:
        """Lower what it costs by its share of a discount."""
        self.off, self.net = add(self.off, amount), _less(self.net, amount)


def position(charge: Charge, till: Till) -> Position:
    """A charge, worked out. BadData where it tells no price."""
    if charge.quantity < 0 or charge.quantity % 1:
        message = "a whole number of pieces, not below 0, is expected"
        raise BadData(message, path=f"{charge.path}.quantity", code="bad_quantity")
    stated, price = _stated(charge)
    net = charge.net if charge.net is not None else _less(stated, charge.discount or ZERO)
    gross = stated
    if price is None:
        price = _price_of(stated, charge.quantity, till)
        gross = times(price, charge.quantity)
    taxes, tax = _taxes(charge, till)
    return Position(charge, price, gross, _less(stated, net), net, taxes, tax)


def _stated(charge: Charge) -> tuple[Decimal, Decimal | None]:
    """The gross as told, and the unit price, where that multiplies to it."""
    price, gross = charge.unit_price, charge.gross
    if gross is None and price is not None:
        return times(price, charge.quantity), price
    if gross is None:
        if charge.net is None:
            message = "a price is expected"
            raise BadData(message, path=f"{charge.path}.price", code="missing_field")
        return add(charge.net, charge.discount or ZERO), None
    fits = price is not None and times(price, charge.quantity) == gross
    return gross, price if fits else None


def _price_of(gross: Decimal, quantity: Decimal, till: Till) -> Decimal:
    """See the module's docstring. Pieces that are none have no price."""
    if not quantity:
        return till.nothing
    exact = _WIDE.divide(gross, quantity)
    if not exact % SMALLEST and times(exact, quantity) == gross:
        return till.tidy(exact)
    step = till.step or SMALLEST
    units = _WIDE.divide(exact, step).to_integral_value(ROUND_CEILING)
    return bounded(till.tidy(units * step), "unit_price")


# --- taxes


def _taxes(charge: Charge, till: Till) -> tuple[tuple[TaxLine, ...], Decimal | None]:
    named, tax = charge.taxes, charge.tax
    if not named:
        if tax is None:
            return (), None if named is None else till.nothing
        return ((_tax_line(amount=till.tidy(tax)),) if tax else ()), tax
    whole = named[0].amount if len(named) == 1 else add(*(one.amount for one in named))
    if tax is None or tax == whole:
        return tuple(named), whole
    return _summing_up(named, tax, whole, till), tax


def _summing_up(
    named: Sequence[TaxLine], tax: Decimal, whole: Decimal, till: Till
) -> tuple[TaxLine, ...]:
    """Taxes by name whose sum is the tax: in proportion, or the largest changed by what is
    missing, where they are of both signs.
    """
    amounts = [one.amount for one in named]
    if min(amounts) >= 0 and whole:
        amounts = till.share(tax, amounts)
    else:
        largest = max(range(len(amounts)), key=lambda at: abs(amounts[at]))
        amounts[largest] = add(amounts[largest], tax, -whole)
    return tuple(tax_share(one, till.tidy(part)) for one, part in zip(named, amounts, strict=True))


def tax_share(tax: TaxLine, amount: Decimal) -> TaxLine:
    """A tax line of the same name and rate with another amount."""
    return _tax_line(title=tax.title, rate=tax.rate, amount=amount)
