"""A refund as a negative sale, from which Tryton makes the credit note and the return.

Source: trytond 8.2 `sale.sale` with negative quantities, as its wizard `sale.return_sale` makes.

The refund's `amount` is the money that went back; its lines say what for. Taxes are those of the
original sale's lines, which only Tryton knows: they come in as `Sold`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypedDict

from hub.model.money import round_to, unit
from hub.model.order import Refund, RefundLine
from mappings.kit import Context
from mappings.tryton.amounts import Correction, Rates, Taxed, corrections, price_pairs
from mappings.tryton.sale import Line, correction_lines, order_reference, service_line


class Back(TypedDict):
    """One thing that money was given back for; `net` and `tax` are positive."""

    sku: str | None
    quantity: Decimal
    net: Decimal
    tax: Decimal
    restock: bool
    description: str


class Credit(TypedDict):
    """The head of a negative sale and what it is for."""

    reference: str
    order: str
    sale_date: date
    currency: str
    reason: str
    total: Decimal
    tax: Decimal
    shipping: Decimal
    items: list[Back]


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of the original sale: its article, the rates of its taxes, pieces that left."""

    sku: str | None
    rates: Rates
    shipped: Decimal


def refund_reference(order: str, refund_id: str) -> str:
    """How a credit note's sale is found again."""
    return f"{order}/refund/{refund_id}"


def credit(refund: Refund, _: Context) -> Credit:
    """The refund with its references and its lines' net amounts."""
    order = order_reference(refund.source.connection, refund.channel_order_id)
    includes = _lines_include_tax(refund)
    return Credit(
        reference=refund_reference(order, refund.refund_id),
        order=order,
        sale_date=refund.created_at.date(),
        currency=refund.currency,
        reason=refund.reason or "",
        total=-refund.amount,
        tax=refund.tax,
        shipping=refund.shipping_amount,
        items=[_back(line, includes=includes) for line in refund.lines],
    )


def _lines_include_tax(refund: Refund) -> bool:
    """Whether the lines' amounts hold their tax: what adds up to the money says so."""
    lines = sum((line.amount for line in refund.lines), Decimal(0))
    taxes = sum((line.tax for line in refund.lines), Decimal(0))
    rest = refund.amount - refund.shipping_amount
    return abs(rest - lines) <= abs(rest - lines - taxes)


def _back(line: RefundLine, *, includes: bool) -> Back:
    return Back(
        sku=line.sku,
        quantity=line.quantity,
        net=line.amount - line.tax if includes else line.amount,
        tax=line.tax,
        restock=line.restock,
        description=line.sku or "Article",
    )


def credit_lines(told: Credit, sold: Sequence[Sold]) -> list[Line]:
    """Negative lines that come to the refund's total.

    Restocked pieces that had left come back as goods; all else is money alone. What the lines do
    not explain is given back for shipping or as goodwill, taxed as the refund says.
    """
    lines: list[Line] = []
    taxed: list[Taxed] = []
    shipped = {part.sku: Decimal(0) for part in sold}
    for part in sold:
        shipped[part.sku] += part.shipped
    for item in told["items"]:
        at = _taxed(item["net"], item["tax"], _rates_of(item["sku"], sold), told["currency"])
        taxed.append(at)
        goods = item["restock"] and 0 < item["quantity"] <= shipped.get(item["sku"], Decimal(0))
        if goods:
            shipped[item["sku"]] -= item["quantity"]
            lines += _goods_lines(item, at.rates, told["currency"])
        elif item["net"] or at.rates:
            text = f"{item['description']}, credited"
            lines.append(service_line("adjustment", text, -item["net"], at.rates))
    rest = _rest(told, sold)
    if rest.net or rest.taxes:
        text = "Shipping, credited" if told["shipping"] else "Credit"
        lines.append(service_line("adjustment", text, -rest.net, rest.rates))
        taxed.append(rest)
    for fix in corrections(taxed, told["currency"]):
        lines += correction_lines(Correction(fix.rate, -fix.base))
    return lines


def _goods_lines(item: Back, rates: Rates, currency: str) -> list[Line]:
    return [
        Line(
            role="goods",
            sku=item["sku"],
            ships=True,
            description=f"{item['description']}, returned",
            quantity=-number,
            unit_price=price,
            rates=rates,
            path="lines",
        )
        for number, price in price_pairs(item["quantity"], item["net"], currency)
    ]


def _rates_of(sku: str | None, sold: Sequence[Sold]) -> list[Rates]:
    """Combinations of rates to try: those of the article first, then the order's others."""
    own = [part.rates for part in sold if part.sku == sku and part.rates]
    return list(dict.fromkeys([*own, *(part.rates for part in sold if part.rates)]))


def _taxed(net: Decimal, tax: Decimal, choices: Sequence[Rates], currency: str) -> Taxed:
    """The net amount with the first combination that yields its tax, else with the first at all."""
    if not tax or not choices:
        return Taxed(net + (tax if not choices else 0), ())
    near = unit(currency)
    fits = (rates for rates in choices if abs(net * sum(rates) - tax) <= near)
    rates = next(fits, choices[0])
    whole = sum(rates)
    shares = [round_to(tax * rate / whole, currency) for rate in rates[1:]]
    first = tax - sum(shares, Decimal(0))
    return Taxed(net, tuple(zip(rates, (first, *shares), strict=True)))


def _rest(told: Credit, sold: Sequence[Sold]) -> Taxed:
    """Money that no line explains. Its tax is what the refund states beyond its lines' taxes."""
    lines = sum((item["net"] + item["tax"] for item in told["items"]), Decimal(0))
    gross = -told["total"] - lines
    tax = told["tax"] - sum((item["tax"] for item in told["items"]), Decimal(0))
    if not 0 < tax < gross:
        return Taxed(gross, ())
    return _taxed(gross - tax, tax, _rates_of(None, sold), told["currency"])
