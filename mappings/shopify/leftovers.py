"""What Shopify sends that has no canonical place: kept as attributes, without what is private
or of no use.

Kept: everything that is not listed here. Never kept: addresses of the buyer's machine, tokens,
signed links, card data.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from hub.model.document import pieces
from mappings.shopify import wire

_PRIVATE = re.compile(
    r"(^|_)(tokens?|ips?|secret|password|receipt|session|sessions|agent)(_|$)|status_url|client_details"
    r"|credit_card|payment_details|landing_site|referring_site",
    re.ASCII,
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
_MOST_DEPTH = 6


def order_attributes(order: wire.Order) -> dict[str, Any]:
    """The attributes of an order."""
    named = {
        "note_attributes": properties(order.note_attributes),
        "payment_gateways": gateways(order),
        **_rest(order.extra, _ORDER),
    }
    return {name: value for name, value in named.items() if not _is_nothing(value)}


def line_attributes(line: wire.Line, fulfilled: Decimal) -> dict[str, Any]:
    """The attributes of a line. `fulfilled_quantity`: pieces that the channel itself shows as
    sent.
    """
    service = line.fulfillment_service
    tariff = next(
        (duty.harmonized_system_code for duty in line.duties if duty.harmonized_system_code), None
    )
    named = {
        "properties": properties(line.properties),
        "fulfilment_service": None if service == "manual" else service,
        "fulfilled_quantity": pieces(fulfilled) if fulfilled else None,
        "hs_code": tariff,
        **_rest(line.extra, _LINE),
    }
    return {name: value for name, value in named.items() if not _is_nothing(value)}


def properties(value: Any) -> dict[str, Any]:
    """Custom properties, sent as a list of name and value, or (by some producers) as an object."""
    if isinstance(value, dict):
        pairs: Iterable[tuple[Any, Any]] = value.items()
    else:
        listed = value if isinstance(value, list) else []
        pairs = [(one.get("name"), one.get("value")) for one in listed if isinstance(one, dict)]
    return {str(name): _plain(told) for name, told in pairs if isinstance(name, str) and name}


def gateways(order: wire.Order) -> list[str]:
    """The payment gateways that are named, each once."""
    told = order.payment_gateway_names
    named = told if isinstance(told, list) else [order.gateway]
    return list(
        dict.fromkeys(str(one).strip() for one in named if isinstance(one, str) and one.strip())
    )


def _rest(extra: dict[str, Any], known: frozenset[str]) -> dict[str, Any]:
    return {
        name: _plain(value)
        for name, value in extra.items()
        if name not in known and _is_kept(name) and not _is_nothing(value)
    }


@lru_cache(maxsize=4096)
def _is_private(name: str) -> bool:
    return _PRIVATE.search(name) is not None


@lru_cache(maxsize=4096)
def _is_kept(name: str) -> bool:
    return not _is_private(name) and not _SUMS.fullmatch(name)


def _plain(value: Any, depth: int = 0) -> Any:
    """A tree of plain JSON types without private fields; numbers as the text they were written
    as.
    """
    if depth > _MOST_DEPTH:
        return None
    if isinstance(value, dict):
        kept = {name: one for name, one in value.items() if not _is_private(name)}
        return {str(name): _plain(one, depth + 1) for name, one in kept.items()}
    if isinstance(value, list):
        return [_plain(one, depth + 1) for one in value]
    return str(value) if isinstance(value, str) else value


def _is_nothing(value: Any) -> bool:
    return value is None or value in ("", [], {})
