"""What was paid, paid back and is still owed.

`transactions` say it exactly, where they are sent (webhooks leave them out). Else the order's own
words do; a part payment is what the current total has beyond `total_outstanding`. Paying with a
gift card is a payment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from hub.model.document import TEXT_LIMIT, ZERO
from hub.model.money import add
from mappings.kit import Context
from mappings.kit.orders import ChannelPayment
from mappings.shopify import wire
from mappings.shopify.money import Till
from mappings.shopify.orders.attributes import gateways
from mappings.shopify.refunds.worth import LIVE, in_shop_money, worth
from mappings.shopify.states import payment_method

MOVED = frozenset({"sale", "capture"})
PAYMENT_WORDS: Mapping[tuple[str, str], str] = {
    ("sale", "success"): "paid",
    ("capture", "success"): "paid",
    ("authorization", "success"): "authorized",
}
"""(kind, status) of a transaction -> state of a payment; others that are not over are `pending`."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Money of an order that moved, in the shop's currency; None where nobody says."""

    paid: Decimal | None
    refunded: Decimal
    is_worked_out: bool
    """Whether what went back follows from a rate or from parts."""
    outstanding: Decimal | None


def moved(order: wire.Order, state: str | None, total: Decimal | None, till: Till) -> Moved:
    """What was paid, refunded and is owed of `total`."""
    included, both = bool(order.taxes_included), order.total_price_set
    gone = [worth(one, till, tax_included=included, total_set=both) for one in order.refunds]
    refunded = till.total(one.amount for one in gone)
    return Moved(
        paid=_paid(order, state, total, refunded, till),
        refunded=refunded,
        is_worked_out=any(one.worked_out for one in gone),
        outstanding=order.total_outstanding,
    )


def _paid(
    order: wire.Order, state: str | None, total: Decimal | None, refunded: Decimal, till: Till
) -> Decimal | None:
    told = [
        one for one in order.transactions or [] if one.kind in MOVED and one.status == "success"
    ]
    paid = till.total(amount for one in told if (amount := in_shop_money(one, till)) is not None)
    if paid:
        return paid
    current = order.current_total_price if order.current_total_price is not None else total
    if state != "partially_paid" or order.total_outstanding is None or current is None:
        return None
    paid = max(add(current, -order.total_outstanding, refunded), ZERO)
    return paid if total is None else min(paid, max(total, ZERO))


# --- the payments one by one


def payments(order: wire.Order, till: Till, at: Context) -> list[ChannelPayment]:
    """Payments made or promised. Without transactions: one, where the order names a single
    gateway.
    """
    if order.transactions is not None:
        return [_payment(one, till, at) for one in _counting(order.transactions)]
    named = gateways(order)
    if len(named) != 1:
        return []
    return [ChannelPayment(gateway=named[0], method=payment_method(at, named[0]))]


def _counting(told: Iterable[wire.Transaction]) -> list[wire.Transaction]:
    """Sales, captures, and authorisations that were neither captured nor voided."""
    live = [one for one in told if (one.status or "success") in LIVE and one.amount is not None]
    closed = {one.parent_id for one in live if one.kind in {"capture", "void"}}
    open_ones = [one for one in live if one.kind == "authorization" and one.id not in closed]
    return [*(one for one in live if one.kind in MOVED), *open_ones]


def _payment(one: wire.Transaction, till: Till, at: Context) -> ChannelPayment:
    details = one.payment_details if isinstance(one.payment_details, dict) else {}
    card = details.get("payment_method_name") or details.get("credit_card_company")
    ours = in_shop_money(one, till)
    return ChannelPayment(
        reference=one.key,
        gateway=one.gateway,
        method=payment_method(at, one.gateway)
        or (card[:TEXT_LIMIT] if isinstance(card, str) else None),
        state=PAYMENT_WORDS.get((one.kind or "", one.status or "success"), "pending"),
        amount=ours if ours is not None else one.amount,
        currency=till.currency if ours is not None else one.currency,
        at=one.processed_at or one.created_at,
    )
