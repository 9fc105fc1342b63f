"""A shipment as books take it: whose it is, how many pieces of what, tracking."""

import re
from datetime import date
from decimal import Decimal
from typing import TypedDict

from hub.model.errors import BadData
from hub.model.fulfilment import Shipment
from mappings.kit.context import Context
from mappings.kit.ledger_lines.sales import order_reference


class Delivered(TypedDict):
    """`own` is the word by which we know it again; in `reference` tracking numbers follow it."""

    order: str
    own: str
    reference: str
    pieces: list[tuple[str | None, Decimal]]
    order_complete: bool
    date: date


def delivered(shipment: Shipment, at: Context) -> Delivered:
    """Pieces by SKU. The hub's own assignment to order lines counts before the packages' words."""
    order = shipment.order
    if order is None:
        raise BadData("a shipment without its order cannot be booked", path="order")
    counted: dict[str | None, Decimal] = {}
    for line in order.lines or [line for package in shipment.packages for line in package.lines]:
        counted[line.sku] = counted.get(line.sku, Decimal(0)) + line.quantity
    if not any(counted.values()):
        at.warn("nothing_shipped", "the shipment names no pieces", path="packages")
    own = re.sub(r"\s+", "_", f"{shipment.source.connection}/{shipment.source.id}")
    numbers = dict.fromkeys(p.tracking_number for p in shipment.packages if p.tracking_number)
    return Delivered(
        order=order_reference(order.channel, order.channel_order_id),
        own=own,
        reference=" ".join((own, *numbers)),
        pieces=[(sku, quantity) for sku, quantity in counted.items() if quantity],
        order_complete=order.order_complete,
        date=shipment.shipped_at.date(),
    )
