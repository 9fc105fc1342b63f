"""What a customer bought on a channel, and what was paid back for it."""

from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from hub.model.document import (
    ZERO,
    Address,
    Amount,
    Count,
    Currency,
    Document,
    Id,
    Instant,
    Language,
    OptId,
    OptText,
    Pieces,
    Quantity,
    Text,
    Value,
)

OrderState = Literal["open", "cancelled", "closed"]
PaymentState = Literal[
    "pending", "authorized", "partially_paid", "paid", "partially_refunded", "refunded", "voided"
]
FulfilmentState = Literal["unfulfilled", "partial", "fulfilled"]


class Customer(Value):
    """Who bought. Null on the order for a guest without data. `endpoint`: where e-invoices reach
    who bought, `endpoint_scheme` its code (EAS).
    """

    channel_customer_id: OptId = None
    name: OptText = None
    first_name: OptText = None
    last_name: OptText = None
    email: OptText = None
    phone: OptText = None
    company: OptText = None
    tax_id: OptText = None
    endpoint: OptId = None
    endpoint_scheme: OptText = None
    language: Language = None
    accepts_marketing: bool | None = None


class TaxLine(Value):
    """One tax on a line; `rate` is a fraction (0.19), null where the channel does not say."""

    title: OptText = None
    rate: Amount | None = None
    amount: Amount


class OrderLine(Value):
    """One article. `discount` is positive and is all that was taken off, order discounts
    allocated included.

    `total = unit_price * quantity - discount + (0 if prices_include_tax else tax)`.
    `fulfilled_by` names who sends it where that is not us (another fulfilment service, the
    marketplace, a supplier); null: we do. `warehouse`: the only one of ours that may send it.
    `fulfilled_quantity`: pieces that the channel shows as sent, whoever sent them.
    `cancelled_here`: of the cancelled pieces, those that the hub itself gave up.
    """

    line_no: int = Field(ge=1)
    channel_line_id: OptId = None
    sku: OptId = None
    channel_product_id: OptId = None
    channel_variant_id: OptId = None
    title: OptText = None
    variant_title: OptText = None
    vendor: OptText = None
    quantity: Pieces
    cancelled_quantity: Count = ZERO
    cancelled_here: Count = ZERO
    fulfilled_quantity: Count = ZERO
    unit_price: Amount
    discount: Amount = ZERO
    tax: Amount = ZERO
    total: Amount
    tax_lines: tuple[TaxLine, ...] = ()
    requires_shipping: bool = True
    fulfilled_by: OptText = None
    warehouse: OptId = None
    gift_card: bool = False
    weight_g: Quantity | None = None
    attributes: dict[str, Any] = Field(default_factory=dict)

    @property
    def ours_to_ship(self) -> bool:
        """Whether a warehouse of ours is to send it."""
        return self.requires_shipping and (self.fulfilled_by is None or self.warehouse is not None)


class ShippingLine(Value):
    """What the customer pays for delivery; totals as for a line of quantity one."""

    code: OptText = None
    title: OptText = None
    price: Amount
    discount: Amount = ZERO
    tax: Amount = ZERO
    total: Amount
    tax_lines: tuple[TaxLine, ...] = ()


class Fee(Value):
    """Surcharge, cash on delivery, tip, duty; totals as for a line of quantity one."""

    code: OptText = None
    title: OptText = None
    amount: Amount
    tax: Amount = ZERO
    total: Amount


class Discount(Value):
    """What was granted on the order; its allocation stands in the lines."""

    code: OptText = None
    title: OptText = None
    amount: Amount


class Payment(Value):
    """Money that moved or was promised, in the words of the gateway."""

    reference: OptId = None
    gateway: OptText = None
    method: OptText = None
    state: OptText = None
    amount: Amount
    currency: Currency
    at: Instant | None = None


class Totals(Value):
    """The order's sums. `rounding` is what the channel's grand total has beyond the sum of the
    parts.
    """

    items: Amount
    discount: Amount = ZERO
    shipping: Amount = ZERO
    fees: Amount = ZERO
    tax: Amount = ZERO
    rounding: Amount = ZERO
    grand_total: Amount
    paid: Amount = ZERO
    refunded: Amount = ZERO
    outstanding: Amount = ZERO


class Presentment(Value):
    """What the customer saw, where it differs from the shop's currency."""

    currency: Currency
    grand_total: Amount


