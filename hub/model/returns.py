"""Goods that come back."""

from typing import ClassVar, Literal

from pydantic import Field

from hub.model.document import (
    ZERO,
    Amount,
    Count,
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

ReturnKind = Literal["refund", "exchange", "resend", "repair"]
"""What the customer gets: money, other goods, the same goods anew, the goods mended."""
ReturnCause = Literal["customer", "returned_to_sender", "refused_at_door", "lost"]
"""Why goods are not with the customer: sent back, or never arrived there."""
SentBack = Literal["own_parcel", "label", "pick_up", "in_store"]
ReturnQuality = Literal["good", "second", "defective", "missing", "wrong_article", "uninspected"]
"""What a piece that came back turned out to be. `uninspected`: it is there, nobody looked."""
ReturnState = Literal[
    "requested",
    "approved",
    "rejected",
    "awaiting_goods",
    "received",
    "inspected",
    "confirmed",
    "refunded",
    "exchanged",
    "closed",
    "cancelled",
]


class Disposition(Value):
    """What became of pieces of a line."""

    quality: ReturnQuality
    quantity: Count


class ReturnLine(Value):
    """Pieces that the customer sends back. The hub fills `line_no`, the order's line
    (`order_line_no`) and what came of it so far (`dispositions`). Where a kit was sent as its
    parts, the warehouse is told the parts, each with the SKU of its `kit`; `sku` may name one of
    them, that alone comes back.
    """

    line_no: int | None = Field(default=None, ge=1)
    order_line_no: int | None = Field(default=None, ge=1)
    channel_line_id: OptId = None
    sku: OptId = None
    kit: OptId = None
    quantity: Pieces
    reason: OptText = None
    note: OptText = None
    images: tuple[Text, ...] = Field(default=(), max_length=50)
    dispositions: tuple[Disposition, ...] = ()


class ExchangeLine(Value):
    """Pieces that the customer gets instead."""

    sku: Id
    quantity: Pieces
    unit_price: Amount | None = None


class RefundPlan(Value):
    """The money of a return, as it is decided so far. `lines` is what its pieces are worth,
    `restocking_fee` is kept back, `goodwill` is given without goods; `amount` is their sum.
    """

    amount: Amount
    currency: Currency
    lines: Amount = ZERO
    shipping: Amount = ZERO
    goodwill: Amount = ZERO
    restocking_fee: Amount = ZERO


class Return(Document):
    """Goods coming back, approved under a number (RMA).

    A channel that knows no number of ours tells its own id as `return_id` and as
    `channel_return_id`; the hub gives it a number. `warehouse`: who shall take it. `images` are
    links. `refund` and `exchange_order_id` are what the hub made of it, told outward.
    """

    TYPE: ClassVar[str] = "return"

    type: Literal["return"] = "return"
    return_id: Id
    channel_return_id: OptId = None
    channel_order_id: Id
    merchant: OptId = None
    kind: ReturnKind = "refund"
    cause: ReturnCause = "customer"
    status: ReturnState = "requested"
    reason: OptText = None
    customer_note: OptText = None
    images: tuple[Text, ...] = Field(default=(), max_length=50)
    requested_at: Instant
    sent_back: SentBack | None = None
    label_url: OptText = None
    warehouse: OptId = None
    carrier: OptText = None
    tracking_number: OptId = None
    lines: tuple[ReturnLine, ...] = Field(min_length=1, max_length=20_000)
    exchange_lines: tuple[ExchangeLine, ...] = Field(default=(), max_length=20_000)
    exchange_order_id: OptId = None
    refund: RefundPlan | None = None

    @property
    def business_id(self) -> str:
        return self.return_id


class ReturnReceiptLine(Value):
    """Pieces that came back and what they look like."""

    sku: Id
    line_no: int | None = Field(default=None, ge=1)
    quantity: Quantity
    quality: ReturnQuality = "good"
    grade: OptText = None
    inspector_note: OptText = None
    images: tuple[Text, ...] = ()
    batch: OptText = None
    serials: tuple[Text, ...] = ()


class ReturnReceipt(Document):
    """What a warehouse received of a return. Of a parcel that nobody announced, whatever stands on
    it: the order, the last digits of the sender's phone (`phone_tail`), its tracking number.
    """

    TYPE: ClassVar[str] = "return_receipt"

    type: Literal["return_receipt"] = "return_receipt"
    return_id: OptId = None
    receipt_id: Id
    warehouse: Id
    channel_order_id: OptId = None
    order_number: OptId = None
    phone_tail: OptText = Field(default=None, max_length=20)
    received_at: Instant
    carrier: OptText = None
    tracking_number: OptId = None
    lines: tuple[ReturnReceiptLine, ...] = Field(min_length=1)

    @property
    def business_id(self) -> str:
        return self.return_id or self.receipt_id
