"""What of an order was paid as a deposit, the rest being owed.

WooCommerce's own plug-in sells the deposit: the order's `total` is it, and the rest becomes an
order of its own. Others keep the order whole, and the deposit in meta data.
"""

from decimal import Decimal

from hub.model.document import ZERO
from hub.model.errors import BadData
from mappings.kit import numbers, word
from mappings.woocommerce import wire

_YES = frozenset({"yes", "1", "true"})
_SOLD, _PAID, _AMOUNT = "_is_deposit", "_wc_deposits_deposit_paid", "_wc_deposits_deposit_amount"


def deposit_of(order: wire.Order) -> Decimal | None:
    """How much it was; None where nobody says."""
    whole = order.total or ZERO
    if any(_is(it, _SOLD) for line in order.line_items for it in line.meta_data):
        return whole
    if not any(_is(it, _PAID) for it in order.meta_data):
        return None
    told = next((it.get("value") for it in order.meta_data if it.get("key") == _AMOUNT), None)
    try:
        amount = numbers.decimal(str(told), path="meta_data")
    except BadData:
        return None
    return amount if ZERO < amount <= whole else None


def _is(entry: wire.Meta, key: str) -> bool:
    return entry.get("key") == key and word(str(entry.get("value"))) in _YES
