"""Who bought, and where it goes. A guest is who stands in the billing address.

A state is sent as its code where WooCommerce knows the country's states, else as its name.
"""

from hub.model.document import TEXT_LIMIT, Address
from hub.model.order import Customer
from mappings.kit import Context, existing, people
from mappings.kit.people import Person, joined
from mappings.woocommerce import wire

_VAT_NUMBERS = frozenset(
    {"_billing_vat", "billing_vat", "_vat_number", "vat_number", "_billing_eu_vat_number",
     "_billing_vat_number", "billing_vat_number", "_billing_tax_id"}
)  # fmt: skip
"""Where tax plug-ins keep the buyer's VAT number."""


def customer(order: wire.Order) -> Customer | None:
    """The buyer; None where nothing is known of one."""
    place = order.billing or wire.Place()
    return people.customer(
        channel_customer_id=existing(order.customer_id),
        first_name=place.first_name,
        last_name=place.last_name,
        email=place.email,
        phone=place.phone,
        company=place.company,
        tax_id=_vat_number(order),
    )


def ship_to(order: wire.Order, at: Context) -> Address | None:
    """Where it goes: the billing address where nothing else is told of what is shipped."""
    return _postal(order.shipping, order, at, "shipping") or (
        bill_to(order, at) if order.shipping_lines or order.shipping_total else None
    )


def bill_to(order: wire.Order, at: Context) -> Address | None:
    """Who pays."""
    return _postal(order.billing, order, at, "billing")


def is_empty(place: wire.Place | None) -> bool:
    """Whether nothing of an address is filled in but, at most, whose it is."""
    return place is None or not any(
        (place.address_1, place.address_2, place.city, place.postcode, place.country, place.state)
    )


def _postal(place: wire.Place | None, order: wire.Order, at: Context, path: str) -> Address | None:
    if place is None or is_empty(place):
        return None
    buyer = order.billing or wire.Place()
    return people.address(
        at,
        path=f"{path}.country",
        country=(place.country,),
        lines=(place.address_1, place.address_2),
        stand_ins=(_person(buyer),),
        name=_person(place).name,
        company=place.company,
        city=place.city,
        region=place.state,
        postal_code=place.postcode,
        phone=place.phone,
        email=place.email,
    )


def _person(place: wire.Place) -> Person:
    return Person(joined(place.first_name, place.last_name), place.phone, place.email)


def _vat_number(order: wire.Order) -> str | None:
    numbers = (
        entry.value
        for entry in order.meta_data
        if entry.key in _VAT_NUMBERS and isinstance(entry.value, str) and entry.value.strip()
    )
    return next((number.strip()[:TEXT_LIMIT] for number in numbers), None)
