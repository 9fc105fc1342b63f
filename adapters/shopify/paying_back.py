"""Gives money back through the shop, once: it is asked first whether it has the refund.

The refund bears our number in its note. Shops since 2026-04 drop a repeat of its key besides.
"""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from adapters.ports import Receipt
from adapters.shopify.admin import OPERATIONS, Admin
from adapters.shopify.stock import KEYED_SINCE
from hub.model.errors import OutcomeUnknown, Rejected
from hub.model.order import Refund
from mappings.kit import Context
from mappings.kit.marks import mark
from mappings.shopify.refunds import told
from mappings.shopify.values import identity

ORDER = OPERATIONS["OrderToPayBack"]
PAY_BACK = OPERATIONS["PayBack"]
PAY_BACK_KEYED = OPERATIONS["PayBackKeyed"]


def send(admin: Admin, refund: Refund, at: Context, key: str, *, notify: bool) -> Receipt:
    """Pay back, unless that was done."""
    order = _order(admin, refund)
    known = _found(order, refund)
    if known is not None:
        return known
    return create(admin, {**told.paid_back(refund, order, at), "notify": notify}, key)


def find(admin: Admin, refund: Refund) -> Receipt | None:
    """Whether the order has the refund."""
    return _found(_order(admin, refund), refund)


def create(admin: Admin, wanted: dict[str, Any], key: str) -> Receipt:
    """Make a refund, of money or of pieces alone."""
    variables: dict[str, Any] = {"input": wanted}
    if admin.version >= KEYED_SINCE:
        keyed = {**variables, "key": str(uuid5(NAMESPACE_URL, f"orderhub:{key}"))}
        made = admin.tell("refundCreate", PAY_BACK_KEYED, keyed)
    else:
        made = admin.tell("refundCreate", PAY_BACK, variables)
    number = identity(None, (made.get("refund") or {}).get("id"))
    if number is None:
        raise OutcomeUnknown("refundCreate answered without the refund")
    return Receipt(number)


def _found(order: dict[str, Any], refund: Refund) -> Receipt | None:
    ours = [it for it in order["refunds"] if mark(refund) in (it.get("note") or "")]
    return Receipt(identity(None, ours[0]["id"]) or ours[0]["id"]) if ours else None


def _order(admin: Admin, refund: Refund) -> dict[str, Any]:
    number = refund.channel_order_id
    order = admin.ask(ORDER, {"id": f"gid://shopify/Order/{number}"}).get("order")
    if not isinstance(order, dict):
        raise Rejected("the shop does not know the order", code="unknown_at_partner")
    return order
