"""Vendure's states -> ours. A shop may add its own: such an order is open, and no more is known."""

from dataclasses import dataclass

from hub.model.order import FulfilmentState, OrderState, PaymentState


@dataclass(frozen=True, slots=True)
class Standing:
    """What a state says of an order; of its payment only where payments are not told."""

    state: OrderState = "open"
    fulfilment: FulfilmentState = "unfulfilled"
    payment: PaymentState | None = "paid"


DRAFTS = frozenset({"created", "draft", "addingitems", "arrangingpayment"})

STANDING = {
    "paymentauthorized": Standing(payment="authorized"),
    "paymentsettled": Standing(),
    "partiallyshipped": Standing(fulfilment="partial"),
    "shipped": Standing(fulfilment="fulfilled"),
    "partiallydelivered": Standing(fulfilment="partial"),
    "delivered": Standing("closed", "fulfilled"),
    "cancelled": Standing("cancelled", payment=None),
}
OTHER = Standing(payment=None)

PAYMENTS = {"settled": "paid", "authorized": "authorized", "created": "pending"}
"""Declined, failed and cancelled ones are no payments; what a shop adds is pending."""
NO_PAYMENT = frozenset({"declined", "error", "cancelled"})
AGGREGATE = "aggregate"
"""The type of an order that was split up by sellers; theirs are orders beside it."""
SENT = frozenset({"shipped", "delivered"})
