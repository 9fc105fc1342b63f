"""What an order comes to in any books: each charge with its taxes, and what it was for.

Discounts lower the net amount, so that a return credits what was paid. Pieces that the channel
cancelled are billed (a refund credits them) but bring no goods; so are those that somebody else
sends: they never were on our shelves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from hub.model.document import is_currency, plain
from hub.model.errors import BadData
from hub.model.money import round_to
from hub.model.order import Fee, OrderLine, SalesOrder, ShippingLine
from mappings.kit.context import Context
from mappings.kit.ledger_lines.taxed import Rates, Taxed, taxed

Role = Literal["goods", "shipping", "fee", "rounding", "adjustment"]
"""`goods` is found by SKU; the others are services that the books have accounts for."""


@dataclass(frozen=True, slots=True)
class Part:
    """Pieces of a charge. `ships` is false where nothing leaves a warehouse of ours for it."""

    role: Role
    sku: str | None
    ships: bool
    description: str
    quantity: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class Item:
    """A charge of the order: its taxes, and the parts that it is booked in."""

    at: Taxed
    parts: tuple[Part, ...]
    path: str


def order_reference(connection: str, channel_order_id: str) -> str:
    """How an order is found again in the books: unique over all channels."""
    return f"{connection}/{channel_order_id}"


def items(order: SalesOrder, at: Context) -> Iterator[Item]:
    """The charges in their order; rounding is none of them. BadData where the currency is none:
    nothing could be rounded.
    """
    if not is_currency(order.currency):
        text = f"ISO 4217 has no currency {order.currency}"
        raise BadData(text, path="currency", code="unknown_currency")
    seen = _rates_seen(order)
    for index, line in enumerate(order.lines):
        path = f"lines.{index}"
        item = taxed(line.total - line.tax, line.tax, line.tax_lines, seen, f"{path}.tax")
        yield Item(item, tuple(_article(line, item, order.currency)), f"{path}.sku")
    for index, shipping in enumerate(order.shipping):
        path = f"shipping.{index}"
        net = shipping.total - shipping.tax
        item = taxed(net, shipping.tax, shipping.tax_lines, seen, f"{path}.tax")
        yield Item(item, _service("shipping", shipping, item), path)
    for index, fee in enumerate(order.fees):
        path = f"fees.{index}"
        item = taxed(fee.total - fee.tax, fee.tax, (), seen, f"{path}.tax")
        yield Item(item, _service("fee", fee, item), path)
    if order.totals.rounding:
        at.warn("rounding", f"rounding of {plain(order.totals.rounding)}", path="totals.rounding")


def _rates_seen(order: SalesOrder) -> list[Rates]:
    """Combinations of rates on the order's lines, each once."""
    seen: dict[Rates, None] = {}
    stated = [line.tax_lines for line in order.lines]
    for tax_lines in (*stated, *(line.tax_lines for line in order.shipping)):
        rates = tuple(tax.rate for tax in tax_lines if tax.rate and tax.amount)
        if rates:
            seen[rates] = None
    return list(seen)


def _article(line: OrderLine, item: Taxed, currency: str) -> Iterator[Part]:
    title = " - ".join(filter(None, (line.title, line.variant_title))) or line.sku or "Article"
    discounted = f"{title} (list price {plain(line.unit_price)}, discount {plain(line.discount)})"
    text = discounted if line.discount else title
    gone = min(line.cancelled_quantity, line.quantity)
    gone_net = round_to(item.net * gone / line.quantity, currency)
    others = line.requires_shipping and not line.ours_to_ship
    sent: Role = "adjustment" if others else "goods"
    who = f"{text} ({line.sku}), sent by {line.fulfilled_by}" if others else text
    kept = line.quantity - gone
    if kept:
        ships = line.requires_shipping and sent == "goods"
        yield Part(sent, line.sku, ships, who, kept, item.net - gone_net)
    if gone:
        yield Part("adjustment", line.sku, False, f"{text}, cancelled", gone, gone_net)


def _service(role: Role, given: ShippingLine | Fee, item: Taxed) -> tuple[Part, ...]:
    if not item.net and not item.taxes:
        return ()
    title = given.title or given.code or role
    return (Part(role, None, False, title, Decimal(1), item.net),)
