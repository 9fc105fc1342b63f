"""A refund as lines of a negative sale (Tryton), or, their signs turned, of a credit note."""

from collections.abc import Sequence
from decimal import Decimal

from mappings.kit.bills.amounts import PRICE_STEP, Correction, corrections, price_pairs
from mappings.kit.bills.sale import Line, correction_lines, service_line
from mappings.kit.ledger_lines import (
    Back,
    Credit,
    Sold,
    Taxed,
    articles,
    restocked,
    unexplained,
    unexplained_name,
)


def credit_lines(credit: Credit, sold: Sequence[Sold], step: Decimal = PRICE_STEP) -> list[Line]:
    """Negative lines that come to the refund's total."""
    given, goods = articles(credit, sold), restocked(credit, sold)
    lines: list[Line] = []
    for item, at, comes_back in zip(credit["items"], given, goods, strict=True):
        if comes_back:
            lines += _goods_lines(item, at, credit["currency"], step)
        elif at.net or at.rates:
            text = f"{item['description']}, credited"
            lines.append(service_line("adjustment", text, -at.net, at.rates))
    rest = unexplained(credit, given, sold)
    if rest.net or rest.taxes:
        lines.append(service_line("adjustment", unexplained_name(credit), -rest.net, rest.rates))
    for fix in corrections([*given, rest], credit["currency"]):
        lines += correction_lines(Correction(fix.rate, -fix.base))
    return lines


def _goods_lines(item: Back, at: Taxed, currency: str, step: Decimal) -> list[Line]:
    return [
        Line(
            role="goods",
            sku=item["sku"],
            ships=True,
            description=f"{item['description']}, returned",
            quantity=-number,
            unit_price=price,
            rates=at.rates,
            path="lines",
        )
        for number, price in price_pairs(item["quantity"], at.net, currency, step)
    ]
