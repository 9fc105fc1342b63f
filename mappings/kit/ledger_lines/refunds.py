"""What a refund comes to in any books.

The refund's `amount` is the money that went back, its lines say what for. Where no money moved but
articles were taken out (an edit before payment, an exchange) their value is credited. Taxes are
those of the original sale's lines, which only the books know: they come in as `Sold`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypedDict

from hub.model.money import round_to, unit
from hub.model.order import Refund
from mappings.kit.context import Context
from mappings.kit.ledger_lines.sales import order_reference
from mappings.kit.ledger_lines.taxed import Rates, Taxed


class Back(TypedDict):
    """Articles that money was given back for. Whether `amount` holds `tax` is the channel's way."""

    sku: str | None
    quantity: Decimal
    amount: Decimal
    tax: Decimal
    restock: bool
    description: str


class Credit(TypedDict):
    """The head of a credit and what it is for; amounts are positive."""

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


def _refund_reference(order: str, refund_id: str) -> str:
    """How a credit is found again in the books."""
    return f"{order}/refund/{refund_id}"


def credit(refund: Refund, _: Context) -> Credit:
    """The refund with its references."""
    order = order_reference(refund.source.connection, refund.channel_order_id)
    return Credit(
        reference=_refund_reference(order, refund.refund_id),
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
    return told["money"] or sum((at.gross for at in articles(told, sold)), told["shipping"])


def articles(told: Credit, sold: Sequence[Sold]) -> list[Taxed]:
    """The items' net amounts with their taxes."""
    return [
        _article(item, _rates_of(item["sku"], sold), told["currency"]) for item in told["items"]
    ]


def restocked(told: Credit, sold: Sequence[Sold]) -> list[bool]:
    """Whether each item comes back as goods: its pieces had left, and go on sale again. All else
    is money alone.
    """
    shipped = {part.sku: Decimal(0) for part in sold}
    for part in sold:
        shipped[part.sku] += part.shipped
    answers = []
    for item in told["items"]:
        left = shipped.get(item["sku"], Decimal(0))
        comes_back = item["restock"] and 0 < item["quantity"] <= left
        if comes_back:
            shipped[item["sku"]] = left - item["quantity"]
        answers.append(comes_back)
    return answers


def unexplained(credit: Credit, given: Sequence[Taxed], sold: Sequence[Sold]) -> Taxed:
    """Money that no item explains, given back for shipping or as goodwill; negative where less went
    back than the items are worth. Its tax is what the refund states beyond its items' taxes.
    """
    gross = credit_total(credit, sold) - sum((at.gross for at in given), Decimal(0))
    tax = credit["tax"] - sum((item["tax"] for item in credit["items"]), Decimal(0))
    if not (0 < tax < gross or gross < tax < 0):
        return Taxed(gross, ())
    return _taxed(gross - tax, tax, _rates_of(None, sold), credit["currency"])


def unexplained_name(credit: Credit) -> str:
    """What it is called."""
    return "Shipping, credited" if credit["shipping"] else "Credit"


def _article(item: Back, choices: Sequence[Rates], currency: str) -> Taxed:
    """Net is the amount, or the amount less its tax where only that fits a rate of the sale."""
    amount, tax = item["amount"], item["tax"]
    if not tax:
        return Taxed(amount, ())
    fits = (net for net in (amount, amount - tax) if _fitting(net, tax, choices, currency))
    return _taxed(next(fits, amount), tax, choices, currency)


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
