"""Goods in and goods on hand: notices, receipts, reports, changes, the level a channel may sell,
and what people say who take stock.
"""

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from hub.model.document import (
    Amount,
    Document,
    Id,
    Instant,
    OptId,
    OptText,
    Quantity,
    Text,
    Value,
)
from hub.model.fulfilment import Quality


def day_of(text: str | None) -> date | None:
    """A day as partners write it, with or without a time behind it; None where it is none."""
    try:
        return date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None


def batch_of(batch: str | None, expires_on: str | None) -> str | None:
    """What pieces are told apart by: their batch, else the day that they expire."""
    day = day_of(expires_on)
    return batch or (day.isoformat() if day else None)


class InboundLine(Value):
    """Pieces to expect."""

    line_no: int = Field(ge=1)
    sku: Id
    item_code: OptId = None
    quantity: Quantity
    unit_cost: Amount | None = None
    quality: Quality = "good"
    batch: OptText = None
    expires_on: OptText = None


class InboundNotice(Document):
    """What a warehouse is told to expect (ASN). The number is its merchant's own, such as that of a
    purchase order; `revision` rises with each change of it. `from_warehouse`: where the goods of a
    transfer leave.
    """

    TYPE: ClassVar[str] = "inbound_notice"

    type: Literal["inbound_notice"] = "inbound_notice"
    inbound_notice_id: Id
    kind: Literal["purchase", "transfer", "return", "other"]
    merchant: Id
    warehouse: Id
    revision: int = Field(ge=1, default=1)
    from_warehouse: OptId = None
    supplier: OptText = None
    expected_at: Instant | None = None
    lines: tuple[InboundLine, ...] = Field(min_length=1, max_length=20_000)

    @property
    def business_id(self) -> str:
        return self.inbound_notice_id


class InboundCancellation(Document):
    """That goods of an inbound notice will not come after all."""

    TYPE: ClassVar[str] = "inbound_cancellation"

    type: Literal["inbound_cancellation"] = "inbound_cancellation"
    inbound_notice_id: Id
    warehouse: Id
    warehouse_reference: OptId = None
    requested_at: Instant
    reason: OptText = None

    @property
    def business_id(self) -> str:
        return self.inbound_notice_id


class ReceivedLine(Value):
    """Pieces that came in."""

    line_no: int | None = Field(default=None, ge=1)
    sku: OptId = None
    item_code: OptId = None
    quantity: Quantity
    quality: Quality = "good"
    batch: OptText = None
    produced_on: OptText = None
    expires_on: OptText = None
    serials: tuple[Text, ...] = ()


class GoodsReceipt(Document):
    """What a warehouse really received, staged or final."""

    TYPE: ClassVar[str] = "goods_receipt"

    type: Literal["goods_receipt"] = "goods_receipt"
    inbound_notice_id: Id
    receipt_id: Id
    warehouse_reference: OptId = None
    received_at: Instant
    complete: bool = True
    lines: tuple[ReceivedLine, ...] = Field(min_length=1)

    @property
    def business_id(self) -> str:
        return self.inbound_notice_id


class ReportedLine(Value):
    """How much a warehouse says it has."""

    sku: OptId = None
    item_code: OptId = None
    quality: Quality = "good"
    on_hand: Quantity
    reserved: Quantity | None = None
    batch: OptText = None
    expires_on: OptText = None


class StockReport(Document):
    """A warehouse's own count. `complete`: what is not in it is zero."""

    TYPE: ClassVar[str] = "stock_report"

    type: Literal["stock_report"] = "stock_report"
    warehouse: Id
    at: Instant
    report_id: Id
    complete: bool = False
    lines: tuple[ReportedLine, ...] = ()

    @property
    def business_id(self) -> str:
        return self.report_id


class ChangedLine(Value):
    """Pieces more (or, negative, fewer)."""

    sku: OptId = None
    item_code: OptId = None
    quality: Quality = "good"
    delta: Quantity
    batch: OptText = None


class StockChange(Document):
    """A movement that no document of ours caused."""

    TYPE: ClassVar[str] = "stock_change"

    type: Literal["stock_change"] = "stock_change"
    warehouse: Id
    at: Instant
    change_id: Id
    reason: Literal["adjustment", "stocktake", "transfer", "damage", "return", "other"]
    lines: tuple[ChangedLine, ...] = Field(min_length=1)

    @property
    def business_id(self) -> str:
        return self.change_id


class StockLevel(Document):
    """What a channel may sell now. Only the newest `version` of a SKU matters."""

    TYPE: ClassVar[str] = "stock_level"

    type: Literal["stock_level"] = "stock_level"
    sku: Id
    channel: Id
    available: Quantity
    at: Instant
    version: int = Field(ge=0)

    @property
    def business_id(self) -> str:
        return self.sku


MOST_LINES = 20_000


class StocktakeOpening(Value):
    """What is to be counted: all that a merchant has in a warehouse, or these SKUs. `blind`: who
    counts does not see what is expected.
    """

    merchant: Id
    warehouse: Id
    skus: tuple[Id, ...] = Field(default=(), max_length=MOST_LINES)
    blind: bool = True
    note: OptText = None


class CountedPieces(Value):
    """Pieces that lie there. `sku`: the merchant's own, or what the warehouse calls the article.
    Lines of one call that are alike are added up.
    """

    sku: Id
    counted: Quantity
    quality: Quality = "good"
    batch: OptText = None
    expires_on: date | None = None

    @field_validator("counted")
    @classmethod
    def _there(cls, given: Decimal) -> Decimal:
        if given < 0:
            raise PydanticCustomError("bad_number", "0 or more pieces are expected")
        return given

    @property
    def batch_name(self) -> str:
        """What it is told apart by; empty where it bears no batch and never expires."""
        return batch_of(self.batch, self.expires_on.isoformat() if self.expires_on else None) or ""


class Counts(Value):
    """What was counted. A line counted before is now as it is told here. `counted_at`: when, where
    that is earlier than it is told; since the stocktake was opened.
    """

    counted_at: Instant | None = None
    lines: tuple[CountedPieces, ...] = Field(min_length=1, max_length=MOST_LINES)


class Recount(Value):
    """The lines that are to be counted once more, by their numbers."""

    lines: tuple[int, ...] = Field(min_length=1, max_length=MOST_LINES)
    note: Text
