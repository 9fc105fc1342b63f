"""Who draws the invoices of tests: a Dutch merchant whose sales at home are zero rated, as the
kit's orders are.
"""

from typing import Any

from hub.model.document import Address
from hub.model.invoice import Party
from hub.model.invoice.seller import Seller, Untaxed, UntaxedSales

ZERO_RATED = UntaxedSales(home=Untaxed(category="Z"))
PARTY = Party(name="Acme", address=Address(country="NL"), tax_id="NL001234567B01")


def seller(**changes: Any) -> Seller:
    """That merchant, with what a test wants otherwise."""
    return Seller(**{"party": PARTY, "untaxed": ZERO_RATED, **changes})
