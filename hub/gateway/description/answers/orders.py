"""What the Open API answers about orders, and where one would go."""

from typing import Any
from uuid import UUID

from hub.gateway.description.answers import Answer, Page, Problem, Said
from hub.gateway.description.answers.fulfilment import FulfilmentItem
from hub.gateway.description.answers.messages import MessageItem
from hub.gateway.description.answers.returns import ReturnItem
from hub.model.document import Amount, Instant
from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder


class OrderItem(SalesOrder):
    """An order, and how it stands here. `sealed`: its document does not open, and what is known
    beside it stands in. `open_incidents` and `standing_messages` (parked, or waiting to be told
    what something means) count what needs a person, whatever its status.
    """

    id: UUID
    merchant: str
    channel: str
    status: str
    hold_reasons: list[Problem]
    overrides: list[str]
    version: int
    received_at: Instant
    correlation_id: UUID
    sealed: bool
    open_incidents: int
    standing_messages: int


class OrderPage(Page[OrderItem]):
    """Orders, newest first."""


class OrderPosted(OrderItem):
    """An order that was posted, and what became of it."""

    verdict: Said


class ShipmentItem(Shipment):
    """A shipment of an order."""

    id: UUID
    received_at: Instant
    sealed: bool


class RefundSaid(Said):
    """What became of a refund that was told, and its order after it."""

    order: OrderItem


class RefundItem(Refund):
    """Money given back for an order."""

    id: UUID
    received_at: Instant
    sealed: bool


class TimelineItem(Answer):
    """One thing that happened to an order."""

    at: Instant
    event: str
    detail: dict[str, Any]
    actor: str
    message_id: UUID | None


class Decision(Answer):
    """A routing decision with its full reasoning, and whose rules in which version it was made
    under (null: the hub's own).
    """

    at: Instant
    reasoning: Any
    rules_of: str | None
    rules_version: int | None


class IncidentItem(Answer):
    """Something about an order that needs a person."""

    id: UUID
    kind: str
    sentence: str
    status: str
    opened_at: Instant


class PromisedItem(Answer):
    """Pieces that an order waits for, and when they are expected: the arrival of the inbound notice
    that covers them, after older orders are served (null: not enough is announced with a date).
    """

    sku: str
    quantity: Amount
    expected_at: Instant | None


class OrderWhole(OrderItem):
    """An order with everything that hangs on it. `promised`: what it waits for."""

    promised: list[PromisedItem]
    fulfilment_orders: list[FulfilmentItem]
    shipments: list[ShipmentItem]
    refunds: list[RefundItem]
    returns: list[ReturnItem]
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


class Measured(Answer):
    """What a plan comes to; `cost` and `km` null where they are not known."""

    parcels: int
    pieces: str
    cost: str | None
    km: float | None
    went: list[Allocation]


class Again(Answer):
    """A decision, where the goods went, and where they would have gone."""

    order_id: UUID
    order_number: str | None
    at: Instant
    rules_of: str | None
    rules_version: int | None
    changed: bool
    before: Measured
    after: Measured
    fallback: str | None
    reason: str | None
    reasoning: list[Any]


class EditedLine(Answer):
    """Pieces of a fulfilment order."""

    sku: str
    quantity: str


class EditedPart(Answer):
    """What becomes of a fulfilment order: `made`, `withdrawn` (nobody was told), `asked` (its
    warehouse may refuse) or `too_late` (it has left); `fulfilment_order` null for a new one.
    """

    outcome: str
    warehouse: str
    fulfilment_order: str | None
    lines: list[EditedLine]


class EditedTold(Answer):
    """A document that a connection is told."""

    connection: str
    kind: str
    document: str


class EditedWorth(Answer):
    """The order without what is given up, before and after. `to_credit`: what is given up by the
    edit is billed until the channel refunds it.
    """

    currency: str
    before: str
    after: str
    difference: str
    to_credit: str


class OrderEdit(Answer):
    """What an edit does, or would. `seen`: how the order looked before it, to be given back with
    what is applied; `channel_untold`: why the order's channel hears nothing, null where it does.
    """

    applied: bool
    seen: str
    status: str
    hold_reasons: list[Problem]
    warehouses: list[EditedPart]
    told: list[EditedTold]
    channel_untold: str | None
    books: EditedWorth


class DecidedAgain(Answer):
    """An order's decisions made again by other rules, the oldest first."""

    decisions: list[Again]


class Plan(Answer):
    """Where an order would go now, with the reasoning."""

    allocations: list[Allocation]
    unfilled: list[Unfilled]
    fallback: str | None
    reason: str | None
    reasoning: list[Any]


class BulkDone(Answer):
    """An order that did what was asked, or would: how it stands after it, or now."""

    id: UUID
    status: str


class BulkRefused(Answer):
    """An order that was left as it is, and why."""

    id: UUID
    code: str
    message: str


class BulkSaid(Answer):
    """What became of many orders. `left`: how many more fit, 10000 is that or more; `reasons`: how
    many were refused for which code; `parcels`: which of them leave together, where `merge` was
    asked.
    """

    action: str
    dry_run: bool
    done: list[BulkDone]
    refused: list[BulkRefused]
    reasons: dict[str, int]
    left: int
    parcels: list[list[UUID]]
    job_id: UUID | None
