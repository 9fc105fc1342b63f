"""A sales order as a Tryton sale, symbols still unresolved: products by SKU, taxes by rate.

Source: trytond 8.2 `sale.sale`, `sale.line`.

Discounts lower the unit price: Tryton has no discount of its own, and so a return credits what was
paid. Pieces that the channel cancelled are billed (a refund credits them) but bring no goods.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Literal, TypedDict

from hub.model.document import is_currency, pieces, plain
from hub.model.errors import BadData
from hub.model.money import round_to
from hub.model.order import Fee, OrderLine, SalesOrder, ShippingLine
from mappings.kit import Context
from mappings.tryton.amounts import Correction, Rates, Taxed, corrections, price_pairs, taxed
from mappings.tryton.party import Party, PartyAddress, address, party

Role = Literal["goods", "shipping", "fee", "rounding", "adjustment"]
"""`goods` is found by SKU; the others are service products that the connection names."""


class Line(TypedDict):
    """A `sale.line`. `ships` is false where nothing leaves a warehouse for it."""

    role: Role
    sku: str | None
    ships: bool
    description: str
    quantity: Decimal
    unit_price: Decimal
    rates: Rates
    path: str


class Sale(TypedDict):
    """A `sale.sale`; `total` and `tax` are what it must come to."""

    reference: str
    order_number: str
    sale_date: date
    currency: str
    cancelled: bool
    test: bool
    party: Party
    invoice_address: PartyAddress
    shipment_address: PartyAddress
    lines: list[Line]
    tax: Decimal
    total: Decimal


def order_reference(connection: str, channel_order_id: str) -> str:
    """How a sale is found again: unique per order over all channels."""
    return f"{connection}/{channel_order_id}"


def sale(order: SalesOrder, at: Context) -> Sale:
    """The whole order as one sale. BadData where its currency is none: nothing could be rounded."""
    if not is_currency(order.currency):
        text = f"ISO 4217 has no currency {order.currency}"
        raise BadData(text, path="currency", code="unknown_currency")
    items = list(_items(order, at))
    fixes = corrections((item for item, _ in items), order.currency)
    return Sale(
        reference=order_reference(order.source.connection, order.channel_order_id),
        order_number=order.order_number,
        sale_date=order.placed_at.date(),
        currency=order.currency,
        cancelled=order.state == "cancelled",
        test=order.test,
        party=party(order),
        invoice_address=address(order.bill_to or order.ship_to),
        shipment_address=address(order.ship_to or order.bill_to),
        lines=[
            *(line for _, lines in items for line in lines),
            *(line for fix in fixes for line in correction_lines(fix)),
            *rounding_lines(order.totals.rounding),
        ],
        tax=order.totals.tax,
        total=order.totals.grand_total,
    )


def _items(order: SalesOrder, at: Context) -> Iterator[tuple[Taxed, list[Line]]]:
    seen = _rates_seen(order)
    for index, line in enumerate(order.lines):
        path = f"lines.{index}"
        net = line.total - line.tax
        item = taxed(net, line.tax, line.tax_lines, seen, f"{path}.tax")
        yield item, list(_article_lines(line, item, order.currency, path))
    for index, shipping in enumerate(order.shipping):
        path = f"shipping.{index}"
        net = shipping.total - shipping.tax
        item = taxed(net, shipping.tax, shipping.tax_lines, seen, f"{path}.tax")
        yield item, _service_lines("shipping", shipping, item, path)
    for index, fee in enumerate(order.fees):
        path = f"fees.{index}"
        item = taxed(fee.total - fee.tax, fee.tax, (), seen, f"{path}.tax")
        yield item, _service_lines("fee", fee, item, path)
    if order.totals.rounding:
        at.warn("rounding", f"rounding of {plain(order.totals.rounding)}", path="totals.rounding")


def _rates_seen(order: SalesOrder) -> list[Rates]:
    """Combinations of rates on the order's lines, each once."""
    found: dict[Rates, None] = {}
    stated = [line.tax_lines for line in order.lines]
    for tax_lines in (*stated, *(line.tax_lines for line in order.shipping)):
        rates = tuple(tax.rate for tax in tax_lines if tax.rate and tax.amount)
        if rates:
            found[rates] = None
    return list(found)


def _article_lines(line: OrderLine, item: Taxed, currency: str, path: str) -> Iterator[Line]:
    title = " - ".join(filter(None, (line.title, line.variant_title))) or line.sku or "Article"
    told = f"{title} (list price {plain(line.unit_price)}, discount {plain(line.discount)})"
    text = told if line.discount else title
    gone = min(line.cancelled_quantity, line.quantity)
    gone_net = round_to(item.net * gone / line.quantity, currency)
    parts: list[tuple[Role, Decimal, Decimal, str]] = [
        ("goods", line.quantity - gone, item.net - gone_net, text),
        ("adjustment", gone, gone_net, f"{text}, cancelled"),
    ]
    for role, quantity, amount, description in parts:
        if not quantity:
            continue
        for number, price in price_pairs(quantity, amount, currency):
            yield Line(
                role=role,
                sku=line.sku,
                ships=line.requires_shipping and role == "goods",
                description=description,
                quantity=number,
                unit_price=price,
                rates=item.rates,
                path=f"{path}.sku",
            )


def _service_lines(role: Role, given: ShippingLine | Fee, item: Taxed, path: str) -> list[Line]:
    if not item.net and not item.taxes:
        return []
    return [service_line(role, given.title or given.code or role, item.net, item.rates, path)]


def service_line(
    role: Role, description: str, amount: Decimal, rates: Rates = (), path: str = ""
) -> Line:
    """One piece of a service product; a negative amount takes off."""
    return Line(
        role=role,
        sku=None,
        ships=False,
        description=description,
        quantity=Decimal(1),
        unit_price=amount,
        rates=rates,
        path=path,
    )


def correction_lines(fix: Correction) -> list[Line]:
    """Two lines that cancel out but for the tax of the first."""
    text = f"Tax at {pieces(fix.rate)} as the channel states it"
    return [
        service_line("adjustment", text, fix.base, (fix.rate,)),
        service_line("adjustment", text, -fix.base),
    ]


def rounding_lines(amount: Decimal) -> list[Line]:
    """What is left to the cent, untaxed."""
    return [service_line("rounding", "Rounding", amount)] if amount else []
