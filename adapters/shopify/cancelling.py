"""Tells the shop what the hub will not ship: the whole order, or pieces of its lines.

An order of which nothing has left is cancelled; else the pieces are taken out by a refund without
money, which is how Shopify removes what was not fulfilled. Nothing is paid back and no stock is
put back: the first is for people to decide, the second is told with the levels. The refund bears
our reference in its note, by which it is found again.
"""

from adapters.ports import Receipt
from adapters.shopify import paying_back
from adapters.shopify.admin import OPERATIONS, Admin
from hub.model.errors import Rejected
from hub.model.order import OrderCancellation
from mappings.kit import Context
from mappings.shopify import outward
from mappings.shopify.values import identity

ORDER = OPERATIONS["OrderToCancel"]
CANCEL = OPERATIONS["Cancel"]


def send(
    admin: Admin, cancellation: OrderCancellation, at: Context, key: str, *, notify: bool
) -> Receipt:
    """Cancel the order or take out the pieces, unless that was done."""
    known = find(admin, cancellation, at)
    if known is not None:
        return known
    if cancellation.whole:
        admin.tell("orderCancel", CANCEL, outward.whole_cancellation(cancellation, notify=notify))
        return Receipt(cancellation.channel_order_id)
    return paying_back.create(admin, outward.order_cancellation(cancellation, at), key)


def find(admin: Admin, cancellation: OrderCancellation, _: Context) -> Receipt | None:
    """Whether the order is cancelled, or has the refund that took the pieces out."""
    number = cancellation.channel_order_id
    order = admin.ask(ORDER, {"id": f"gid://shopify/Order/{number}"}).get("order")
    if not isinstance(order, dict):
        raise Rejected("the shop does not know the order")
    if order.get("cancelledAt"):
        return Receipt(number)
    ours = [
        refund
        for refund in order["refunds"]
        if refund.get("note") == outward.cancellation_note(cancellation)
    ]
    return (
        Receipt(identity(None, ours[0]["id"]) or number)
        if ours and not cancellation.whole
        else None
    )
