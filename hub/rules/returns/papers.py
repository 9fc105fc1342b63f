"""What a decision about money writes: a refund, and the linked order of an exchange."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from hub.model.document import Source
from hub.model.money import add, round_to, split, unit
from hub.model.order import (
    OrderLine,
    Payment,
    Refund,
    RefundLine,
    RefundPayment,
    SalesOrder,
    Totals,
)
from hub.model.returns import ExchangeLine, Return
from hub.rules.returns.money import Part

_ZERO = Decimal(0)
EXCHANGE = "exchange"
"""The gateway of money that moves from a return to its exchange, and nowhere else."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose refund it is, and of when. `gateway` None: the way it was paid."""

    number: str
    step: int
    at: datetime
    gateway: str | None = None

    @property
    def refund_id(self) -> str:
        return f"{self.number}-{self.step}"


def refund(document: Return, order: SalesOrder, parts: Sequence[Part], terms: Terms) -> Refund:
    """The refund of a return's parts. Amounts of lines are with tax where the order's prices are,
    as every refund's.
    """
    amount, tax = add(*(it.amount for it in parts)), add(*(it.tax for it in parts))
    by_number = {line.line_no: line for line in order.lines}
    lines = [
        _line(part, by_number[part.order_line], order)
        for part in parts
        if part.part == "line" and part.order_line is not None
    ]
    shipping = add(*(it.amount for it in parts if it.part == "shipping"))
    return Refund(
        source=Source(
            connection=document.source.connection, id=terms.refund_id, occurred_at=terms.at
        ),
        refund_id=terms.refund_id,
        channel_order_id=order.channel_order_id,
        created_at=terms.at,
        currency=order.currency,
        amount=amount,
        shipping_amount=shipping,
        tax=min(max(tax, _ZERO), max(amount, _ZERO)),
        reason=document.reason,
        lines=tuple(lines),
        payments=_payments(order, amount, terms.gateway),
        attributes=_attributes(document, parts, terms),
    )


def _line(part: Part, line: OrderLine, order: SalesOrder) -> RefundLine:
    amount = part.amount if order.prices_include_tax else add(part.amount, -part.tax)
    return RefundLine(
        channel_line_id=line.channel_line_id,
        sku=line.sku,
        quantity=part.pieces,
        amount=amount,
        tax=part.tax,
    )


def _payments(order: SalesOrder, amount: Decimal, gateway: str | None) -> tuple[RefundPayment, ...]:
    """Money goes back the way it came, as far as one way is known."""
    if gateway is not None:
        return (RefundPayment(gateway=gateway, amount=amount),)
    ways = [it for it in order.payments if it.currency == order.currency]
    if len(ways) != 1:
        return ()
    return (RefundPayment(reference=ways[0].reference, gateway=ways[0].gateway, amount=amount),)


def _attributes(document: Return, parts: Sequence[Part], terms: Terms) -> dict[str, Any]:
    charges = {
        part.part: f"{part.amount:f}" for part in parts if part.part in {"goodwill", "restocking"}
    }
    named = {"return_id": terms.number, "channel_return_id": document.channel_return_id}
    return {**{name: value for name, value in named.items() if value}, **charges}


def shared(parts: Sequence[Part], first: Decimal, currency: str) -> tuple[list[Part], list[Part]]:
    """The parts of one sum as those of two: the first of so much, the second of the rest. Pieces"""
    rest = add(*(it.amount for it in parts), -first)
    goods, money = [], []
    shares = split(first, [max(it.amount, _ZERO) for it in parts], currency) if parts else []
    for part, share in zip(parts, shares, strict=True):
        tax = round_to(part.tax * share / part.amount, currency) if part.amount else _ZERO
        goods.append(Part(part.part, share, tax, part.order_line, part.pieces, part.parts))
        money.append(
            Part(part.part, add(part.amount, -share), add(part.tax, -tax), part.order_line)
        )
    return goods, [it for it in money if it.amount or it.tax] if rest else []


