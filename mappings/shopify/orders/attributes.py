"""What Shopify sends that has no canonical place: kept as attributes, without what is private
or of no use.

Kept: everything that is not listed here. Never kept: addresses of the buyer's machine, tokens,
signed links, card data.
"""

import re
from functools import lru_cache
from typing import Any

from hub.model.document import TEXT_LIMIT
from mappings.kit.attributes import kept, plain, private, properties, told
from mappings.shopify import wire

_is_private = private(
    "receipt",
    within="status_url|client_details|credit_card|payment_details|landing_site|referring_site",
)
_SUMS = re.compile(r"(total|current|original)_.*|.*_(set|price|prices|usd)", re.ASCII)
# fmt: off
_ORDER = frozenset({
    "app_id", "checkout_id", "confirmed", "contact_email", "device_id", "estimated_taxes",
    "merchant_business_entity_id", "merchant_of_record_app_id", "processing_method", "user_id",
    "reference", "source", "source_url", "closed", "fulfillment_orders", "merchant_editable",
})
_LINE = frozenset({
    "applied_discount", "attributed_staffs", "destination_location", "fulfillment_status",
    "origin_location", "product_exists", "tip_payment_method", "variant_inventory_management",
})
# fmt: on


def order_attributes(order: wire.Order) -> dict[str, Any]:
    """The attributes of an order."""
    named = {
        "note_attributes": _properties(order.note_attributes),
        "payment_gateways": gateways(order),
        **_rest(order.extra, _ORDER),
    }
    return told(named)


def line_attributes(line: wire.Line) -> dict[str, Any]:
    """The attributes of a line."""
    tariffs = [one.harmonized_system_code for one in line.duties if one.harmonized_system_code]
    named = {
        "properties": _properties(line.properties),
        "hs_code": tariffs[0] if tariffs else None,
        **_rest(line.extra, _LINE),
    }
    return told(named)


def _properties(value: Any) -> dict[str, Any]:
    return {name: plain(inner, _is_private) for name, inner in properties(value)}


def gateways(order: wire.Order) -> list[str]:
    """The payment gateways that are named, each once."""
    names = order.payment_gateway_names
    named = names if isinstance(names, list) else [order.gateway]
    return list(
        dict.fromkeys(
            str(one).strip()[:TEXT_LIMIT] for one in named if isinstance(one, str) and one.strip()
        )
    )


def _rest(extra: dict[str, Any], known: frozenset[str]) -> dict[str, Any]:
    named = [
        (name, it)
        for name, it in extra.items()
        if it is not None and name not in known and not _is_sum(name)  # half of them are null
    ]
    return kept(named, _is_private)


@lru_cache(maxsize=4096)
def _is_sum(name: str) -> bool:
    return _SUMS.fullmatch(name) is not None