class Delivery(Value):
    """How the customer wants it."""

    method: OptText = None
    carrier: OptText = None
    pickup_point: OptText = None
    deliver_by: Instant | None = None
    instructions: OptText = None


class Risk(Value):
    """What the channel, or its payment provider, makes of the order: how likely it is a fraud.
    `reasons` are for people and name no person.
    """

    level: Literal["low", "medium", "high"]
    reasons: tuple[Text, ...] = Field(default=(), max_length=50)


class SalesOrder(Document):
    """What a customer bought on a channel."""

    TYPE: ClassVar[str] = "sales_order"

    type: Literal["sales_order"] = "sales_order"
    channel_order_id: Id
    order_number: Id
    placed_at: Instant
    updated_at: Instant | None = None
    cancelled_at: Instant | None = None
    state: OrderState = "open"
    payment_state: PaymentState = "pending"
    fulfilment_state: FulfilmentState = "unfulfilled"
    test: bool = False
    currency: Currency
    presentment: Presentment | None = None
    prices_include_tax: bool = False
    customer: Customer | None = None
    ship_to: Address | None = None
    bill_to: Address | None = None
    lines: tuple[OrderLine, ...] = Field(max_length=20_000)
    shipping: tuple[ShippingLine, ...] = ()
    fees: tuple[Fee, ...] = ()
    discounts: tuple[Discount, ...] = ()
    payments: tuple[Payment, ...] = ()
    totals: Totals
    delivery: Delivery = Delivery()
    note: OptText = None
    tags: tuple[Text, ...] = ()
    risk: Risk | None = None

    @field_validator("lines")
    @classmethod
    def _are_lines(cls, lines: tuple[OrderLine, ...]) -> tuple[OrderLine, ...]:
        """At least one, and no line told twice in two ways."""
        if not lines:
            raise PydanticCustomError("no_lines", "an order has at least one line")
        seen: dict[str | int, OrderLine] = {}
        for line in lines:
            for key in (line.line_no, line.channel_line_id):
                known = line if key is None else seen.setdefault(key, line)
                if known is not line and known != line:
                    message = "the same line is told twice in two ways"
                    raise PydanticCustomError("conflicting_lines", message)
        return lines

    @property
    def business_id(self) -> str:
        return self.channel_order_id


class CancelledLine(Value):
    """Pieces of an order line that will not be shipped."""

    line_no: int = Field(ge=1)
    channel_line_id: OptId = None
    sku: OptId = None
    quantity: Pieces


class OrderCancellation(Document):
    """What of an order will not be shipped, by our own decision. `whole`: nothing of it ever was,
    the order is cancelled. No money is given back by it.
    """

    TYPE: ClassVar[str] = "order_cancellation"

    type: Literal["order_cancellation"] = "order_cancellation"
    channel_order_id: Id
    order_number: Id
    whole: bool
    lines: tuple[CancelledLine, ...] = Field(min_length=1, max_length=20_000)

    @property
    def business_id(self) -> str:
        return self.source.id


class RefundLine(Value):
    """Pieces given back. `restock` says whether the channel counts them as sellable again."""

    channel_line_id: OptId = None
    sku: OptId = None
    quantity: Count
    amount: Amount
    tax: Amount = ZERO
    restock: bool = False


class RefundPayment(Value):
    """Money paid back."""

    reference: OptId = None
    gateway: OptText = None
    amount: Amount


class Refund(Document):
    """Money given back for an order, with or without goods; `tax` is the tax in `amount`, the
    amounts of lines include theirs where the order's prices do.

    `worked_out`: the channel tells no money in the order's currency, `amount` follows from what
    the refund is made of or a rate; the hub keeps it within what was paid. `tax_unsettled`: tax
    that `amount` does not hold; the hub adds it where the order's prices are without tax.
    """

    TYPE: ClassVar[str] = "refund"

    type: Literal["refund"] = "refund"
    refund_id: Id
    channel_order_id: Id
    created_at: Instant
    currency: Currency
    amount: Amount
    worked_out: bool = False
    tax_unsettled: Amount = ZERO
    shipping_amount: Amount = ZERO
    tax: Amount = ZERO
    reason: OptText = None
    restock: bool = False
    lines: tuple[RefundLine, ...] = ()
    payments: tuple[RefundPayment, ...] = ()

    @property
    def business_id(self) -> str:
        return self.refund_id
