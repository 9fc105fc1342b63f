"""A sales order as a sale of an ERP, symbols still unresolved: products by SKU, taxes by rate.

Discounts lower the unit price: an ERP without discounts (Tryton) books them like one that has them.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TypedDict

from hub.model.document import pieces
from hub.model.order import SalesOrder
from mappings.kit import Context
from mappings.kit.bills.amounts import PRICE_STEP, Correction, corrections, price_pairs
from mappings.kit.ledger_lines import (
    Item,
    Party,
    PartyAddress,
    Rates,
    Role,
    address,
    items,
    order_reference,
    party,
)


class Line(TypedDict):
    """A line of a sale. `ships` is false where nothing leaves a warehouse for it."""

    role: Role
    sku: str | None
    ships: bool
    description: str
    quantity: Decimal
    unit_price: Decimal
    rates: Rates
    path: str


class Sale(TypedDict):
    """A sale; `total` and `tax` are what it must come to."""

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


def sale(order: SalesOrder, at: Context, step: Decimal = PRICE_STEP) -> Sale:
    """The whole order as one sale, its prices multiples of `step`."""
    charges = list(items(order, at))
    fixes = corrections((item.at for item in charges), order.currency)
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
            *(line for item in charges for line in _lines(item, order.currency, step)),
            *(line for fix in fixes for line in correction_lines(fix)),
            *rounding_lines(order.totals.rounding),
        ],
        tax=order.totals.tax,
        total=order.totals.grand_total,
    )


def _lines(item: Item, currency: str, step: Decimal) -> Iterator[Line]:
    """A charge's lines: articles by prices that multiply back to it, services as one piece."""
    for part in item.parts:
        is_service = part.role in {"shipping", "fee"}
        whole = [(part.quantity, part.net)]
        for number, price in (
            whole if is_service else price_pairs(part.quantity, part.net, currency, step)
        ):
            yield Line(
                role=part.role,
                sku=part.sku,
                ships=part.ships,
                description=part.description,
                quantity=number,
                unit_price=price,
                rates=item.at.rates,
                path=item.path,
            )


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
