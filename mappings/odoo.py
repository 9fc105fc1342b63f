"""Canonical documents -> Odoo. Source: Odoo 16 to 19, models `sale.order`, `account.move`,
`stock.picking`, `res.partner`.

What comes out still names products by code, taxes by rate and accounts by number: looking up ids is
the adapter's part. Odoo tells nothing by itself here, so nothing is decoded. Prices have the two
places of its usual decimal accuracy.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hub.model.document import Address
from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder
from hub.model.people import CustomerRecord
from hub.model.returns import ReturnReceipt
from hub.model.settlement import JournalEntry
from hub.model.stock import GoodsReceipt, StockChange
from mappings.kit import Context, Decoders, Encoders
from mappings.kit.bills import Line, Sale, credit_lines, sale
from mappings.kit.ledger_lines import (
    Booking,
    Credit,
    Party,
    PartyAddress,
    Sold,
    address,
    booking,
    credit,
    delivered,
    goods_back,
    goods_changed,
    goods_in,
)

Values = dict[str, Any]
"""The fields of a record by Odoo's names."""
STEP = Decimal("0.01")


def order(document: SalesOrder, at: Context) -> Sale:
    """The whole order as one sale."""
    return sale(document, at, STEP)


def line(it: Line, product: int, taxes: Sequence[int], tax_field: str) -> Values:
    """A line of a sale. The server adds nothing by itself: price and taxes are said."""
    return {
        "product_id": product,
        "name": it["description"],
        "product_uom_qty": float(it["quantity"]),
        "price_unit": float(it["unit_price"]),
        "discount": 0.0,
        tax_field: [[6, 0, list(taxes)]],
    }


def credited(back: Credit, sold: Sequence[Sold]) -> list[Line]:
    """The lines of a credit note: what a negative sale has, its signs turned."""
    return [
        {**it, "quantity": -it["quantity"]}
        if it["quantity"] < 0
        else {**it, "unit_price": -it["unit_price"]}
        for it in credit_lines(back, sold, STEP)
    ]


def credit_line(it: Line, product: int, taxes: Sequence[int]) -> Values:
    """A line of a credit note."""
    return {
        "product_id": product,
        "name": it["description"],
        "quantity": float(it["quantity"]),
        "price_unit": float(it["unit_price"]),
        "tax_ids": [[6, 0, list(taxes)]],
    }


def entry_lines(it: Booking, accounts: dict[str, int], foreign: int | None) -> list[Values]:
    """Debits and credits; in a currency that is not the company's as amounts in that currency,
    which Odoo converts at its own rate.
    """
    lines = []
    for side in it["lines"]:
        values: Values = {"account_id": accounts[side.account], "name": side.text or it["text"]}
        if foreign is None:
            values |= {"debit": float(side.debit), "credit": float(side.credit)}
        else:
            net = float(side.debit - side.credit)
            values |= {"currency_id": foreign, "amount_currency": net}
        lines.append(values)
    return lines


def partner(who: Party) -> Values:
    """A customer, but for the address."""
    values = {"name": who["name"], "ref": who["code"], "email": who["email"]}
    return {**values, "phone": who["phone"], "vat": who["tax_id"]}


def place(at: PartyAddress) -> Values:
    """An address, country and region left out: they are records there."""
    street, _, rest = at["street"].partition("\n")
    values = {"street": street, "street2": rest.replace("\n", ", "), "zip": at["postal_code"]}
    return {**values, "city": at["city"]}


def customer(document: CustomerRecord, _: Context) -> dict[str, Any]:
    """A customer of the hub under its own number; all that is said of it is written each time."""
    home = address(next(iter(document.addresses), Address()))
    values: Values = {
        "ref": f"OH-{document.customer_id}",
        "name": document.name or document.company or document.email or document.customer_id,
        "email": document.email or False,
        "phone": document.phone or False,
        "is_company": bool(document.company and not document.name),
    }
    return {"values": values | place(home), "country": home["country"]}


DECODE: Decoders = {}
ENCODE: Encoders = {
    SalesOrder: order,
    Shipment: delivered,
    Refund: credit,
    JournalEntry: booking,
    GoodsReceipt: goods_in,
    ReturnReceipt: goods_back,
    StockChange: goods_changed,
    CustomerRecord: customer,
}
