"""Invoices drawn from orders, credit notes from refunds.

Prices stand without tax: a line's price is what all its pieces cost after discounts, for as many
pieces as the line has, so that nothing is rounded on the way. Tax is worked out once for each
category; what that is off from the order's own tax, a cent a line at most, is the rounding amount.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from hub.model.document import ZERO, Address
from hub.model.errors import BadData
from hub.model.invoice import (
    AllowanceCharge,
    Invoice,
    InvoiceLine,
    InvoiceTotals,
    Party,
    Tax,
    TaxSum,
    tax_of,
)
from hub.model.money import EXPONENT, add, split, times
from hub.model.order import OrderLine, Refund, SalesOrder, TaxLine
from hub.rules.invoices import complete

_ROUNDING = Decimal("0.01")
_TENTH = Decimal("0.1")


def invoice(order: SalesOrder, number: str, issued_on: date, seller: Party) -> Invoice:
    """The invoice of an order, without the pieces that will not come; what is not paid yet is
    payable at once. BadData where its amounts do not make one.
    """
    lines, totals = [], list[Decimal]()
    for line in order.lines:
        kept = line.quantity - line.cancelled_quantity
        if kept:
            made, tax = _line(line, kept, order.currency)
            lines.append(made)
            totals.append(add(made.net, tax))
    charges = []
    for reason, total, tax, rates in _charges(order):
        charges.append(_charge(reason, add(total, -tax), _tax(add(total, -tax), tax, rates)))
        totals.append(total)
    drawn = _whole(order, "invoice", number, issued_on, seller, lines, charges, add(*totals))
    return _less_paid(drawn, order.totals.paid)


def _less_paid(drawn: Invoice, paid: Decimal) -> Invoice:
    """With what was paid before, as far as it is for this: more is no part of the invoice."""
    prepaid = max(min(paid, drawn.totals.payable), ZERO)
    sums = {"prepaid": prepaid, "payable": add(drawn.totals.payable, -prepaid)}
    return drawn.model_copy(update={"totals": drawn.totals.model_copy(update=sums)})


def credit_note(
    order: SalesOrder, refund: Refund, number: str, corrects: str, issued_on: date, seller: Party
) -> Invoice:
    """The credit note of a refund: one line, of the tax that the refund says it holds."""
    if refund.currency != order.currency:
        raise BadData(f"{order.currency} is expected", path="currency")
    net = add(refund.amount, -refund.tax)
    rates = [tax for line in order.lines for tax in line.tax_lines[:1]]
    line = InvoiceLine(
        line_no="1",
        name=refund.reason or "Refund",
        quantity=Decimal(1),
        price=net,
        net=net,
        tax=_tax(net, refund.tax, rates[:1]),
    )
    made = _whole(order, "credit_note", number, issued_on, seller, [line], [], refund.amount)
    return made.model_copy(update={"corrects": corrects})


def _line(line: OrderLine, kept: Decimal, currency: str) -> tuple[InvoiceLine, Decimal]:
    """A line of so many pieces, and its tax."""
    weights = [kept, line.quantity - kept]
    net, tax = add(line.total, -line.tax), line.tax
    if line.quantity != kept:
        net = split(net, weights, currency)[0]
        tax = split(tax, weights, currency)[0]
    made = InvoiceLine(
        line_no=str(line.line_no),
        name=line.title or line.sku or f"{line.line_no}",
        sku=line.sku,
        quantity=kept if net >= 0 else -kept,  # what is taken off has fewer pieces, no lower price
        price=abs(net),
        base=kept,
        net=net,
        tax=_tax(net, tax, line.tax_lines),
    )
    return made, tax


def _charges(order: SalesOrder) -> Iterable[tuple[str, Decimal, Decimal, Sequence[TaxLine]]]:
    for it in order.shipping:
        yield it.title or "Shipping", it.total, it.tax, it.tax_lines
    for fee in order.fees:
        yield fee.title or "Fee", fee.total, fee.tax, ()


def _charge(reason: str, net: Decimal, tax: Tax) -> AllowanceCharge:
    return AllowanceCharge(is_charge=net >= 0, amount=abs(net), reason=reason, tax=tax)


def _tax(net: Decimal, tax: Decimal, rates: Sequence[TaxLine]) -> Tax:
    """The category of an amount by its tax: as the rates say, else as the two come to."""
    if not tax or not net:
        return Tax(category="Z", percent=ZERO)
    given = [it.rate for it in rates]
    if given and None not in given:
        percent = times(add(*(it for it in given if it is not None)), Decimal(100))
    else:
        percent = (tax / net * 100).quantize(_TENTH)
    if not percent:  # a rate that nobody has: a cent on thousands
        return Tax(category="Z", percent=ZERO)
    return Tax(category="S", percent=Decimal(f"{percent.normalize():f}"))


def _whole(
    order: SalesOrder,
    kind: str,
    number: str,
    issued_on: date,
    seller: Party,
    lines: Sequence[InvoiceLine],
    charges: Sequence[AllowanceCharge],
    total: Decimal,
) -> Invoice:
    if not lines:
        raise BadData("nothing of the order is left", path="lines")
    if order.currency not in EXPONENT:
        raise BadData("a currency of ISO 4217 is expected", path="currency")
    more = [it for it in charges if it.amount]
    taxes = _taxes(lines, more, order.currency)
    off = add(*(it.amount for it in more if not it.is_charge))
    on = add(*(it.amount for it in more if it.is_charge))
    of_lines = add(*(it.net for it in lines))
    without, tax = add(of_lines, -off, on), add(*(it.amount for it in taxes))
    rounding = add(total, -without, -tax)
    if abs(rounding) > _ROUNDING * (len(lines) + len(more)):
        raise BadData(
            f"tax and amounts are {rounding} apart", path="totals", code="totals_mismatch"
        )
    made = Invoice(
        kind="invoice" if kind == "invoice" else "credit_note",
        number=number,
        issued_on=issued_on,
        due_on=issued_on if kind == "invoice" else None,
        currency=order.currency,
        buyer_reference=order.order_number,
        order_number=order.order_number,
        seller=seller,
        buyer=_buyer(order),
        lines=tuple(lines),
        charges=tuple(more),
        taxes=tuple(taxes),
        totals=InvoiceTotals(
            lines=of_lines,
            allowances=off,
            charges=on,
            without_tax=without,
            tax=tax,
            with_tax=add(without, tax),
            rounding=rounding,
            payable=add(without, tax, rounding),
        ),
    )
    lacking = tuple(complete.lacking(made))
    if lacking:
        first, *rest = lacking
        raise BadData(first.message, path=first.path, code=first.code, more=tuple(rest))
    return made


def _taxes(
    lines: Sequence[InvoiceLine], charges: Sequence[AllowanceCharge], currency: str
) -> list[TaxSum]:
    sums: dict[Tax, Decimal] = {}
    for line in lines:
        sums[line.tax] = add(sums.get(line.tax, ZERO), line.net)
    for it in charges:
        if it.tax is not None:
            sums[it.tax] = add(sums.get(it.tax, ZERO), it.amount if it.is_charge else -it.amount)
    return [
        TaxSum(tax=tax, taxable=taxable, amount=tax_of(taxable, tax, currency))
        for tax, taxable in sums.items()
    ]


def _buyer(order: SalesOrder) -> Party:
    address = order.bill_to or order.ship_to or Address()
    customer = order.customer
    name = address.company or address.name or (customer and customer.name) or "-"
    shown = Address(
        lines=address.lines,
        city=address.city,
        postal_code=address.postal_code,
        region=address.region,
        country=address.country,
    )
    return Party(name=name, address=shown, tax_id=customer and customer.tax_id)
