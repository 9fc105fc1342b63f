"""NorthDock WMS <-> canonical. Source: NorthDock API guide 2024-10, sections 3 and 5."""

from pydantic import BaseModel, Field

from hub.model.document import Document, Id, Instant, Pieces
from hub.model.fulfilment import (
    FulfilmentCancellation,
    FulfilmentOrder,
    Package,
    Shipment,
    ShippedLine,
)
from mappings.kit import Context, Decoders, Encoders, wire


class Parcel(BaseModel):
    number: Id
    items: dict[str, Pieces]


class Shipped(BaseModel):
    event_id: Id = Field(alias="eventId")
    external_no: Id = Field(alias="externalNo")
    carrier: str
    left_at: Instant = Field(alias="leftDockAt")
    last: bool
    parcels: list[Parcel]


def shipment(raw: bytes, at: Context) -> list[Document]:
    """Goods left the dock (guide 5.2)."""
    it = wire(Shipped, raw, at)
    carrier = at.ours("carriers", it.carrier, path="carrier")
    return [
        Shipment(
            source=at.source(it.event_id, occurred_at=it.left_at),
            fulfilment_order_id=it.external_no,
            shipped_at=it.left_at,
            complete=it.last,
            packages=tuple(_package(carrier, parcel) for parcel in it.parcels),
        )
    ]


def _package(carrier: str, parcel: Parcel) -> Package:
    lines = tuple(ShippedLine(sku=sku, quantity=n) for sku, n in parcel.items.items())
    return Package(carrier=carrier, tracking_number=parcel.number, lines=lines)


def order(document: FulfilmentOrder, _: Context) -> dict[str, object]:
    """What is to be shipped (guide 3.1)."""
    to = document.ship_to
    return {
        "externalNo": document.fulfilment_order_id,
        "name": to and to.name,
        "street": list(to.lines) if to else [],
        "zip": to and to.postal_code,
        "city": to and to.city,
        "country": to and to.country,
        "lines": [{"item": one.sku, "qty": int(one.quantity)} for one in document.lines],
    }


def cancellation(document: FulfilmentCancellation, _: Context) -> dict[str, object]:
    """What is not to be shipped after all (guide 3.4)."""
    return {"externalNo": document.fulfilment_order_id, "reason": document.reason or "cancelled"}


DECODE: Decoders = {"order.shipped": shipment}
ENCODE: Encoders = {FulfilmentOrder: order, FulfilmentCancellation: cancellation}
