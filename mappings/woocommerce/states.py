"""WooCommerce's words -> ours. A connection may add its plug-ins' own by its code lists
(`order_states`: their status -> open, shipped, cancelled, draft; `payment_methods`).
"""

from dataclasses import dataclass

from hub.model.order import FulfilmentState, OrderState


@dataclass(frozen=True, slots=True)
class Standing:
    """What a status says of an order. `earned`: the shop takes it for paid, or for sent on trust
    where it is paid on delivery. `part_paid`: a deposit came in, the rest is owed.
    """

    state: OrderState = "open"
    fulfilment: FulfilmentState = "unfulfilled"
    earned: bool = False
    part_paid: bool = False
    refunded: bool = False


STANDING = {
    "pending": Standing(),
    "on-hold": Standing(),
    "failed": Standing(),
    "open": Standing(),
    "processing": Standing(earned=True),
    "partially-paid": Standing(earned=True, part_paid=True),
    "partial-payment": Standing(earned=True, part_paid=True),
    "completed": Standing("closed", "fulfilled", earned=True),
    "shipped": Standing("open", "fulfilled", earned=True),
    "partially-shipped": Standing("open", "partial", earned=True),
    "cancelled": Standing("cancelled"),
    "trash": Standing("cancelled"),
    "refunded": Standing("closed", refunded=True),
}
"""Status -> what it says. Any other is a plug-in's own and says no more than that it is open."""

DRAFTS = frozenset({"draft", "auto-draft", "checkout-draft"})
