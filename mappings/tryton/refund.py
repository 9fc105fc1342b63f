"""A refund as a negative sale, from which Tryton makes the credit note and the return.

Source: trytond 8.2 `sale.sale` with negative quantities, as its wizard `sale.return_sale` makes.

The refund's `amount` is the money that went back, its lines say what for. Where no money moved but
articles were taken out (an edit before payment, an exchange) their value is credited. Taxes are
those of the original sale's lines, which only Tryton knows: they come in as `Sold`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypedDict

from hub.model.money import round_to, unit
from hub.model.order import Refund
from mappings.kit import Context
from mappings.tryton.amounts import Correction, Rates, Taxed, corrections, price_pairs
from mappings.tryton.sale import Line, correction_lines, order_reference, service_line


class Back(TypedDict):
    """Articles that money was given back for. Whether `amount` holds `tax` is the channel's way."""

    sku: str | None
    quantity: Decimal
    amount: Decimal
    tax: Decimal
    restock: bool
    description: str


class Credit(TypedDict):
    """The head of a negative sale and what it is for; amounts are positive."""

    reference: str
    order: str
    sale_date: date
    currency: str
    reason: str
    money: Decimal
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
    """The refund with its references."""
    order = order_reference(refund.source.connection, refund.channel_order_id)
    return Credit(
        reference=refund_reference(order, refund.refund_id),
        order=order,
        sale_date=refund.created_at.date(),
        currency=refund.currency,
        reason=refund.reason or "",
        money=refund.amount,
        tax=refund.tax,
        shipping=refund.shipping_amount,
        items=[
            Back(
                sku=line.sku,
                quantity=line.quantity,
                amount=line.amount,
                tax=line.tax,
                restock=line.restock,
                description=line.sku or "Article",
            )
            for line in refund.lines
        ],
    )


def is_anything(told: Credit) -> bool:
    """Whether there is something to credit."""
    return bool(told["money"] or told["shipping"] or any(item["amount"] for item in told["items"]))


def credit_total(told: Credit, sold: Sequence[Sold]) -> Decimal:
    """The money that went back; where none did, the value of what was taken out."""
    return told["money"] or sum((at.gross for at in _articles(told, sold)), told["shipping"])


def credit_lines(told: Credit, sold: Sequence[Sold]) -> list[Line]:
    """Negative lines that come to the refund's total.

    Restocked pieces that had left come back as goods; all else is money alone. What the lines do
    not explain is given back for shipping or as goodwill, taxed as the refund says.
    """
    articles = _articles(told, sold)
    shipped = {part.sku: Decimal(0) for part in sold}
    for part in sold:
        shipped[part.sku] += part.shipped
    lines: list[Line] = []
    for item, at in zip(told["items"], articles, strict=True):
        left = shipped.get(item["sku"], Decimal(0))
        if item["restock"] and 0 < item["quantity"] <= left:
            shipped[item["sku"]] = left - item["quantity"]
            lines += _goods_lines(item, at, told["currency"])
        elif at.net or at.rates:
            text = f"{item['description']}, credited"
            lines.append(service_line("adjustment", text, -at.net, at.rates))
    rest = _rest(told, articles, sold)
    if rest.net or rest.taxes:
        text = "Shipping, credited" if told["shipping"] else "Credit"
        lines.append(service_line("adjustment", text, -rest.net, rest.rates))
    for fix in corrections([*articles, rest], told["currency"]):
        lines += correction_lines(Correction(fix.rate, -fix.base))
    return lines


def _articles(told: Credit, sold: Sequence[Sold]) -> list[Taxed]:
    """The items' net amounts with their taxes."""
    return [
        _article(item, _rates_of(item["sku"], sold), told["currency"]) for item in told["items"]
    ]


def _article(item: Back, choices: Sequence[Rates], currency: str) -> Taxed:
    """Net is the amount, or the amount less its tax where only that fits a rate of the sale."""
    amount, tax = item["amount"], item["tax"]
    if not tax:
        return Taxed(amount, ())
    fits = (net for net in (amount, amount - tax) if _fitting(net, tax, choices, currency))
    return _taxed(next(fits, amount), tax, choices, currency)


def _goods_lines(item: Back, at: Taxed, currency: str) -> list[Line]:
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
        for number, price in price_pairs(item["quantity"], at.net, currency)
    ]


def _rates_of(sku: str | None, sold: Sequence[Sold]) -> list[Rates]:
    """Combinations of rates to try: those of the article first, then the order's others."""
    own = [part.rates for part in sold if part.sku == sku and part.rates]
    return list(dict.fromkeys([*own, *(part.rates for part in sold if part.rates)]))


def _taxed(net: Decimal, tax: Decimal, choices: Sequence[Rates], currency: str) -> Taxed:
    """The net amount with the first combination that yields its tax, else with the first at all.

    A tax on an order that was sold without any is credited as money.
    """
    if not choices:
        return Taxed(net + tax, ())
    rates = _fitting(net, tax, choices, currency) or choices[0]
    whole = sum(rates)
    shares = [round_to(tax * rate / whole, currency) for rate in rates[1:]]
    first = tax - sum(shares, Decimal(0))
    return Taxed(net, tuple(zip(rates, (first, *shares), strict=True)))


def _fitting(net: Decimal, tax: Decimal, choices: Sequence[Rates], currency: str) -> Rates:
    """The first combination of rates that makes this tax of this amount; () where none does."""
    near = unit(currency)
    return next((rates for rates in choices if abs(net * sum(rates) - tax) <= near), ())


def _rest(told: Credit, articles: Sequence[Taxed], sold: Sequence[Sold]) -> Taxed:
    """Money that no item explains. Its tax is what the refund states beyond its items' taxes."""
    gross = credit_total(told, sold) - sum((at.gross for at in articles), Decimal(0))
    tax = told["tax"] - sum((item["tax"] for item in told["items"]), Decimal(0))
    if not 0 < tax < gross:
        return Taxed(gross, ())
    return _taxed(gross - tax, tax, _rates_of(None, sold), told["currency"])
