"""What an invoice must say beside its sums, or it is none: EN 16931-1, business rules.

Source: CEN EN 16931 1.3.14.1, the rules that are named in each sentence.
"""

from collections.abc import Callable, Iterator

from hub.model.errors import Problem
from hub.model.invoice import Invoice

_LACKS = "missing_field"
_Holds = Callable[[Invoice], object]

_Wants = tuple[str, _Holds, Problem]

# fmt: off
_ALWAYS: tuple[tuple[_Holds, Problem], ...] = (
    (lambda it: it.seller.tax_id or it.seller.legal_id, Problem("seller.tax_id", _LACKS,
     "a VAT number, a tax number or a number of the register is expected (BR-CO-26)")),
    (lambda it: it.seller.address.country, Problem("seller.address.country", _LACKS,
     "a country is expected (BR-09)")),
    (lambda it: it.buyer.address.country, Problem("bill_to.country", _LACKS,
     "a country of the buyer is expected (BR-11)")),
)
_NUMBER = Problem("seller.tax_id", _LACKS,
    "a number of tax is expected for tax of category {code} (BR-{rule}-02)")
_VAT_NUMBER = Problem("seller.tax_id", _LACKS,
    "a VAT number is expected for tax of category {code} (BR-{rule}-02)")
_OF_CATEGORY: tuple[_Wants, ...] = (
    ("S", lambda it: it.seller.tax_id, _NUMBER),
    ("Z", lambda it: it.seller.tax_id, _NUMBER),
    ("E", lambda it: it.seller.tax_id, _NUMBER),
    ("AE", lambda it: it.seller.tax_id, _NUMBER),
    ("K", lambda it: it.seller.vat_number, _VAT_NUMBER),
    ("G", lambda it: it.seller.vat_number, _VAT_NUMBER),
    ("O", lambda it: not it.seller.vat_number, Problem("seller.tax_id", _LACKS,
     "no VAT number is expected of who is not subject to tax (BR-O-02)")),
    ("O", lambda it: len(it.taxes) == 1, Problem("seller.untaxed", _LACKS,
     "all of it is expected to be not subject to tax, or nothing (BR-O-11)")),
    ("AE", lambda it: it.buyer.vat_number or it.buyer.legal_id, Problem("customer.tax_id", _LACKS,
     "a VAT number of the buyer is expected where he owes the tax (BR-AE-02)")),
    ("K", lambda it: it.buyer.vat_number, Problem("customer.tax_id", _LACKS,
     "a VAT number of the buyer is expected for an intra-community supply (BR-IC-02)")),
    ("K", lambda it: it.delivered_on, Problem("delivered_on", _LACKS,
     "the day is expected on which the goods left: draw it afterwards (BR-IC-11)")),
    ("K", lambda it: it.delivered_to, Problem("ship_to.country", _LACKS,
     "a country to which the goods went is expected (BR-IC-12)")),
)
# fmt: on
"""Category of tax, what it wants, and what is said where it lacks."""
_RULES = {"K": "IC"}
"""How the rules call a category, where not by its code."""


def lacking(invoice: Invoice) -> Iterator[Problem]:
    """Each thing that is missing, by the field that says it."""
    yield from (problem for holds, problem in _ALWAYS if not holds(invoice))
    if not invoice.seller.tax_id and not invoice.seller.legal_id:
        return  # the seller has no number at all: said once
    used = {it.tax.category for it in invoice.taxes}
    for code, holds, problem in _OF_CATEGORY:
        if code in used and not holds(invoice):
            said = problem.message.format(code=code, rule=_RULES.get(code, code))
            yield Problem(problem.path, problem.code, said)
