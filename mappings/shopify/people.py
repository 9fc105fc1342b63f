"""Who bought, and where it goes."""

import re

from hub.model.document import Address, built
from hub.model.errors import BadData
from hub.model.order import Customer
from mappings.shopify import wire
from mappings.shopify.values import identity, joined, reference

_address, _customer = built(Address), built(Customer)
_LOCALE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)


def customer(order: wire.Order) -> Customer | None:
    """The buyer; None for a guest of whom nothing is known."""
    buyer = order.customer or wire.Buyer()
    home = buyer.default_address
    found = _customer(
        channel_customer_id=reference(identity(buyer.id, buyer.admin_graphql_api_id)),
        name=joined(buyer.first_name, buyer.last_name),
        first_name=buyer.first_name,
        last_name=buyer.last_name,
        email=buyer.email or order.email or order.contact_email,
        phone=buyer.phone or order.phone,
        company=home.company if home else None,
        language=_language(order.customer_locale),
        accepts_marketing=_accepts_marketing(order, buyer),
    )
    known = (found.channel_customer_id, found.name, found.email, found.phone, found.company)
    return found if any(known) else None


def address(place: wire.Place | None, email: str | None, path: str) -> Address | None:
    """A postal address as given; None where every part of it is empty."""
    if place is None:
        return None
    parts = {
        "name": place.name or joined(place.first_name, place.last_name),
        "company": place.company,
        "lines": tuple(line for line in (place.address1, place.address2) if line),
        "city": place.city,
        "region": place.province,
        "region_code": place.province_code,
        "postal_code": place.zip,
        "country": _country(place, path),
        "phone": place.phone,
    }
    return _address(**parts, email=email) if any(parts.values()) else None


def _country(place: wire.Place, path: str) -> str | None:
    code = place.country_code or (place.country if len(place.country or "") == 2 else None)
    if code is None:
        return None
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        message = "a country is two letters (ISO 3166-1)"
        raise BadData(message, path=f"{path}.country_code", code="unknown_code")
    return code.upper()


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
