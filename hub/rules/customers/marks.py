"""By what a person is known again: number on a platform, e-mail, telephone; and where he lives,
which alone proves nothing.
"""

import re
from typing import Literal, NamedTuple

from hub.model.document import Address
from hub.model.order import SalesOrder
from hub.rules.customers.phones import e164

Kind = Literal["platform", "email", "phone", "place"]
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


class Mark(NamedTuple):
    """One of them, in the form in which it is compared. It is never stored as it is."""

    kind: Kind
    text: str


def of_order(channel: str, order: SalesOrder) -> tuple[Mark, ...]:
    """What an order says of who bought, the surest first."""
    it, billed = order.customer, order.bill_to
    address = billed or order.ship_to or Address()
    number = it and it.channel_customer_id
    mail = (it and it.email) or (billed and billed.email)
    phone = (it and it.phone) or (billed and billed.phone)
    name = (it and it.name) or address.name
    named = (
        Mark("platform", f"{channel}|{number}") if number else None,
        email(mail) if mail else None,
        telephone(phone, address.country) if phone else None,
        _place(name, address),
    )
    return tuple(mark for mark in named if mark)


def email(text: str) -> Mark | None:
    """An e-mail address, whatever its case."""
    told = text.strip().lower()
    return Mark("email", told) if _EMAIL.fullmatch(told) else None


def telephone(text: str, country: str | None) -> Mark | None:
    """A telephone number, however it is written."""
    number = e164(text, country)
    return Mark("phone", number) if number else None


def _place(name: str | None, address: Address) -> Mark | None:
    if not (name and address.postal_code and address.lines):
        return None
    parts = (name, address.country or "", address.postal_code, address.lines[0])
    return Mark("place", "|".join("".join(part.split()).lower() for part in parts))
