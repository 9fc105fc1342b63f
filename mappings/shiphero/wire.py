"""What ShipHero posts and answers: what is read of it.

Source: the published GraphQL schema, and the bodies of its webhooks as they are documented. Numbers
may be text. Times without a zone are at the connection's place, UTC unless it says otherwise.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import field_validator

from hub.model.document import OptId, OptText
from mappings.kit.fields import (
    DECIDES,
    Cash,
    CashSeen,
    Flag,
    Many,
    Measure,
    MomentSeen,
    Part,
    Perhaps,
    Sku,
    Word,
    needed,
)


def unwrapped(value: Any) -> Any:
    """The nodes of a connection: `{edges: [{node}]}`. Anything else is as it was."""
    edges = value.get("edges") if isinstance(value, dict) else None
    if not isinstance(edges, list):
        return value
    return [edge.get("node") for edge in edges if isinstance(edge, dict) and edge.get("node")]


class Order(Part):
    """An order, as far as it says whose it is and how it stands."""

    id: OptId = None
    legacy_id: OptId = None
    partner_order_id: OptId = None
    order_number: OptId = None
    fulfillment_status: Word = None

    @property
    def ours(self) -> str | None:
        """Our number of it."""
        return self.partner_order_id or self.order_number


class Item(Part):
    """Pieces in a package. `id` is the line's number as we gave it."""

    id: OptId = None
    partner_line_item_id: OptId = None
    sku: Sku = None
    quantity: Cash = None
    package: OptText = None
    serial_numbers: Many[Any] = ()
    lot_name: OptText = None
    lot_expiration: MomentSeen = None

    @property
    def serials(self) -> tuple[str, ...]:
        """The numbers, which are texts or objects with one."""
        given = self.serial_numbers
        told = (it.get("serial_number") if isinstance(it, dict) else it for it in given)
        return tuple(str(number) for number in told if isinstance(number, str | int) and number)


class Package(Part):
    name: OptText = None
    package: OptText = None
    tracking_number: OptText = None
    tracking_url: OptText = None
    custom_tracking_url: OptText = None
    shipping_carrier: OptText = None
    carrier: OptText = None
    shipping_method: OptText = None
    cost: CashSeen = None
    length: Measure = None
    width: Measure = None
    height: Measure = None
    weight: Measure = None
    line_items: Annotated[Many[Item], DECIDES] = ()
    shipping_label: Perhaps["Package"] = None

    @property
    def label(self) -> "Package":
        """How it travels: by itself, or by the label on it."""
        on_it = self.shipping_label.model_dump(exclude_none=True) if self.shipping_label else {}
        told = {name: value for name, value in on_it.items() if getattr(self, name) is None}
        return self.model_copy(update=told) if told else self

    @property
    def called(self) -> str | None:
        """The name by which lines say that they are in it."""
        return self.name or self.package


class Fulfillment(Part):
    """A shipment, as `Shipment Update` has it."""

    shipment_id: OptId = None
    shipment_uuid: OptId = None
    order_id: OptId = None
    order_uuid: OptId = None
    partner_order_id: OptId = None
    order_number: OptId = None
    warehouse_id: OptId = None
    tracking_number: OptText = None
    custom_tracking_url: OptText = None
    shipping_carrier: OptText = None
    shipping_method: OptText = None
    completed: Flag = None
    created_at: MomentSeen = None
    package: Perhaps[Package] = None
    packages: Annotated[Many[Package], DECIDES] = ()
    line_items: Annotated[Many[Item], DECIDES] = ()

    @property
    def number(self) -> str:
        return needed(self.shipment_id or self.shipment_uuid, "fulfillment.shipment_id")

    @property
    def left_at(self) -> datetime:
        return needed(self.created_at, "fulfillment.created_at")


class Told(Part):
    """A word about an order: allocated, packed out, cancelled. `order` was asked for."""

    webhook_type: OptText = None
    order_id: OptId = None
    order_uuid: OptId = None
    partner_order_id: OptId = None
    order_number: OptId = None
    allocated_at: MomentSeen = None
    created_at: MomentSeen = None
    timestamp: MomentSeen = None
    reason: OptText = None
    order: Perhaps[Order] = None


class Level(Part):
    """How much of an article there is; `inventory` may be sold, `on_hand` is in the building."""

    sku: Sku = None
    on_hand: Cash = None
    inventory: Cash = None
    available: Cash = None
    warehouse_id: OptId = None
    warehouse_uuid: OptId = None
    identifier: OptId = None
    virtual: Flag = None
    timestamp: MomentSeen = None
    updated_at: MomentSeen = None
    updated_warehouse: Annotated[Perhaps["Level"], DECIDES] = None

    @property
    def free(self) -> Decimal | None:
        """What may be sold: its name in a webhook, or in the API."""
        return self.available if self.inventory is None else self.inventory

    @property
    def here(self) -> "Level":
        """Of the warehouse that changed, where one is named."""
        return self.updated_warehouse or self


class Change(Part):
    """What changed in a bin. `old_quantity`: what was in it, where that is told."""

    sku: Sku = None
    quantity: Cash = None
    old_quantity: Cash = None
    previous_on_hand: CashSeen = None
    warehouse_id: OptId = None
    warehouse_uuid: OptId = None
    location_name: OptText = None
    timestamp: MomentSeen = None
    reason: OptText = None
    source: OptText = None
    lot_id: OptId = None

    @property
    def delta(self) -> Decimal:
        return needed(self.quantity, "quantity") - (self.old_quantity or Decimal(0))


class Arrived(Part):
    """A line of a purchase order or a return: what was expected, and what came."""

    id: OptId = None
    partner_line_item_id: OptId = None
    sku: Sku = None
    vendor_sku: OptId = None
    quantity: Cash = None
    quantity_received: Cash = None
    restock: Cash = None
    condition: OptText = None
    item_reason: OptText = None


class PurchaseOrder(Part):
    id: OptId = None
    po_number: OptId = None
    po_uuid: OptId = None
    fulfillment_status: Word = None
    status: Word = None
    updated_at: MomentSeen = None
    date_closed: MomentSeen = None
    line_items: Annotated[Many[Arrived], DECIDES] = ()

    _nodes = field_validator("line_items", mode="before")(unwrapped)


class Return(Part):
    return_id: OptId = None
    return_uuid: OptId = None
    partner_id: OptId = None
    status: Word = None
    items: Annotated[Many[Arrived], DECIDES] = ()
    partner_order_id: OptId = None
    order_number: OptId = None
    shipping_carrier: OptText = None
    tracking_number: OptText = None
    updated_at: MomentSeen = None
