"""Invoices drawn from orders.

Prices stand without tax: a line's price is what all its pieces cost after discounts, for as many
pieces as the line has, so that nothing is rounded on the way.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.invoice import AllowanceCharge, Invoice, InvoiceLine, PaymentMeans, Tax
from hub.model.invoice.seller import Seller
from hub.model.money import add, split
from hub.model.order import OrderLine, SalesOrder, TaxLine
from hub.rules.invoices.assembling import Head, buyer_of, whole
from hub.rules.invoices.taxation import Taxation

_SEPA, _PAID_ONLINE = "58", "68"
"""Means of payment (UNCL 4461): a transfer, an online payment service."""


def invoice(
    order: SalesOrder, number: str, issued_on: date, seller: Seller, delivered_on: date | None
) -> Invoice:
    """The invoice of an order, without the pieces that will not come; what is not paid yet is
    payable at once. BadData where its amounts do not make one, or a fact lacks.
    """
    taxation = Taxation(order, seller, buyer_of(order))
    lines, totals = [], list[Decimal]()
    for line in order.lines:
        kept = line.quantity - line.cancelled_quantity
        if kept:
            net, tax = _share(line, kept, order.currency)
            lines.append(_line(line, kept, net, taxation.of(net, tax, line.tax_lines)))
            totals.append(add(net, tax))
    charges = []
    for reason, total, tax, rates in _charges(order):
        net = add(total, -tax)
        charges.append(_charge(reason, net, taxation.of(net, tax, rates)))
        totals.append(total)
    head = Head("invoice", number, issued_on, delivered_on)
    drawn = whole(order, head, seller, lines, charges, add(*totals))
    return _less_paid(drawn, order.totals.paid, seller.party.account)


def _less_paid(drawn: Invoice, paid: Decimal, account: str | None) -> Invoice:
    """With what was paid before, as far as it is for this: more is no part of the invoice; and how
    the rest is paid.
    """
    prepaid = max(min(paid, drawn.totals.payable), ZERO)
    payable = add(drawn.totals.payable, -prepaid)
    sums = {"prepaid": prepaid, "payable": payable}
    payment = PaymentMeans(code=_PAID_ONLINE) if prepaid and not payable else None
    if payable > 0 and account:
        payment = PaymentMeans(code=_SEPA, account=account)
    totals = drawn.totals.model_copy(update=sums)
    return drawn.model_copy(update={"totals": totals, "payment": payment})


def _share(line: OrderLine, kept: Decimal, currency: str) -> tuple[Decimal, Decimal]:
    """What so many pieces of a line come to without tax, and their tax."""
    net, tax = add(line.total, -line.tax), line.tax
    if line.quantity == kept:
        return net, tax
    weights = [kept, line.quantity - kept]
    return split(net, weights, currency)[0], split(tax, weights, currency)[0]


def _line(line: OrderLine, kept: Decimal, net: Decimal, tax: Tax) -> InvoiceLine:
    return InvoiceLine(
        line_no=str(line.line_no),
        name=line.title or line.sku or f"{line.line_no}",
        sku=line.sku,
        quantity=kept if net >= 0 else -kept,  # what is taken off has fewer pieces, no lower price
        price=abs(net),
        base=kept,
        net=net,
        tax=tax,
    )


def _charges(order: SalesOrder) -> Iterable[tuple[str, Decimal, Decimal, Sequence[TaxLine]]]:
    """What is charged beside goods; nothing of what costs nothing."""
    for it in order.shipping:
        if it.total:
            yield it.title or "Shipping", it.total, it.tax, it.tax_lines
    for fee in order.fees:
        if fee.total:
            yield fee.title or "Fee", fee.total, fee.tax, ()


def _charge(reason: str, net: Decimal, tax: Tax) -> AllowanceCharge:
    return AllowanceCharge(is_charge=net >= 0, amount=abs(net), reason=reason, tax=tax)
