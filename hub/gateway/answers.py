"""What the Open API answers, as schemas: canonical documents, and how they stand here."""

from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from hub.model.document import Amount, Instant
from hub.model.fulfilment import FulfilmentOrder, Shipment
from hub.model.order import Refund, SalesOrder
from hub.model.product import Product

T = TypeVar("T")


class Answer(BaseModel):
    """A part of an answer: exactly these fields."""

    model_config = ConfigDict(extra="forbid")


class Page(Answer, Generic[T]):
    """One page of a list; `next_cursor` is null on the last one."""

    items: list[T]
    next_cursor: str | None


class Problem(Answer):
    """One thing that is wrong: where, which code, and a sentence for a person."""

    path: str
    code: str
    message: str


class ProblemDocument(BaseModel):
    """A refusal or failure (RFC 9457, application/problem+json)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Problem]
    correlation_id: UUID


class MessageItem(Answer):
    """A message without its payload."""

    id: UUID
    direction: str
    merchant: str
    connection: str
    topic: str
    key: str
    status: str
    attempts: int
    next_attempt_at: Instant | None
    waits_for: str | None
    error: Problem | None
    received_at: Instant
    finished_at: Instant | None
    correlation_id: UUID
    order_id: UUID | None
    reference: str | None


class MessagePage(Page[MessageItem]):
    """Messages, newest first."""


class Version(Answer):
    """One edit of a message; version 1 is as received."""

    version: int
    author: str
    reason: str
    at: Instant


class Attempt(Answer):
    """One attempt to work or send a message. `exchange` only for those who may read payloads."""

    number: int
    worker: str
    started_at: Instant
    finished_at: Instant | None
    fate: str | None
    detail: str | None
    exchange: str | None


class MessageWhole(MessageItem):
    """A message with its versions and attempts."""

    payload: str | None
    payload_base64: str | None
    payload_masked: bool
    size: int
    version: int
    versions: list[Version]
    behind: int
    attempt_list: list[Attempt]


class Job(Answer):
    """Work on many rows that was asked for."""

    id: UUID
    kind: str
    status: str
    done: int
    total: int
    detail: dict[str, Any]
    created_at: Instant
    finished_at: Instant | None


class Said(Answer):
    """What became of a document that was posted."""

    status: str
    code: str | None
    message: str | None
    message_id: UUID


class Progress(Answer):
    """How far one line of a fulfilment order is."""

    line_no: int
    sku: str
    ordered: Amount
    shipped: Amount
    short: Amount


class FulfilmentItem(FulfilmentOrder):
    """A fulfilment order, and how far it is. `id` is its `fulfilment_order_id`."""

    id: str
    order_id: UUID
    status: str
    warehouse_reference: str | None
    reason: str | None
    updated_at: Instant
    progress: list[Progress]


class FulfilmentPage(Page[FulfilmentItem]):
    """Fulfilment orders, oldest first."""


class FulfilmentSaid(Said):
    """What became of a warehouse's word, and the fulfilment order after it."""

    fulfilment_order: FulfilmentItem


class OrderItem(SalesOrder):
    """An order, and how it stands here."""

    id: UUID
    merchant: str
    channel: str
    status: str
    hold_reasons: list[Problem]
    overrides: list[str]
    version: int
    received_at: Instant
    correlation_id: UUID


class OrderPage(Page[OrderItem]):
    """Orders, newest first."""


class OrderPosted(OrderItem):
    """An order that was posted, and what became of it."""

    verdict: Said


class ShipmentItem(Shipment):
    """A shipment of an order."""

    id: UUID
    received_at: Instant


class RefundItem(Refund):
    """Money given back for an order."""

    id: UUID
    received_at: Instant


class TimelineItem(Answer):
    """One thing that happened to an order."""

    at: Instant
    event: str
    detail: dict[str, Any]
    actor: str
    message_id: UUID | None


class Decision(Answer):
    """A routing decision with its full reasoning."""

    at: Instant
    reasoning: Any


class IncidentItem(Answer):
    """Something about an order that needs a person."""

    id: UUID
    kind: str
    sentence: str
    status: str
    opened_at: Instant


class OrderWhole(OrderItem):
    """An order with everything that hangs on it."""

    fulfilment_orders: list[FulfilmentItem]
    shipments: list[ShipmentItem]
    refunds: list[RefundItem]
    returns: list[Any]
    timeline: list[TimelineItem]
    routing: list[Decision]
    incidents: list[IncidentItem]
    messages: list[MessageItem]


class Allocation(Answer):
    """Pieces of a line that one warehouse would ship."""

    warehouse: str
    line_no: int
    sku: str
    quantity: Amount


class Unfilled(Answer):
    """Pieces of a line that no warehouse can ship."""

    line_no: int
    sku: str
    quantity: Amount


class Plan(Answer):
    """Where an order would go now, with the reasoning."""

    allocations: list[Allocation]
    unfilled: list[Unfilled]
    fallback: str | None
    reason: str | None
    reasoning: list[Any]


class LevelItem(Answer):
    """What a warehouse has of a SKU; `available` may be promised now."""

    merchant: str
    warehouse: str
    sku: str
    quality: str
    on_hand: Amount
    reserved: Amount
    safety: Amount
    available: Amount
    counted_at: Instant | None


class LevelPage(Page[LevelItem]):
    """Stock levels."""


class EntryItem(Answer):
    """One movement of stock."""

    id: UUID
    merchant: str
    warehouse: str
    sku: str
    quality: str
    delta: Amount
    balance_after: Amount
    reason: str
    document: str
    actor: str
    at: Instant


class EntryPage(Page[EntryItem]):
    """Movements of stock, newest first."""


class ProductItem(Product):
    """A product, and whose it is."""

    merchant: str
    updated_at: Instant


class ProductPage(Page[ProductItem]):
    """Products."""


class ConnectionItem(Answer):
    """A connection and its health; never its settings or secrets."""

    code: str
    merchant: str
    kind: str
    adapter: str
    status: str
    paused_because: str | None
    gives: list[str]
    takes: list[str]
    breaker: str
    waiting_in: int
    waiting_out: int
    parked: int
    oldest_due_at: Instant | None


class ConnectionPage(Page[ConnectionItem]):
    """Connections."""


class Tested(Answer):
    """How a harmless call to the partner went."""

    ok: bool
    code: str | None
    path: str
    message: str | None
