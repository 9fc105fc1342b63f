"""What the Open API answers about fulfilment orders."""

from uuid import UUID

from hub.gateway.description.answers import Answer, Page, Said
from hub.model.document import Amount, Instant
from hub.model.fulfilment import FulfilmentOrder


class Progress(Answer):
    """How far one line of a fulfilment order is."""

    line_no: int
    sku: str
    ordered: Amount
    shipped: Amount
    short: Amount


class MergedWith(Answer):
    """Another fulfilment order that leaves in the same parcel."""

    fulfilment_order: str
    order_id: UUID
    order_number: str


class FulfilmentItem(FulfilmentOrder):
    """A fulfilment order, and how far it is. `id` is its `fulfilment_order_id`. `sealed`: its
    document does not open, and what is known beside it stands in. `merged_with` leaves in the same
    parcel; the warehouse knows all of it by the number of the one that the others are `merged_into`
    and sees that one alone, with the lines of all.
    """

    id: str
    order_id: UUID
    status: str
    warehouse_reference: str | None
    reason: str | None
    updated_at: Instant
    progress: list[Progress]
    merged_into: str | None
    merged_with: list[MergedWith]
    sealed: bool


class FulfilmentPage(Page[FulfilmentItem]):
    """Fulfilment orders, oldest first."""


class FulfilmentSaid(Said):
    """What became of a warehouse's word, and the fulfilment order after it."""

    fulfilment_order: FulfilmentItem
