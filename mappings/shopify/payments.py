"""What was paid, paid back and is still owed.

`transactions` say it exactly, where they are sent (webhooks leave them out). Else the order's own
words do: `paid`, `partially_refunded` and `refunded` mean that all of it was paid at some time; a
part payment is what the current total has beyond `total_outstanding`. Paying with a gift card is
a payment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.money import add
from hub.model.order import Payment
from mappings.kit import Context
from mappings.shopify import wire
from mappings.shopify.leftovers import gateways
from mappings.shopify.money import Till, code_of
from mappings.shopify.states import payment_method

PAID_IN_FULL = frozenset({"paid", "partially_refunded", "refunded"})
MOVED = frozenset({"sale", "capture"})
LIVE = frozenset({"success", "pending"})
PAYMENT_WORDS: Mapping[tuple[str, str], str] = {
    ("sale", "success"): "paid",
    ("capture", "success"): "paid",
    ("authorization", "success"): "authorized",
}
"""(kind, status) of a transaction -> state of a payment; others that are not over are `pending`."""


@dataclass(frozen=True, slots=True)
class Balance:
    """How an order stands in money, in the shop's currency."""

    paid: Decimal
    refunded: Decimal
    outstanding: Decimal


def balance(order: wire.Order, state: str, total: Decimal, till: Till) -> Balance:
    """What was paid, refunded and is owed of `total`."""
    refunded = till.total(
        paid_back(refund, till, tax_included=bool(order.taxes_included)) for refund in order.refunds
    )
    if state == "refunded" and not refunded:
        refunded = total
    paid = _paid(order, state, total, refunded, till)
    owed = order.total_outstanding
    if state in PAID_IN_FULL:
        owed = ZERO
    elif owed is None:
        owed = max(add(total, -paid), ZERO)
    return Balance(till.tidy(paid), till.tidy(refunded), till.tidy(owed))


def _paid(order: wire.Order, state: str, total: Decimal, refunded: Decimal, till: Till) -> Decimal:
    told = [
        one for one in order.transactions or [] if one.kind in MOVED and one.status == "success"
    ]
    moved = till.total(amount for one in told if (amount := in_shop_money(one, till)) is not None)
    if moved:
        return moved
    if state in PAID_IN_FULL:
        return total
    if state != "partially_paid" or order.total_outstanding is None:
        return ZERO
    current = order.current_total_price if order.current_total_price is not None else total
    return min(max(add(current, -order.total_outstanding, refunded), ZERO), max(total, ZERO))


def paid_back(refund: wire.Refund, till: Till, *, tax_included: bool) -> Decimal:
    """What one refund gave back: its transactions; where they are in another currency or not
    sent, its parts.
    """
    told = refund_transactions(refund)
    amounts = [in_shop_money(one, till) for one in told]
    if refund.transactions is not None and None not in amounts:
        return till.total(amount for amount in amounts if amount is not None)
    return till.total(
        [goods_value(refund, till, tax_included=tax_included), shipping_value(refund, till)]
    )


def goods_value(refund: wire.Refund, till: Till, *, tax_included: bool) -> Decimal:
    """What the refunded lines are worth."""
    lines = refund.refund_line_items
    taxes = [till.of(line.total_tax, line.total_tax_set) for line in lines]
    amounts = [till.of(line.subtotal, line.subtotal_set) for line in lines]
    return till.total([*amounts, *([] if tax_included else taxes)])


def shipping_value(refund: wire.Refund, till: Till) -> Decimal:
    """What was given back of the shipping: told as an adjustment (negative), or by shipping
    line.
    """
    adjusted = [
        -till.of(one.amount, one.amount_set)
        for one in refund.order_adjustments
        if one.kind == "shipping_refund"
    ]
    by_line = [till.of(None, one.subtotal_amount_set) for one in refund.refund_shipping_lines]
    return till.total(adjusted or by_line)


def refund_transactions(refund: wire.Refund) -> list[wire.Transaction]:
    """Those that gave money back, or are about to."""
    return [
        one
        for one in refund.transactions or []
        if one.kind == "refund" and (one.status or "success") in LIVE
    ]


def in_shop_money(one: wire.Transaction, till: Till) -> Decimal | None:
    """A transaction's amount in the order's currency; None where only another currency's is
    told.
    """
    if code_of(one.amount_set) == till.currency:
        return till.of(None, one.amount_set)
    same = one.currency is None or one.currency.upper() == till.currency
    return till.tidy(one.amount) if same and one.amount is not None else None


# --- the payments one by one


def payments(
    order: wire.Order, state: str, promised: Decimal, till: Till, at: Context
) -> list[Payment]:
    """Payments made or promised. Without transactions: one, where the order names a single
    gateway.
    """
    if order.transactions is not None:
        return [_payment(one, till, at) for one in _counting(order.transactions)]
    named = gateways(order)
    if len(named) != 1:
        return []
    return [
        Payment(
            gateway=named[0],
            method=payment_method(at, named[0]),
            state="paid" if state in PAID_IN_FULL else state,
            amount=promised,
            currency=till.currency,
        )
    ]


def _counting(told: Iterable[wire.Transaction]) -> list[wire.Transaction]:
    """Sales, captures, and authorisations that were neither captured nor voided."""
    live = [one for one in told if (one.status or "success") in LIVE and one.amount is not None]
    closed = {one.parent_id for one in live if one.kind in {"capture", "void"}}
    open_ones = [one for one in live if one.kind == "authorization" and one.id not in closed]
    return [*(one for one in live if one.kind in MOVED), *open_ones]


def _payment(one: wire.Transaction, till: Till, at: Context) -> Payment:
    details = one.payment_details if isinstance(one.payment_details, dict) else {}
    card = details.get("payment_method_name") or details.get("credit_card_company")
    ours = in_shop_money(one, till)
    return Payment(
        reference=one.key,
        gateway=one.gateway,
        method=payment_method(at, one.gateway) or (card if isinstance(card, str) else None),
        state=PAYMENT_WORDS.get((one.kind or "", one.status or "success"), "pending"),
        amount=ours if ours is not None else one.amount,
        currency=till.currency if ours is not None else one.currency,
        at=one.processed_at or one.created_at,
    )
