"""What the Open API answers about customers."""

from uuid import UUID

from hub.gateway.description.answers import Answer, Page
from hub.model.document import Amount, Instant
from hub.model.people import CustomerRecord


class CustomerItem(CustomerRecord):
    """All that is known of one person. `status`: `known`, or `erased`."""

    id: UUID
    merchant: str
    status: str


class CustomerPage(Page[CustomerItem]):
    """Customers, oldest first."""


class CustomersFound(Answer):
    """Those who are meant."""

    items: list[CustomerItem]


class Bought(Answer):
    """One of his orders. `customer_id`: of those who are one, whose it was found to be."""

    id: UUID
    customer_id: UUID
    channel: str
    order_number: str
    status: str
    placed_at: Instant
    currency: str
    grand_total: Amount


class Doubt(Answer):
    """Somebody who may be the same, and what they share."""

    customer_id: UUID
    reason: str


class CustomerWhole(CustomerItem):
    """A customer with his newest hundred orders, and who may be the same."""

    bought: list[Bought]
    doubts: list[Doubt]


class ErasedCustomer(Answer):
    """How much was emptied."""

    customer_id: UUID
    orders: int
    documents: int
    messages: int
    exchanges: int
    words: int
    answers: int


class RetentionItem(Answer):
    """How many days after their last order a merchant's customers are kept (null: for ever), and
    how many are past that.
    """

    merchant: str
    days: int | None
    past: int
