"""Extensiv's resources in the one writing of `hal`: what is read of them.

Source: the field trees that a tap extracts, and the collections of requests; there is no published
description of Extensiv's own. Times without a zone are the warehouse's. A unit of lengths and
weights is nowhere named: they are not read.
"""

from typing import Annotated

from hub.model.document import OptId, OptText
from mappings.kit.fields import (
    DECIDES,
    Cash,
    CashSeen,
    Flag,
    Key,
    Many,
    Moment,
    MomentSeen,
    Part,
    Perhaps,
    Sku,
    Whole,
)


class Named(Part):
    """How they point at an article, a customer, a place."""

    id: OptId = None
    sku: Sku = None
    name: OptText = None


class Item(Part):
    """A line of an order or of what was received."""

    order_item_id: OptId = None
    receive_item_id: OptId = None
    item_identifier: Annotated[Perhaps[Named], DECIDES] = None
    qty: Cash = None
    lot_number: OptText = None
    serial_number: OptText = None
    serial_numbers: Many[OptText] = ()
    expiration_date: MomentSeen = None
    on_hold: Flag = None
    quarantined: Flag = None

    @property
    def article(self) -> Named:
        return self.item_identifier or Named()

    @property
    def serials(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.serial_number, *self.serial_numbers)))

    @property
    def expires_on(self) -> str | None:
        day = self.expiration_date
        return None if day is None else day.date().isoformat()


class Parcel(Part):
    package_id: OptId = None
    tracking_number: OptText = None
    package_contents: Annotated[Many[Item], DECIDES] = ()


class Routing(Part):
    carrier: OptText = None
    mode: OptText = None
    scac_code: OptText = None
    tracking_number: OptText = None
    bill_of_lading: OptText = None


class Order(Part):
    """It is closed when it left, and then has been processed; or when it was cancelled."""

    order_id: Key = None
    id: OptId = None
    reference_num: OptId = None
    is_closed: Flag = None
    process_date: Moment = None
    pick_done_date: MomentSeen = None
    pack_done_date: MomentSeen = None
    creation_date: MomentSeen = None
    last_modified_date: MomentSeen = None
    fully_allocated: bool | None = None
    routing_info: Perhaps[Routing] = None
    order_items: Annotated[Many[Item], DECIDES] = ()
    packages: Annotated[Many[Parcel], DECIDES] = ()

    @property
    def way(self) -> Routing:
        return self.routing_info or Routing()


class Receiver(Part):
    """Goods that are expected (status 0), or were received."""

    receiver_id: Key = None
    reference_num: OptId = None
    is_closed: Flag = None
    status: Whole = None
    arrival_date: MomentSeen = None
    received_date: MomentSeen = None
    process_date: MomentSeen = None
    last_modified_date: MomentSeen = None
    receive_items: Annotated[Many[Item], DECIDES] = ()


class Summary(Part):
    """An article at one facility. `at` is from whoever asked."""

    at: MomentSeen = None
    facility_id: OptId = None
    item_id: OptId = None
    sku: Sku = None
    item_identifier: Annotated[Perhaps[Named], DECIDES] = None
    on_hand: Cash = None
    on_hold: Cash = None
    allocated: CashSeen = None
