"""What an invoice must say beside its sums, or it is none: EN 16931-1, business rules.

Source: CEN EN 16931 1.3.14.1, the rules that are named in each sentence.
"""

from collections.abc import Iterator

from hub.model.errors import Problem
from hub.model.invoice import Invoice

_LACKS = "missing_field"
_NUMBERED = frozenset({"S", "Z", "E", "AE", "K", "G"})
"""Categories of tax that only who has a number for it may name."""


def lacking(invoice: Invoice) -> Iterator[Problem]:
    """Each thing that is missing, by the field that says it."""
    seller, buyer = invoice.seller, invoice.buyer
    if not seller.tax_id and not seller.legal_id:
        message = "a VAT number, a tax number or a number of the register is expected (BR-CO-26)"
        yield Problem("seller.tax_id", _LACKS, message)
    elif not seller.tax_id and (used := _NUMBERED & {it.tax.category for it in invoice.taxes}):
        code = min(used)
        message = f"a number of tax is expected for tax of category {code} (BR-{code}-02)"
        yield Problem("seller.tax_id", _LACKS, message)
    if not seller.address.country:
        yield Problem("seller.address.country", _LACKS, "a country is expected (BR-09)")
    if not buyer.address.country:
        yield Problem("bill_to.country", _LACKS, "a country of the buyer is expected (BR-11)")
