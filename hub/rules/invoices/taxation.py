"""Which tax an amount of an invoice is of: as its rates say, or what the seller's sales without tax
are.

Source: directive 2006/112/EC, 138 (K) and 146 (G); EN 16931-1, BG-23 for the categories.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.errors import BadData
from hub.model.invoice import UNION, Party, Tax, tax_of
from hub.model.invoice.seller import REASONS, Seller, Untaxed
from hub.model.money import EXPONENT, add, times
from hub.model.order import SalesOrder, TaxLine

_TENTH = Decimal("0.1")
_BY_PLACE = {"union": Untaxed(category="K"), "abroad": Untaxed(category="G")}
_COUNTS_AS = {"MC": "FR", "IM": "GB"}
"""Places that are another country's for VAT (directive 2006/112/EC, 7)."""


class Taxation:
    """How the amounts of an order are taxed. Raises BadData where nobody said so, and for a
    currency that ISO 4217 does not have."""

    def __init__(self, order: SalesOrder, seller: Seller, buyer: Party) -> None:
        if order.currency not in EXPONENT:
            raise BadData("a currency of ISO 4217 is expected", path="currency")
        self._currency = order.currency
        self._every = seller.untaxed.every
        said = self._every or _by_place(order, seller, buyer)
        self._untaxed = _tax(said) if said else None
        self._usual = next(_rated(order), None)

    def of(self, net: Decimal, tax: Decimal, rates: Sequence[TaxLine]) -> Tax:
        """The tax of an amount. What is too little to bear a cent is of the rate that its own
        rates say, or else the order's others.
        """
        rate = _rate(net, tax, rates) if tax and net else None
        if rate is None and not tax:
            rate_told = told_rate(rates)
            like = self._usual if rate_told is None else _standard(rate_told)
            if like is not None and not tax_of(net, like, self._currency):
                rate = like
        if rate is not None and self._every is None:
            return rate
        if rate is not None and tax:
            message = f"no tax is expected from this seller (untaxed.every), {tax} is on it"
            raise BadData(message, path="lines.tax", code="totals_mismatch")
        if self._untaxed is None:
            message = "what sales at home without tax are is expected: Z, E, AE or O"
            raise BadData(message, path="seller.untaxed.home", code="missing_field")
        return self._untaxed


def told_rate(rates: Sequence[TaxLine]) -> Decimal | None:
    """All of them together, as a fraction; None where they do not say it."""
    given = [it.rate for it in rates if it.rate is not None]
    return add(*given) if given and len(given) == len(rates) else None


def _rated(order: SalesOrder) -> Iterator[Tax]:
    for line in order.lines:
        net = add(line.total, -line.tax)
        if net and line.tax and (found := _rate(net, line.tax, line.tax_lines)):
            yield found


def _rate(net: Decimal, tax: Decimal, rates: Sequence[TaxLine]) -> Tax | None:
    """As the rates say, else as the two come to; None for a rate that nobody has, of a cent on
    thousands.
    """
    told = told_rate(rates)
    if told is not None:
        return _standard(told)
    return _standard((tax / net).quantize(_TENTH / 100))


def _standard(rate: Decimal) -> Tax | None:
    percent = times(rate, Decimal(100)).normalize()
    return Tax(category="S", percent=Decimal(f"{percent:f}")) if percent > 0 else None


def _by_place(order: SalesOrder, seller: Seller, buyer: Party) -> Untaxed | None:
    goes_to = order.ship_to or order.bill_to
    here = _area(seller.party.address.country, seller.party)
    there = _area(goes_to.country if goes_to else None, buyer)
    if there is None or there == here:
        return seller.untaxed.home
    place = "union" if here in UNION and there in UNION else "abroad"
    said: Untaxed | None = getattr(seller.untaxed, place)
    return said or _BY_PLACE[place]


def _area(country: str | None, party: Party) -> str | None:
    """Whose VAT it is; of Northern Ireland (XI) where the number of tax says so."""
    if country == "GB" and (party.vat_number or "").startswith("XI"):
        return "XI"
    return _COUNTS_AS.get(country, country) if country else None


def _tax(said: Untaxed) -> Tax:
    reason = said.reason or REASONS.get(said.category)
    return Tax(
        category=said.category, percent=None if said.category == "O" else ZERO, reason=reason
    )
