"""The messages of `orderhub-erp.wsdl`: orders, shipments, refunds, goods and entries out, items and
levels in.

Amounts are told as they are: a line's net for all of its pieces, and its taxes by rate. What the
total has beyond the sum of the lines is a line of its own, so that the ERP's sum is the total.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from hub.model.document import Address, Document, OptId, show_instant
from hub.model.fulfilment import Shipment
from hub.model.money import round_to
from hub.model.order import Refund, SalesOrder
from hub.model.product import Product
from hub.model.returns import ReturnReceipt
from hub.model.settlement import JournalEntry
from hub.model.stock import GoodsReceipt, ReportedLine, StockChange, StockReport
from mappings.kit import Context, Decoders, Encoders, wire
from mappings.kit.fields import Cash, CashSeen, Flag, Key, Measure, Moment, Part
from mappings.kit.ledger_lines import (
    Credit,
    Item,
    Movement,
    Sold,
    Taxed,
    address,
    articles,
    booking,
    credit,
    credit_total,
    delivered,
    goods_back,
    goods_changed,
    goods_in,
    items,
    order_reference,
    party,
    restocked,
    unexplained,
    unexplained_name,
)

Message = dict[str, Any]
"""The elements of a message by their names."""
_CUSTOMER = {"code": "code", "name": "name", "email": "email", "phone": "phone", "taxId": "tax_id"}
_ADDRESS = {
    "name": "party_name",
    "street": "street",
    "postalCode": "postal_code",
    "city": "city",
    "region": "region",
    "country": "country",
}


def sales_order(order: SalesOrder, at: Context) -> Message:
    """The whole order."""
    who: Any = party(order)
    lines = [line for item in items(order, at) for line in _parts(item, order.currency)]
    return {
        "reference": order_reference(order.source.connection, order.channel_order_id),
        "orderNumber": order.order_number,
        "placedAt": order.placed_at,
        "cancelled": order.state == "cancelled",
        "currency": order.currency,
        "customer": {name: who[field] or None for name, field in _CUSTOMER.items()},
        "billTo": _address(order.bill_to or order.ship_to),
        "shipTo": _address(order.ship_to or order.bill_to),
        **_summed(lines, order.totals.grand_total),
    }


def shipment(document: Shipment, at: Context) -> Message:
    """What left, by SKU, with what the parcels can be traced by."""
    left = delivered(document, at)
    return {
        "reference": left["own"],
        "orderReference": left["order"],
        "shippedAt": document.shipped_at,
        "orderComplete": left["order_complete"],
        "package": [
            {"carrier": box.carrier or box.carrier_name, "trackingNumber": box.tracking_number}
            for box in document.packages
            if box.tracking_number
        ],
        "line": [{"sku": sku, "quantity": quantity} for sku, quantity in left["pieces"]],
    }


def refund(back: Credit, sold: Sequence[Sold]) -> Message:
    """What is credited, with the taxes of the lines that were sold."""
    given = articles(back, sold)
    rest = unexplained(back, given, sold)
    lines = [
        _booked("goods" if moves else "adjustment", item["description"], at, item["quantity"])
        | {"sku": item["sku"], "moves": moves}
        for item, at, moves in zip(back["items"], given, restocked(back, sold), strict=True)
    ]
    if rest.net or rest.taxes or not lines:
        lines.append(_booked("adjustment", unexplained_name(back), rest))
    return {
        "reference": back["reference"],
        "orderReference": back["order"],
        "date": back["sale_date"],
        "currency": back["currency"],
        "reason": back["reason"] or None,
        **_summed(lines, credit_total(back, sold)),
    }


def goods(it: Movement) -> Message:
    """Goods that came, came back or were counted."""
    return {
        "reference": it["reference"],
        "origin": it["origin"],
        "about": it["about"],
        "order": it["order"] or None,
        "warehouse": it["warehouse"],
        "date": it["date"],
        "line": [
            {
                "sku": one.sku,
                "quantity": abs(one.pieces),
                "gone": one.pieces < 0,
                "sellable": one.good,
            }
            for one in it["moved"]
        ],
    }


def journal_entry(entry: JournalEntry, at: Context) -> Message:
    """Debits and credits by account."""
    it = booking(entry, at)
    return {
        "reference": it["reference"],
        "date": it["date"],
        "currency": it["currency"],
        "text": it["text"],
        "document": it["document"] or None,
        "line": [
            {
                "account": side.account,
                "debit": side.debit,
                "credit": side.credit,
                "text": side.text or None,
            }
            for side in it["lines"]
        ],
        "total": it["sum"],
    }


def _parts(item: Item, currency: str) -> list[Message]:
    """A charge's lines. Taxes go with the pieces, and none is lost."""
    taxes, whole = item.at.taxes, sum((part.quantity for part in item.parts), Decimal(0))
    lines, spent = list[Message](), [Decimal(0)] * len(taxes)
    for part in item.parts:
        shares = [round_to(amount * part.quantity / whole, currency) for _, amount in taxes]
        if part is item.parts[-1]:
            shares = [amount - gone for (_, amount), gone in zip(taxes, spent, strict=True)]
        spent = [gone + share for gone, share in zip(spent, shares, strict=True)]
        at = tuple((rate, share) for (rate, _), share in zip(taxes, shares, strict=True))
        line = _booked(part.role, part.description, Taxed(part.net, at), part.quantity)
        lines.append(line | {"sku": part.sku, "moves": part.ships})
    return lines


