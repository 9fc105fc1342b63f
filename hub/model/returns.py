"""Goods that come back."""

from typing import ClassVar, Literal

from pydantic import Field

from hub.model.document import (
    Amount,
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
from hub.model.fulfilment import Quality

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


class ReturnLine(Value):
    """Pieces that the customer sends back."""

    channel_line_id: OptId = None
    sku: OptId = None
    quantity: Pieces
    reason: OptText = None


class ExchangeLine(Value):
    """Pieces that the customer gets instead."""

    sku: Id
    quantity: Pieces
    unit_price: Amount | None = None


class Return(Document):
    """Goods coming back, approved under a number (RMA)."""

    TYPE: ClassVar[str] = "return"

    type: Literal["return"] = "return"
    return_id: Id
    channel_return_id: OptId = None
    channel_order_id: Id
    kind: Literal["refund", "exchange"] = "refund"
    status: ReturnState = "requested"
    reason: OptText = None
    customer_note: OptText = None
    requested_at: Instant
    carrier: OptText = None
    tracking_number: OptId = None
    lines: tuple[ReturnLine, ...] = Field(min_length=1)
    exchange_lines: tuple[ExchangeLine, ...] = ()

    @property
    def business_id(self) -> str:
        return self.return_id


class ReturnReceiptLine(Value):
    """Pieces that came back and what they look like."""

    sku: Id
    quantity: Quantity
    quality: Quality = "good"
    grade: OptText = None
    inspector_note: OptText = None
    images: tuple[Text, ...] = ()
    batch: OptText = None
    serials: tuple[Text, ...] = ()


class ReturnReceipt(Document):
    """What a warehouse received of a return."""

    TYPE: ClassVar[str] = "return_receipt"

    type: Literal["return_receipt"] = "return_receipt"
    return_id: Id
    receipt_id: Id
    warehouse: Id
    received_at: Instant
    carrier: OptText = None
    tracking_number: OptId = None
    lines: tuple[ReturnReceiptLine, ...] = Field(min_length=1)

    @property
    def business_id(self) -> str:
        return self.return_id
