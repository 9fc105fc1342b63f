"""Sales and credits as ERPs book them line by line, with prices and taxes that come to the cent."""

from mappings.kit.bills.amounts import corrections, price_pairs
from mappings.kit.bills.credit import credit_lines
from mappings.kit.bills.sale import Line, Sale, rounding_lines, sale

__all__ = [
    "Line",
    "Sale",
    "corrections",
    "credit_lines",
    "price_pairs",
    "rounding_lines",
    "sale",
]
