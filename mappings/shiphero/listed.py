"""An order of ShipHero's API with all that left for it."""

from typing import Annotated

from pydantic import field_validator

from hub.model.document import OptId, OptText
from mappings.kit.fields import DECIDES, Cash, CashSeen, Flag, Many, MomentSeen, Part, Perhaps
from mappings.shiphero.wire import Item, Order, Package, unwrapped


class Label(Part):
    """A parcel of a shipment, as the API answers it."""

    id: OptId = None
    tracking_number: OptText = None
    tracking_url: OptText = None
    carrier: OptText = None
    shipping_method: OptText = None
    cost: CashSeen = None
    refunded: Flag = None
    dimensions: Perhaps[Package] = None
    shipment_line_items: Annotated[Many["Packed"], DECIDES] = ()

    _nodes = field_validator("shipment_line_items", mode="before")(unwrapped)


class Packed(Part):
    quantity: Cash = None
    line_item: Perhaps[Item] = None


class Shipment(Part):
    id: OptId = None
    legacy_id: OptId = None
    created_date: MomentSeen = None
    refunded: Flag = None
    line_items: Annotated[Many[Packed], DECIDES] = ()
    shipping_labels: Annotated[Many[Label], DECIDES] = ()

    _nodes = field_validator("line_items", mode="before")(unwrapped)


class ListedOrder(Order):
    """An order with all that left for it."""

    updated_at: MomentSeen = None
    shipments: Annotated[Many[Shipment], DECIDES] = ()
