"""Who bought, and where it goes."""

import re

from hub.model.document import Address
from hub.model.order import Customer
from mappings.shopify import wire
from mappings.shopify.values import identity, reference

_LOCALE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)


def customer(order: wire.Order) -> Customer | None:
    """The buyer; None for a guest of whom nothing is known."""
    buyer = order.customer or wire.Buyer()
    names = [part for part in (buyer.first_name, buyer.last_name) if part]
    home = buyer.default_address
    found = Customer(
        channel_customer_id=reference(identity(buyer.id, buyer.admin_graphql_api_id)),
        name=" ".join(names) or None,
        first_name=buyer.first_name,
        last_name=buyer.last_name,
        email=buyer.email or order.email or order.contact_email,
        phone=buyer.phone or order.phone,
        company=home.company if home else None,
        language=_language(order.customer_locale),
        accepts_marketing=_accepts_marketing(order, buyer),
    )
    known = found.model_dump(exclude={"language", "accepts_marketing"}, exclude_none=True)
    return found if known else None


def address(place: wire.Place | None, email: str | None) -> Address | None:
    """A postal address as given; None where every part of it is empty."""
    if place is None:
        return None
    names = " ".join(part for part in (place.first_name, place.last_name) if part)
    found = Address(
        name=place.name or names or None,
        company=place.company,
        lines=tuple(line for line in (place.address1, place.address2) if line),
        city=place.city,
        region=place.province,
        region_code=place.province_code,
        postal_code=place.zip,
        country=place.country_code or (place.country if len(place.country or "") == 2 else None),
        phone=place.phone,
    )
    return found.model_copy(update={"email": email}) if found != Address() else None


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
