"""Credit notes drawn from refunds: what the refund says of lines is of their tax, the rest of the
rates of the order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.errors import BadData
from hub.model.invoice import Invoice, InvoiceLine, Tax
from hub.model.invoice.seller import Seller
from hub.model.money import add, fits, round_to, split
from hub.model.order import OrderLine, Refund, RefundLine, SalesOrder, ShippingLine, TaxLine
from hub.rules.invoices.assembling import Head, buyer_of, whole
from hub.rules.invoices.taxation import Taxation, told_rate

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class _Part:
    """What is given back of something: without tax, its tax, and the rates of that."""

    name: str
    net: Decimal
    tax: Decimal
    rates: Sequence[TaxLine] = ()
    sku: str | None = None
    quantity: Decimal = Decimal(1)


def credit_note(
    order: SalesOrder,
    refund: Refund,
    number: str,
    corrects: str,
    issued_on: date,
    seller: Seller,
    delivered_on: date | None,
) -> Invoice:
    """The credit note of a refund, of the tax that the refund says it holds. BadData as for an
    invoice.
    """
    if refund.currency != order.currency:
        raise BadData(f"{order.currency} is expected", path="currency")
    taxation = Taxation(order, seller, buyer_of(order))
    lines = [
        _line(at, part, taxation.of(part.net, part.tax, part.rates))
        for at, part in enumerate(_parts(order, refund), start=1)
    ]
    head = Head("credit_note", number, issued_on, delivered_on, corrects)
    return whole(order, head, seller, lines, [], refund.amount)


def _parts(order: SalesOrder, refund: Refund) -> list[_Part]:
    """Its lines with what they leave; all of it as one where they do not fit into it."""
    of_lines = list(_of_lines(order, refund))
    net, tax = _left(refund, of_lines)
    if of_lines and min(net, tax) >= ZERO and (net or not tax):
        return [*of_lines, *(_rest(order, refund, net, tax) if net else ())]
    return list(_rest(order, refund, *_left(refund, [])))


def _left(refund: Refund, parts: Sequence[_Part]) -> tuple[Decimal, Decimal]:
    tax = add(refund.tax, *(-it.tax for it in parts))
    return add(refund.amount, -tax, *(-add(it.net, it.tax) for it in parts)), tax


def _of_lines(order: SalesOrder, refund: Refund) -> Iterator[_Part]:
    for it in refund.lines:
        line = _line_of(order, it)
        if line is None or not it.amount:
            continue
        net = add(it.amount, -it.tax) if order.prices_include_tax else it.amount
        name = line.title or line.sku or f"{line.line_no}"
        yield _Part(name, net, it.tax, line.tax_lines, line.sku, it.quantity or Decimal(1))


def _line_of(order: SalesOrder, it: RefundLine) -> OrderLine | None:
    if it.channel_line_id is not None:
        return next((line for line in order.lines if line.channel_line_id == it.channel_line_id), None)  # fmt: skip  # noqa: E501
    found = [line for line in order.lines if it.sku is not None and line.sku == it.sku]
    return found[0] if len(found) == 1 else None


def _rest(order: SalesOrder, refund: Refund, net: Decimal, tax: Decimal) -> Iterator[_Part]:
    """What no line says: of one of the order's rates, or of all of them where its tax is theirs in
    proportion.
    """
    rates = _rates(order)
    whole = _Part(refund.reason or "Refund", net, tax)
    of_one = [it for it in rates if _is_of(net, tax, it, order.currency)]
    bearing = {it: amount for it, amount in rates.items() if amount}
    if tax and not of_one and len(bearing) > 1 and fits(add(net, tax), order.currency):
        shares = list(_in_proportion(whole, bearing, order.currency))
        if abs(add(tax, *(-it.tax for it in shares))) <= _CENT * len(shares):
            yield from shares
            return
    yield replace(whole, rates=next(iter(of_one or bearing), ()) if tax else ())


def _in_proportion(
    whole: _Part, bearing: dict[tuple[TaxLine, ...], Decimal], currency: str
) -> Iterator[_Part]:
    gross = split(add(whole.net, whole.tax), list(bearing.values()), currency)
    for amount, rates in zip(gross, bearing, strict=True):
        rate = told_rate(rates) or ZERO
        tax = round_to(amount - amount / (1 + rate), currency)
        yield replace(whole, net=add(amount, -tax), tax=tax, rates=rates)


def _rates(order: SalesOrder) -> dict[tuple[TaxLine, ...], Decimal]:
    """The rates that goods and carriage say -> what is sold at them, nothing of what bears none."""
    sold: dict[Decimal, Decimal] = {}
    named: dict[Decimal, tuple[TaxLine, ...]] = {}
    bearing: tuple[OrderLine | ShippingLine, ...] = (*order.lines, *order.shipping)
    for it in bearing:
        rate = told_rate(it.tax_lines)
        if rate:
            more = abs(it.total) if it.tax else ZERO
            sold[rate] = add(sold.get(rate, ZERO), more)
            named.setdefault(rate, it.tax_lines)
    return {named[rate]: amount for rate, amount in sold.items()}


def _is_of(net: Decimal, tax: Decimal, rates: Sequence[TaxLine], currency: str) -> bool:
    expected = round_to(net * (told_rate(rates) or ZERO), currency)
    return abs(expected - tax) <= _CENT


def _line(at: int, part: _Part, tax: Tax) -> InvoiceLine:
    return InvoiceLine(
        line_no=str(at),
        name=part.name,
        sku=part.sku,
        quantity=part.quantity if part.net >= 0 else -part.quantity,
        price=abs(part.net),
        base=part.quantity,
        net=part.net,
        tax=tax,
    )
