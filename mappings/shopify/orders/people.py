"""Who bought, and where it goes: on the order, the buyer, and either's addresses."""

import re
from collections.abc import Iterator

from hub.model.document import Address
from hub.model.order import Customer
from mappings.kit import Context, existing, people
from mappings.kit.people import Person, joined
from mappings.shopify import wire
from mappings.shopify.values import identity

_LOCALE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)


def customer(order: wire.Order) -> Customer | None:
    """The buyer; None for a guest of whom nothing is known."""
    buyer = order.customer or wire.Buyer()
    home = buyer.default_address
    return people.customer(
        channel_customer_id=existing(identity(buyer.id, buyer.admin_graphql_api_id)),
        first_name=buyer.first_name,
        last_name=buyer.last_name,
        email=buyer.email or order.email or order.contact_email,
        phone=buyer.phone or order.phone,
        company=home.company if home else None,
        language=_language(order.customer_locale),
        accepts_marketing=_accepts_marketing(order, buyer),
    )


def ship_to(order: wire.Order, at: Context) -> Address | None:
    """Where it goes. The phone given for the delivery goes before the buyer's own."""
    way = next(
        (one.phone for one in order.shipping_lines if one.phone and not one.is_removed), None
    )
    return _address(order, order.shipping_address, at, "shipping_address", way)


def bill_to(order: wire.Order, at: Context) -> Address | None:
    """Who pays."""
    return _address(order, order.billing_address, at, "billing_address")


def _address(
    order: wire.Order, place: wire.Place | None, at: Context, path: str, phone: str | None = None
) -> Address | None:
    if place is None:
        return None
    return people.address(
        at,
        path=f"{path}.country_code",
        country=(place.country_code, place.country),
        language=order.customer_locale,
        lines=(place.address1, place.address2),
        stand_ins=_stand_ins(order, phone),
        name=_name(place),
        company=place.company,
        city=place.city,
        region=place.province,
        region_code=place.province_code,
        postal_code=place.zip,
        phone=place.phone,
    )


def _stand_ins(order: wire.Order, phone: str | None) -> Iterator[Person]:
    """The buyer, then whose the buyer's other addresses are."""
    buyer = order.customer or wire.Buyer()
    email = order.email or order.contact_email or buyer.email
    yield Person(None, phone or order.phone or buyer.phone, email)  # mostly that is all it takes
    yield Person(joined(buyer.first_name, buyer.last_name))
    for place in (order.billing_address, buyer.default_address, order.shipping_address):
        if place:
            yield Person(_name(place), place.phone)


def _name(place: wire.Place) -> str | None:
    return place.name or joined(place.first_name, place.last_name)


def _accepts_marketing(order: wire.Order, buyer: wire.Buyer) -> bool | None:
    consent = buyer.email_marketing_consent
    told = consent.get("state") if isinstance(consent, dict) else None
    agreed = None if told is None else told == "subscribed"
    return next(
        (
            one
            for one in (agreed, buyer.accepts_marketing, order.buyer_accepts_marketing)
            if one is not None
        ),
        None,
    )


def _language(locale: str | None) -> str | None:
    tag = (locale or "").replace("_", "-")
    return tag if _LOCALE.fullmatch(tag) else None
