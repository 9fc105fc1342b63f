"""What the Open API answers about stock."""

from datetime import date
from typing import Any
from uuid import UUID

from hub.gateway.description.answers import Answer, Page
from hub.model.document import Amount, Instant


class LevelItem(Answer):
    """What a warehouse has of a SKU; `available` may be promised now, `expected` is what open
    inbound notices still wait for. Quality `in_transit`: on its way here from another warehouse.
    """

    merchant: str
    warehouse: str
    sku: str
    quality: str
    on_hand: Amount
    reserved: Amount
    safety: Amount
    expiring: Amount
    available: Amount
    expected: Amount
    counted_at: Instant | None


class LevelPage(Page[LevelItem]):
    """Stock levels."""


class PromiseItem(Answer):
    """Pieces that an order holds."""

    order_id: UUID
    order_number: str
    fulfilment_order_id: str
    quantity: Amount


class IngredientItem(Answer):
    """A part of a kit: pieces that are `free` there, and how many of them one kit takes."""

    sku: str
    free: Amount
    each: Amount


class BatchItem(Answer):
    """Pieces that bear one batch; where it has no number, its `name` is the day that it expires."""

    name: str
    expires_on: date | None
    on_hand: Amount


class PartItem(Answer):
    """What adds to the number or takes from it. `of`: the warehouse or channel it is about; `more`:
    pieces of orders that are not named; `arrives_at`: when the first of what is expected comes;
    `made_of`: the parts of the kits that it adds; `batches`: those that are known of what is on
    hand.
    """

    name: str
    quantity: Amount
    of: str | None
    confirmed_at: Instant | None
    moved_at: Instant | None
    arrives_at: Instant | None
    orders: tuple[PromiseItem, ...]
    more: Amount
    made_of: tuple[IngredientItem, ...]
    batches: tuple[BatchItem, ...]


class LastTold(Answer):
    """What the channel was told last, and how that message stands."""

    available: Amount
    at: Instant | None
    message_id: UUID | None
    status: str | None


class ExplanationItem(Answer):
    """Why a channel is told so many pieces: the parts add up to `published`. `available`: what it
    may sell now.
    """

    merchant: str
    sku: str
    channel: str | None
    published: Amount
    available: Amount
    parts: tuple[PartItem, ...]
    not_fresh: tuple[str, ...]
    told: LastTold | None
    at: Instant


class KeptBackItem(Answer):
    """Pieces kept back; without a warehouse or SKU, of each."""

    warehouse: str | None
    sku: str | None
    pieces: Amount


class RulesItem(Answer):
    """A merchant's stock rules."""

    merchant: str
    safety: tuple[KeptBackItem, ...]
    shares: tuple[dict[str, Any], ...]


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
    batch: str | None
    expires_on: str | None


class EntryPage(Page[EntryItem]):
    """Movements of stock, newest first."""
