"""Amazon's fulfilment orders and inventories as they come over the wire: what is read of them.

Source: the published descriptions fulfillmentOutbound 2020-07-01, fbaInventory v1 and awd
2024-05-09. States are printed in either case. Notifications write every name with a capital.
"""

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from hub.model.document import OptId, OptText
from mappings.kit import fields
from mappings.kit.fields import DECIDES, Key, Many, Perhaps, Sku, UtcSeen, Whole, Word


class Part(fields.Part):
    """A part of a payload, its names in Amazon's own writing."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


# --- outbound


class Order(Part):
    seller_fulfillment_order_id: Key = None
    displayable_order_id: OptId = None
    fulfillment_order_status: Word = None
    status_updated_date: UtcSeen = None
    status_updated_date_time: UtcSeen = None
    received_date: UtcSeen = None


class Item(Part):
    """A line of the order. What was cancelled or cannot be fulfilled will not come."""

    seller_sku: Sku = None
    seller_fulfillment_order_item_id: OptId = None
    quantity: Whole = None
    cancelled_quantity: Whole = None
    unfulfillable_quantity: Whole = None


class ShipmentItem(Part):
    seller_sku: Sku = None
    seller_fulfillment_order_item_id: OptId = None
    quantity: Whole = None
    package_number: OptId = None
    serial_number: OptText = None
    manufacturer_lot_codes: Many[OptText] = ()


class Delivered(Part):
    """There once the package arrived. It says where it lies, and no time."""


class Parcel(Part):
    package_number: OptId = None
    carrier_code: OptText = None
    tracking_number: OptText = None
    amazon_fulfillment_tracking_number: OptText = None
    estimated_arrival_date: UtcSeen = None
    delivery_information: Perhaps[Delivered] = None


class Shipment(Part):
    """What one fulfilment centre picked. `shipping_date` is an estimate until it left."""

    amazon_shipment_id: Key = None
    fulfillment_center_id: OptText = None
    fulfillment_shipment_status: Word = None
    shipping_date: UtcSeen = None
    shipping_notes: Many[OptText] = ()
    fulfillment_shipment_item: Annotated[Many[ShipmentItem], DECIDES] = ()
    fulfillment_shipment_package: Annotated[Many[Parcel], DECIDES] = ()


class ReturnItem(Part):
    """A piece that the customer sends back: one each."""

    seller_return_item_id: Key = None
    seller_fulfillment_order_item_id: OptId = None
    amazon_shipment_id: OptText = None
    seller_return_reason_code: OptText = None
    amazon_return_reason_code: OptText = None
    return_comment: OptText = None
    status: Word = None
    status_changed_date: UtcSeen = None
    return_authorization_id: OptId = None
    return_received_condition: OptText = None


class Result(Part):
    """An order with all that belongs to it."""

    fulfillment_order: Order
    fulfillment_order_items: Annotated[Many[Item], DECIDES] = ()
    fulfillment_shipments: Annotated[Many[Shipment], DECIDES] = ()
    return_items: Annotated[Many[ReturnItem], DECIDES] = ()


# --- inventory. `at` is from whoever asked: an inventory tells no time of its own.


class Reserved(Part):
    total_reserved_quantity: Whole = None
    pending_customer_order_quantity: Whole = None


class Unfulfillable(Part):
    total_unfulfillable_quantity: Whole = None


class Details(Part):
    fulfillable_quantity: Whole = None
    reserved_quantity: Annotated[Perhaps[Reserved], DECIDES] = None
    unfulfillable_quantity: Annotated[Perhaps[Unfulfillable], DECIDES] = None


class Summary(Part):
    """An article in Amazon's fulfilment network (FBA)."""

    at: UtcSeen = None
    seller_sku: Sku = None
    fn_sku: OptId = None
    last_updated_time: UtcSeen = None
    inventory_details: Annotated[Perhaps[Details], DECIDES] = None


class Distribution(Part):
    reserved_distributable_quantity: Whole = None


class Expiring(Part):
    onhand_quantity: Whole = None
    expiration: UtcSeen = None


class Stored(Part):
    """An article in a distribution centre (AWD)."""

    at: UtcSeen = None
    sku: Sku = None
    total_onhand_quantity: Whole = None
    inventory_details: Annotated[Perhaps[Distribution], DECIDES] = None
    expiration_details: Many[Expiring] = Field(default=())
