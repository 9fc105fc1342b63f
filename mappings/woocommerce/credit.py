"""What of an order was paid with gift cards or store credit: the site's `total` is lower by it.

WooCommerce's own plug-in lists `gift_cards`; others keep theirs in meta data, each in a form of its
own. Of those nothing is believed but an entry that comes to exactly what the total lacks.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO
from hub.model.errors import BadData
from hub.model.money import add
from mappings.kit import numbers
from mappings.woocommerce import wire

_CREDIT = re.compile(
    r"gift_?cards?|gift_?certificate|store_?credit|smart_coupons_contribution|account_funds|funds_used",
    re.ASCII | re.IGNORECASE,
)
_AMOUNTS = ("amount", "value", "total")


def credits_of(order: wire.Order) -> list[Decimal]:
    """The amounts, one a card."""
    cards = [card.amount for card in order.gift_cards if card.amount]
    if cards or order.total is None:
        return cards
    lacking = add(*_parts(order), -order.total)
    if lacking <= 0:
        return []
    kept = (
        list(_amounts(entry.get("value")))
        for entry in order.meta_data
        if _CREDIT.search(entry.get("key") or "")
    )
    return next((found for found in kept if add(*found) == lacking), [])


def _parts(order: wire.Order) -> Iterator[Decimal]:
    ways = [way.total for way in order.shipping_lines] or [order.shipping_total]
    told = (*(line.total for line in order.line_items), *(fee.total for fee in order.fee_lines))
    yield from (amount for amount in (*told, *ways, order.total_tax) if amount is not None)


def _amounts(value: Any) -> Iterator[Decimal]:
    """Amounts by code, as entries that have one, or alone."""
    if isinstance(value, dict):
        named = [value[name] for name in _AMOUNTS if name in value]
        for inner in named[:1] or value.values():
            yield from _amounts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _amounts(inner)
    elif isinstance(value, str):
        try:
            yield abs(numbers.decimal(value, path="meta_data"))
        except BadData:
            yield ZERO
