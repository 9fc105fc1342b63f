"""Who bought, and where it goes. A guest is who stands in the billing address.

A state is sent as its code where WooCommerce knows the country's states, else as its name.
"""

from hub.model.document import TEXT_LIMIT, Address
from hub.model.order import Customer
from mappings.kit import Context, existing
from mappings.woocommerce import wire

_VAT_NUMBERS = frozenset(
    {"_billing_vat", "billing_vat", "_vat_number", "vat_number", "_billing_eu_vat_number",
     "_billing_vat_number", "billing_vat_number", "_billing_tax_id"}
)  # fmt: skip
"""Where tax plug-ins keep the buyer's VAT number."""
_NOWHERE = wire.Place()


def customer(order: wire.Order) -> Customer | None:
    """The buyer; None where nothing is known of one."""
    place = order.billing or _NOWHERE
    return place.customer(
        channel_customer_id=existing(order.customer_id), tax_id=_vat_number(order)
    )


def ship_to(order: wire.Order, at: Context) -> Address | None:
    """Where it goes: the billing address where nothing else is told of what is shipped."""
    return _postal(order.shipping, order, at, "shipping") or (
        bill_to(order, at) if order.shipping_lines or order.shipping_total else None
    )


def bill_to(order: wire.Order, at: Context) -> Address | None:
    """Who pays."""
    return _postal(order.billing, order, at, "billing")


def _postal(place: wire.Place | None, order: wire.Order, at: Context, path: str) -> Address | None:
    buyer = order.billing or _NOWHERE
    return place.address(at, f"{path}.country", buyer.person) if place else None


def _vat_number(order: wire.Order) -> str | None:
    told = (it.get("value") for it in order.meta_data if it.get("key") in _VAT_NUMBERS)
    numbers = (one.strip() for one in told if isinstance(one, str))
    return next((number[:TEXT_LIMIT] for number in numbers if number), None)
