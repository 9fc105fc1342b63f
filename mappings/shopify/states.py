"""Shopify's words for states and payment methods -> ours. A connection may override them by
its code lists.
"""

from collections.abc import Mapping

from mappings.kit import Context, word

# fmt: off
PAYMENT_STATES = {
    "pending": "pending", "unpaid": "pending", "authorized": "authorized",
    "partially_paid": "partially_paid", "paid": "paid",
    "partially_refunded": "partially_refunded", "refunded": "refunded",
    "voided": "voided", "expired": "voided",
}
FULFILMENT_STATES = {
    "fulfilled": "fulfilled", "partial": "partial", "partially_fulfilled": "partial",
    "unfulfilled": "unfulfilled", "unshipped": "unfulfilled", "pending": "unfulfilled",
    "restocked": "unfulfilled", "open": "unfulfilled", "in_progress": "unfulfilled",
    "on_hold": "unfulfilled", "scheduled": "unfulfilled", "pending_fulfillment": "unfulfilled",
    "request_declined": "unfulfilled",
}
PAYMENT_METHODS = {
    "cash on delivery (cod)": "cash_on_delivery", "cash on delivery": "cash_on_delivery",
    "cash_on_delivery": "cash_on_delivery", "cod": "cash_on_delivery",
    "bank deposit": "bank_transfer", "bank_deposit": "bank_transfer",
    "money order": "money_order", "gift_card": "gift_card", "cash": "cash",
    "shopify_payments": "card", "paypal": "paypal", "shopify_store_credit": "store_credit",
}
PRODUCT_STATES = {
    "active": "active", "unlisted": "active", "draft": "draft", "archived": "archived",
}
# fmt: on


def state(at: Context, codes: str, known: Mapping[str, str], theirs: str, *, path: str) -> str:
    """Our word for a state. UnknownCode where neither the connection's list nor ours has it."""
    found = at.ours_or_none(codes, theirs) or known.get(word(theirs))
    return found if found is not None else at.ours(codes, theirs, path=path)


def payment_method(at: Context, gateway: str | None) -> str | None:
    """The method that a gateway stands for, None where we cannot say."""
    own = at.ours_or_none("payment_methods", gateway)
    return own or PAYMENT_METHODS.get(word(gateway or ""))
