"""NorthShop <-> canonical. Source: NorthShop API guide 2, sections 1 and 4."""

from pydantic import BaseModel, Field

from hub.model.document import Address, Document, Id, OptText
from hub.model.fulfilment import Shipment
from hub.model.order import Customer
from mappings.kit import Context, Decoders, Encoders, wire
from mappings.kit.fields import Cash, Many, Moment, Perhaps, Pieces, Sku
from mappings.kit.orders import ChannelOrder, Charge, sales_order


class Buyer(BaseModel):
    name: OptText = None
    mail: OptText = None
    street: OptText = None
    zip: OptText = None
    city: OptText = None
    country: OptText = None


class Item(BaseModel):
    sku: Sku = None
    title: OptText = None
    pieces: Pieces
    price: Cash


class Placed(BaseModel):
    number: Id
    placed_at: Moment = Field(alias="placedAt")
    currency: Id
    paid: Cash = None
    buyer: Perhaps[Buyer] = None
    items: Many[Item]


def order(raw: bytes, at: Context) -> list[Document]:
    """What a customer bought (guide 1.2). Prices have their tax in them."""
    it = wire(Placed, raw, at)
    buyer = it.buyer or Buyer()
    told = ChannelOrder(
        currency=it.currency,
        tax_included=True,
        goods=[_goods(item, f"items.{place}") for place, item in enumerate(it.items)],
        paid=it.paid,
        head={
            "source": at.source(it.number, occurred_at=it.placed_at),
            "channel_order_id": it.number,
            "order_number": it.number,
            "placed_at": it.placed_at,
            "customer": Customer(name=buyer.name, email=buyer.mail),
            "ship_to": _address(buyer, at),
        },
    )
    return [sales_order(told, at)]


def _goods(item: Item, path: str) -> Charge:
    article = {"sku": item.sku, "title": item.title}
    return Charge(path=path, quantity=item.pieces, unit_price=item.price, what=article)


def _address(buyer: Buyer, at: Context) -> Address:
    return Address(
        name=buyer.name,
        lines=(buyer.street,) if buyer.street else (),
        postal_code=buyer.zip,
        city=buyer.city,
        country=at.country(buyer.country, path="buyer.country"),
    )


def shipment(document: Shipment, _: Context) -> dict[str, object]:
    """What left (guide 4.1)."""
    return {
        "order": document.order and document.order.channel_order_id,
        "shipment": document.business_id,
        "parcels": [
            {"carrier": one.carrier, "number": one.tracking_number} for one in document.packages
        ],
    }


DECODE: Decoders = {"order.placed": order}
ENCODE: Encoders = {Shipment: shipment}