@dataclass(frozen=True, slots=True)
class Sent:
    """One article of an exchange with its price for the customer, tax included."""

    line: ExchangeLine
    total: Decimal
    tax: Decimal
    title: str | None = None


def priced(
    lines: Sequence[ExchangeLine], order: SalesOrder, prices: Sequence[Decimal | None]
) -> list[Sent | None]:
    """What other goods cost: as asked, as the customer paid for the same article, else by the price
    list (`prices`, without tax where the order's are); None where nothing says. Tax as on the
    order's own lines.
    """
    return [_priced(it, order, price) for it, price in zip(lines, prices, strict=True)]


def _priced(line: ExchangeLine, order: SalesOrder, listed: Decimal | None) -> Sent | None:
    same = next((it for it in order.lines if it.sku == line.sku), None)
    like = same or max(order.lines, key=lambda it: it.total)
    currency = order.currency
    if line.unit_price is None and same is not None and same.quantity:
        total = round_to(same.total * line.quantity / same.quantity, currency)
        tax = round_to(same.tax * line.quantity / same.quantity, currency)
        return Sent(line, total, tax, same.title)
    each = line.unit_price if line.unit_price is not None else listed
    if each is None:
        return None
    stated = round_to(each * line.quantity, currency)
    net = like.total - like.tax
    if order.prices_include_tax:
        tax = round_to(stated * like.tax / like.total, currency) if like.total else _ZERO
        return Sent(line, stated, tax, same.title if same else None)
    tax = round_to(stated * like.tax / net, currency) if net else _ZERO
    return Sent(line, add(stated, tax), tax, same.title if same else None)


def linked(
    document: Return, order: SalesOrder, sent: Sequence[Sent], credit: Decimal, at: datetime
) -> SalesOrder:
    """The order under which other goods go out, paid by what came back as far as that goes."""
    number = f"{document.return_id}-X"
    price, tax = add(*(it.total for it in sent)), add(*(it.tax for it in sent))
    paid = min(credit, price)
    lines = [_sold(it, no, order) for no, it in enumerate(sent, start=1)]
    given = [Payment(gateway=EXCHANGE, amount=paid, currency=order.currency, at=at)] if paid else []
    return SalesOrder(
        source=Source(connection=order.source.connection, id=number, occurred_at=at),
        channel_order_id=number,
        order_number=f"{order.order_number}-X",
        placed_at=at,
        payment_state="paid" if paid == price else "partially_paid" if paid else "pending",
        currency=order.currency,
        prices_include_tax=order.prices_include_tax,
        customer=order.customer,
        ship_to=order.ship_to,
        bill_to=order.bill_to,
        lines=tuple(lines),
        payments=tuple(given),
        totals=Totals(
            items=add(*(it.unit_price * it.quantity for it in lines)),
            discount=add(*(it.discount for it in lines)),
            tax=tax,
            grand_total=price,
            paid=paid,
            outstanding=add(price, -paid),
        ),
        delivery=order.delivery,
        attributes={
            "exchange_of": order.channel_order_id,
            "return_id": document.return_id,
            "kind": document.kind,
        },
    )


def _sold(it: Sent, number: int, order: SalesOrder) -> OrderLine:
    """A line whose price a piece may have no whole number of cents: then it is one piece's worth of
    cents, and the rest is a discount.
    """
    gross = it.total if order.prices_include_tax else add(it.total, -it.tax)
    each = _up(gross, it.line.quantity, order.currency)
    return OrderLine(
        line_no=number,
        channel_line_id=f"X{number}",
        sku=it.line.sku,
        title=it.title,
        quantity=it.line.quantity,
        unit_price=each,
        discount=add(each * it.line.quantity, -gross),
        tax=it.tax,
        total=it.total,
    )


def _up(total: Decimal, pieces: Decimal, currency: str) -> Decimal:
    """The lowest price in whole units of which the pieces make no less than the total."""
    step = unit(currency)
    return -(-total // (pieces * step)) * step
