"""What a warehouse is told to ship, and what it says it did."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from hub.model.document import (
    Address,
    Amount,
    Currency,
    Document,
    Id,
    Instant,
    OptId,
    OptText,
    Pieces,
    Quantity,
    Text,
    Value,
)

Quality = Literal["good", "defective"]
WarehouseWord = Literal[
    "accepted",
    "rejected",
    "picking",
    "packed",
    "shipped",
    "delivered",
    "short",
    "cancelled",
    "cancel_refused",
    "exception",
]


class FulfilmentDelivery(Value):
    """How it must travel, in our codes."""

    method: OptText = None
    service: OptText = None
    carrier: OptText = None
    pickup_point: OptText = None
    instructions: OptText = None


class FulfilmentLine(Value):
    """Pieces of one article. `item_code` is the warehouse's own number for it, where it has one."""

    line_no: int = Field(ge=1)
    sku: Id
    item_code: OptId = None
    title: OptText = None
    quantity: Pieces
    unit_price: Amount | None = None
    quality: Quality = "good"
    batch: OptText = None
    attributes: dict[str, Any] = Field(default_factory=dict)


class CashOnDelivery(Value):
    """What the carrier must collect."""

    amount: Amount
    currency: Currency


class FulfilmentOrder(Document):
    """What one warehouse is told to ship, for all or part of an order (outbound notice)."""

    TYPE: ClassVar[str] = "fulfilment_order"

    type: Literal["fulfilment_order"] = "fulfilment_order"
    fulfilment_order_id: Id
    order_number: Id
    channel_order_id: Id
    merchant: Id
    warehouse: Id
    revision: int = Field(ge=1, default=1)
    created_at: Instant
    ship_by: Instant | None = None
    priority: int = Field(ge=0, le=9, default=5)
    delivery: FulfilmentDelivery = FulfilmentDelivery()
    ship_to: Address | None = None
    bill_to: Address | None = None
    lines: tuple[FulfilmentLine, ...] = Field(min_length=1, max_length=20_000)
    cash_on_delivery: CashOnDelivery | None = None
    insured_value: Amount | None = None
    gift_message: OptText = None
    note: OptText = None
    documents: tuple[Text, ...] = ()

    @property
    def business_id(self) -> str:
        return self.fulfilment_order_id


class FulfilmentCancellation(Document):
    """The wish that a warehouse does not ship a fulfilment order after all. It may refuse."""

    TYPE: ClassVar[str] = "fulfilment_cancellation"

    type: Literal["fulfilment_cancellation"] = "fulfilment_cancellation"
    fulfilment_order_id: Id
    warehouse: Id
    warehouse_reference: OptId = None
    requested_at: Instant
    reason: OptText = None

    @property
    def business_id(self) -> str:
        return self.fulfilment_order_id


class ShippedLine(Value):
    """Pieces in a package. Matched by `line_no` first, then `sku` or `item_code`."""

    line_no: int | None = Field(default=None, ge=1)
    sku: OptId = None
    item_code: OptId = None
    quantity: Quantity
    batch: OptText = None
    produced_on: OptText = None
    expires_on: OptText = None
    serials: tuple[Text, ...] = ()


class Package(Value):
    """One parcel with one tracking number. `carrier` is our code, `carrier_name` the warehouse's
    words.
    """

    package_id: OptId = None
    carrier: OptText = None
    carrier_name: OptText = None
    service: OptText = None
    tracking_number: OptId = None
    tracking_url: OptText = None
    weight_kg: Quantity | None = None
    length_cm: Quantity | None = None
    width_cm: Quantity | None = None
    height_cm: Quantity | None = None
    lines: tuple[ShippedLine, ...] = ()


class ShortLine(Value):
    """Pieces that will not be shipped."""

    line_no: int | None = Field(default=None, ge=1)
    sku: OptId = None
    quantity: Quantity
    reason: OptText = None


class Cost(Value):
    """What the warehouse charges for it."""

    code: Text
    amount: Amount
    currency: Currency


SHARED_PARCELS = "shared_parcels"


class Shipment(Document):
    """Goods that left together (outbound confirmation). `complete`: nothing more will come for
    this order.

    `channel_order_id`, `order_number` and per-line channel ids are filled in by the hub before a
    channel or the books are told; a warehouse leaves them out.
    """

    TYPE: ClassVar[str] = "shipment"

    type: Literal["shipment"] = "shipment"
    fulfilment_order_id: Id
    warehouse_reference: OptId = None
    shipped_at: Instant
    complete: bool = True
    packages: tuple[Package, ...] = ()
    short: tuple[ShortLine, ...] = ()
    costs: tuple[Cost, ...] = ()
    order: "ShippedOrder | None" = None

    @property
    def business_id(self) -> str:
        return self.source.id

    def own_packages(self) -> list[Package]:
        """Its parcels without those that another order's shipment tells of too, which are paid
        there: where orders left as one parcel, `attributes.shared_parcels` has their places.
        """
        shared = self.attributes.get(SHARED_PARCELS)
        places = shared if isinstance(shared, list) else ()
        return [it for at, it in enumerate(self.packages, start=1) if at not in places]


class ShippedOrderLine(Value):
    """Which order line the shipped pieces belong to."""

    line_no: int
    channel_line_id: OptId = None
    sku: OptId = None
    quantity: Quantity


class ShippedOrder(Value):
    """The order behind a shipment, as a channel and the books know it. Added by the hub."""

    channel: Id
    channel_order_id: Id
    order_number: Id
    merchant: Id
    warehouse: Id
    lines: tuple[ShippedOrderLine, ...] = ()
    order_complete: bool = False


class FulfilmentStatus(Document):
    """What a warehouse says of a fulfilment order's progress."""

    TYPE: ClassVar[str] = "fulfilment_status"

    type: Literal["fulfilment_status"] = "fulfilment_status"
    fulfilment_order_id: Id
    status: WarehouseWord
    at: Instant
    operator: OptText = None
    reason: OptText = None
    message: OptText = None
    warehouse_reference: OptId = None

    @property
    def business_id(self) -> str:
        return self.fulfilment_order_id


Shipment.model_rebuild()
