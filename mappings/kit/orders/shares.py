"""What is told on the order only, shared out over the charges that do not tell it, by what they
cost: largest remainder, so that no smallest unit is lost.
"""

from collections.abc import Sequence
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.money import add
from hub.model.order import TaxLine
from mappings.kit.money import Till
from mappings.kit.orders.charges import Position, tax_share
from mappings.kit.orders.told import ChannelOrder


def untold_tax(told: ChannelOrder, positions: Sequence[Position], stated: Decimal) -> Decimal:
    """What of the order's tax no charge accounts for, and some could. `stated`: what they do."""
    if all(one.tax is not None for one in positions):
        return ZERO
    whole = told.tax if told.tax is not None else add(*(one.amount for one in told.taxes))
    rest = add(whole, -stated)
    return rest if rest and whole and (rest > 0) == (whole > 0) else ZERO


def share_tax(
    positions: Sequence[Position], taxes: Sequence[TaxLine], tax: Decimal, till: Till
) -> None:
    """Give the charges that tell no tax their shares of this much: the taxable ones, or all where
    none is. `taxes`: the order's, by name.
    """
    untold = [one for one in positions if one.tax is None]
    if not untold:
        return
    taxed = [one for one in untold if one.charge.taxable] or untold
    if tax:
        weights = [max(one.net, ZERO) for one in taxed]
        for named in _named(taxes, tax):
            for one, part in zip(taxed, till.share(named.amount, weights), strict=True):
                one.taxes = (*one.taxes, tax_share(named, till.tidy(part)))
    for one in untold:
        one.tax = add(*(part.amount for part in one.taxes))


def _named(taxes: Sequence[TaxLine], tax: Decimal) -> Sequence[TaxLine]:
    return taxes if add(*(one.amount for one in taxes)) == tax else [TaxLine(amount=tax)]


def share_discount(
    told: ChannelOrder,
    goods: Sequence[Position],
    ways: Sequence[Position],
    till: Till,
    missing: Decimal | None,
) -> bool:
    """Take off what no charge accounts for: of it the shipping's from the shipping, the rest from
    the goods. Returns whether there was any.

    `missing`: by how much the parts exceed the order's total, None where none is told.
    """
    if told.discount is None or missing == 0:
        return False
    rest = add(told.discount, *(-one.off for one in (*goods, *ways)))
    if rest <= 0 or (missing is not None and abs(missing - rest) >= abs(missing)):
        return False
    untold_ways = [one for one in ways if not one.is_discounted]
    off_shipping = ZERO
    if told.shipping_discount:
        most = add(*(one.net for one in untold_ways))
        off_shipping = max(min(told.shipping_discount, rest, most), ZERO)
    _take_off(untold_ways, off_shipping, till)
    _take_off([one for one in goods if not one.is_discounted], add(rest, -off_shipping), till)
    return True


def _take_off(positions: Sequence[Position], amount: Decimal, till: Till) -> None:
    weights = [max(one.net, ZERO) for one in positions]
    if amount <= 0 or not any(weights):
        return
    for one, part in zip(positions, till.share(amount, weights), strict=True):
        one.take_off(part)
