"""What a refund takes back of what the merchant has earned.

Money given back for pieces that never left was never earned: it is not taken from the merchant, as
little as anything of an order of which nothing left.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO
from hub.model.money import add, round_to
from hub.model.order import OrderLine, Refund, RefundLine, SalesOrder
from hub.model.product import Product
from hub.model.settlement import ChargeItem
from hub.rules.settlement.recognising import NOBODY, Booked, article, news

KINDS = {"refund", "shipping", "payment"}


def refunds(
    order: SalesOrder,
    channel: str,
    given: Sequence[Refund],
    products: Mapping[str, Product],
    booked: Mapping[tuple[str, str], Booked],
    owners: Mapping[int, str] = NOBODY,
) -> list[tuple[Refund, list[ChargeItem]]]:
    """What is new of what these refunds take back, refund by refund."""
    earned = any(kind == "sale" and sum_.amount for (kind, _), sum_ in booked.items())
    never = {line.line_no: line.cancelled_quantity for line in order.lines}
    taken = []
    for refund in given:
        wanted = list(_back(order, channel, refund, products, never, owners)) if earned else []
        fresh = news(wanted, booked, KINDS, f"{refund.refund_id}:")
        if fresh:
            taken.append((refund, fresh))
    return taken


def _back(
    order: SalesOrder,
    channel: str,
    refund: Refund,
    products: Mapping[str, Product],
    never: dict[int, Decimal],
    owners: Mapping[int, str],
) -> Iterator[ChargeItem]:
    """The items of one refund. `never`: pieces by line that did not leave; those that it gives
    money back for are taken off.
    """
    rest, tax = refund.amount, refund.tax
    paid: dict[str, Decimal] = {}
    for at, given in enumerate(refund.lines, start=1):
        line = _line_of(order, given)
        gross = given.amount if order.prices_include_tax else add(given.amount, given.tax)
        rest, tax = add(rest, -gross), add(tax, -given.tax)
        share = _share(line, given, never)
        amount, part = (round_to(it * share, order.currency) for it in (gross, given.tax))
        owner = owners.get(line.line_no, "") if line else ""
        paid[owner] = add(paid.get(owner, ZERO), amount)
        traits = {
            "channel": channel,
            **article(given.sku or (line.sku if line else None), products),
        }
        pieces = round(given.quantity * share, 6)
        key = f"{refund.refund_id}:{at}"
        yield ChargeItem("refund", traits, key, -pieces, -amount, -part, owner=owner)
    shipping = min(refund.shipping_amount, rest)
    rest = add(rest, -shipping)
    common: dict[str, Any] = {"channel": channel}
    for kind, name, amount in (("shipping", "shipping", shipping), ("refund", "rest", rest)):
        if amount:
            part = tax if kind == "shipping" or not shipping else ZERO
            paid[""] = add(paid.get("", ZERO), amount)
            yield ChargeItem(kind, common, f"{refund.refund_id}:{name}", ZERO, -amount, -part)
    method = next((it.gateway for it in refund.payments if it.gateway), None)
    traits = common | ({"method": method} if method else {})
    for owner, amount in sorted(paid.items()):
        key = f"{refund.refund_id}:payment:{owner}"
        yield ChargeItem("payment", traits, key, ZERO, -amount, owner=owner)


def _line_of(order: SalesOrder, told: RefundLine) -> OrderLine | None:
    for line in order.lines:
        if told.channel_line_id is not None and line.channel_line_id == told.channel_line_id:
            return line
    return next((line for line in order.lines if told.sku and line.sku == told.sku), None)


def _share(line: OrderLine | None, told: RefundLine, never: dict[int, Decimal]) -> Decimal:
    """What part of a refund's line is for pieces that left."""
    if line is None or not told.quantity:
        return Decimal(1)
    kept = min(never[line.line_no], told.quantity)
    never[line.line_no] -= kept
    return (told.quantity - kept) / told.quantity
