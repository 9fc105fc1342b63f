"""ShipHero, both ways. Source: its published GraphQL schema and its documented webhooks.

A topic is a webhook's type, or the name of a list.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from hub.model.returns import Return
from mappings.kit import Decoders, Encoders
from mappings.shiphero import outward
from mappings.shiphero.inbound import purchase_order, returned
from mappings.shiphero.outward import Terms, changed, same_lines
from mappings.shiphero.parcels import Units
from mappings.shiphero.progress import progress
from mappings.shiphero.returns import encoded
from mappings.shiphero.shipments import orders, shipment
from mappings.shiphero.stock import change, levels

__all__ = [
    "WORDS",
    "Account",
    "Terms",
    "Units",
    "changed",
    "decoders",
    "encoders",
    "same_lines",
]

WORDS = ("Order Allocated", "Order Deallocated", "Order Packed Out", "Order Canceled")


@dataclass(frozen=True, slots=True)
class Account:
    """How an account tells things. `warehouse`: whose stock is ours; all of it without one."""

    warehouse: str | None = None
    units: Units = field(default_factory=Units)
    currency: str = "USD"


def encoders(terms: Terms) -> Encoders:
    """The encode table of a connection with these terms."""
    return {**outward.encoders(terms), Return: partial(encoded, terms)}


def decoders(
    account: Account | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Decoders:
    """The decode table. `clock` is asked where something says no time."""
    own = account or Account()
    told = partial(levels, warehouse=own.warehouse, clock=clock)
    return {
        "Shipment Update": partial(shipment, units=own.units),
        **{topic: partial(progress, topic=topic, clock=clock) for topic in WORDS},
        "Inventory Update": told,
        "Inventory Change": partial(change, warehouse=own.warehouse),
        "PO Update": partial(purchase_order, clock=clock),
        "Return Update": partial(returned, clock=clock),
        "orders": partial(orders, units=own.units, currency=own.currency),
        "levels": told,
    }