def _booked(kind: str, description: str, at: Taxed, quantity: Decimal = Decimal(1)) -> Message:
    return {
        "kind": kind,
        "description": description,
        "quantity": quantity,
        "moves": False,
        "net": at.net,
        "tax": [{"rate": rate, "amount": amount} for rate, amount in at.taxes],
    }


def _summed(lines: list[Message], total: Decimal) -> Message:
    """Lines that come to the total, and their tax."""
    net = sum((line["net"] for line in lines), Decimal(0))
    tax = sum((part["amount"] for line in lines for part in line["tax"]), Decimal(0))
    beyond = total - net - tax
    rounding = [_booked("rounding", "Rounding", Taxed(beyond, ()))] if beyond else []
    return {"line": [*lines, *rounding], "tax": tax, "total": total}


def _address(given: Address | None) -> Message | None:
    if given is None:
        return None
    it: Any = address(given)
    return {name: it[field] for name, field in _ADDRESS.items() if it[field]}


class Row(Part):
    """What changed, by the names of the WSDL."""

    model_config = ConfigDict(alias_generator=to_camel)

    changed_at: Moment
    sku: Key


class Article(Row):
    """An article."""

    title: str
    active: Flag
    gtin: OptId = None
    description: str | None = None
    brand: str | None = None
    price: CashSeen = None
    currency: str | None = None
    weight_g: Measure = Field(None, alias="weightGrams")
    country_of_origin: str | None = None
    hs_code: str | None = None


class Level(Row):
    """What is on hand of an article in a warehouse."""

    warehouse: Key
    on_hand: Cash


def product(raw: bytes, at: Context) -> list[Document]:
    """An article of the ERP."""
    it = wire(Article, raw, at)
    given = it.model_dump(exclude={"changed_at", "active", "country_of_origin"})
    source = at.source_by_time(given["sku"], it.changed_at)
    origin = at.country(it.country_of_origin, path="countryOfOrigin")
    status = "archived" if it.active is False else "active"
    return [Product(source=source, country_of_origin=origin, status=status, **given)]


def stock_report(raw: bytes, at: Context) -> list[Document]:
    """A level of the ERP: a count of one article, in the warehouse that it names."""
    it = wire(Level, raw, at)
    moment = it.changed_at and show_instant(it.changed_at)
    number = f"{it.warehouse}/{it.sku}/{moment}/{it.on_hand}"
    return [
        StockReport(
            source=at.source_by_time(number, it.changed_at),
            warehouse=it.warehouse,
            at=it.changed_at,
            report_id=number,
            lines=(ReportedLine(sku=it.sku, on_hand=it.on_hand),),
        )
    ]


DECODE: Decoders = {"item": product, "stock": stock_report}
ENCODE: Encoders = {
    SalesOrder: sales_order,
    Shipment: shipment,
    Refund: credit,
    JournalEntry: journal_entry,
    GoodsReceipt: lambda document, at: goods(goods_in(document, at)),
    ReturnReceipt: lambda document, at: goods(goods_back(document, at)),
    StockChange: lambda document, at: goods(goods_changed(document, at)),
}
