"""What parcels, carriers' costs and stored goods are charged by."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO
from hub.model.fulfilment import Shipment
from hub.model.settlement import ChargeItem

_ONE = Decimal(1)


def parcels(shipment: Shipment, channel: str) -> list[ChargeItem]:
    """The parcels of a shipment, by carrier and weight."""
    return [
        ChargeItem(
            "parcel",
            _traits(channel, package.carrier),
            f"parcel:{at}",
            _ONE,
            weight=package.weight_kg or ZERO,
        )
        for at, package in enumerate(shipment.own_packages(), start=1)
    ]


def carriage(shipment: Shipment, channel: str) -> Mapping[str, list[ChargeItem]]:
    """What warehouse and carrier ask for a shipment, by currency."""
    found: dict[str, list[ChargeItem]] = {}
    for at, cost in enumerate(shipment.costs, start=1):
        item = ChargeItem("carriage", _traits(channel, cost.code), f"cost:{at}", _ONE, cost.amount)
        found.setdefault(cost.currency, []).append(item)
    return found


def _traits(channel: str, method: str | None) -> dict[str, Any]:
    return {"channel": channel} | ({"method": method} if method else {})
