"""ShipBob's resources as they come over the wire, by webhook and API alike: what is read of them.

Source: the published OpenAPI descriptions 1.0, 2025-07 and 2026-01. An id may be 0. Times have up
to seven digits of a second, and are UTC where they name no zone. Lengths are inches, weights
ounces.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from hub.model.document import OptId, OptText
from mappings.kit import tracking_numbers
from mappings.kit.fields import (
    DECIDES,
    Cash,
    CashSeen,
    Key,
    Many,
    Measure,
    Part,
    Perhaps,
    Sku,
    UtcSeen,
    Whole,
    Word,
    needed,
)


class InventoryItem(Part):
    """What was picked: of one article, and of one lot."""

    id: OptId = None
    name: OptText = None
    quantity: Whole = None
    lot: OptText = None
    expiration_date: UtcSeen = None
    serial_numbers: Many[OptText] = ()

    @property
    def pieces(self) -> Decimal:
        """How many of it."""
        return needed(self.quantity, "inventory_items.quantity")

    @property
    def serials(self) -> tuple[str, ...]:
        """The numbers that are some."""
        return tuple(filter(None, self.serial_numbers))


class Product(Part):
    """What was ordered; of a kit the inventory items are its parts."""

    id: OptId = None
    name: OptText = None
    reference_id: OptId = None
    sku: Sku = None
    quantity: Whole = None
    inventory_items: Annotated[Many[InventoryItem], DECIDES] = ()

    @property
    def called(self) -> str | None:
        """The number it was ordered by."""
        return self.sku or self.reference_id

    @property
    def is_itself(self) -> bool:
        """Whether what was picked bears its own name: it is no kit then."""
        return bool(self.name) and all(item.name == self.name for item in self.inventory_items)


class Measurements(Part):
    length_in: Measure = None
    width_in: Measure = None
    depth_in: Measure = None
    total_weight_oz: Measure = None


class Contents(Part):
    products: Annotated[Many[Product], DECIDES] = ()


class Carton(Part):
    """A carton, or what stands around several of them (B2B)."""

    id: OptId = None
    barcode: OptId = None
    measurements: Perhaps[Measurements] = None
    carton_details: Annotated[Many[Contents], DECIDES] = ()
    cartons: Annotated[Many["Carton"], DECIDES] = ()

    @property
    def products(self) -> list[Product]:
        """All that is in it."""
        return [product for inside in self.carton_details for product in inside.products]


class Tracking(Part):
    carrier: OptText = None
    carrier_service: OptText = None
    tracking_number: OptText = None
    tracking_url: OptText = None
    shipping_date: UtcSeen = None
    bol: OptText = None
    pro_number: OptText = None

    @property
    def numbers(self) -> tuple[str, ...]:
        """Of the parcel, or of the freight."""
        return tracking_numbers(self.tracking_number or self.pro_number or self.bol)


class Extra(Part):
    validation_messages: Many[OptText] = ()


class Detail(Part):
    """Why a shipment stands as it does."""

    name: OptText = None
    description: OptText = None
    extra_information: Perhaps[Extra] = None


class Location(Part):
    name: OptText = None


class Shipment(Part):
    id: Key = None
    order_id: OptId = None
    reference_id: OptId = None
    status: Word = None
    status_details: Many[Detail] = ()
    created_date: UtcSeen = None
    last_update_at: UtcSeen = None
    actual_fulfillment_date: UtcSeen = None
    delivery_date: UtcSeen = None
    location: Perhaps[Location] = None
    ship_option: OptText = None
    invoice_amount: CashSeen = None
    invoice_currency_code: OptText = None
    measurements: Perhaps[Measurements] = None
    tracking: Perhaps[Tracking] = None
    products: Annotated[Many[Product], DECIDES] = ()
    parent_cartons: Annotated[Many[Carton], DECIDES] = ()

    @property
    def way(self) -> Tracking:
        """How it travels, as far as that is told."""
        return self.tracking or Tracking()

    @property
    def changed_at(self) -> datetime:
        return needed(self.last_update_at or self.created_date, "last_update_at")

    @property
    def left_at(self) -> datetime:
        return self.way.shipping_date or self.actual_fulfillment_date or self.changed_at

    @property
    def arrived_at(self) -> datetime:
        return self.delivery_date or self.changed_at


class Order(Part):
    id: Key = None
    reference_id: OptId = None
    status: Word = None
    created_date: UtcSeen = None
    products: Annotated[Many[Product], DECIDES] = ()
    shipments: Annotated[Many[Shipment], DECIDES] = ()


class Level(Part):
    """An article over all fulfilment centres. Sellable is on hand without what is committed to
    orders and without what orders in exception wait for. Levels tell no time: `at` is from whoever
    asked.
    """

    at: UtcSeen = None
    inventory_id: Key = None
    sku: Sku = None
    total_on_hand_quantity: Cash = None
    total_committed_quantity: Cash = None
    total_exception_quantity: CashSeen = None
    total_sellable_quantity: Cash = None
