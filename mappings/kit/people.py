"""Who bought, and where it goes, as channels tell it.

Carriers refuse parcels without a name or a phone: where an address lacks one, whom else the order
names stands in.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from hub.model.document import TEXT_LIMIT, Address, built
from hub.model.order import Customer
from mappings.kit.context import Context

_address, _customer = built(Address), built(Customer)
_REGION_CODE = re.compile(r"[A-Z0-9]{1,3}(-[A-Z0-9]{1,6})?", re.ASCII)


class Person(NamedTuple):
    """Somebody whom an order names beside an address, as far as is told."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None


def joined(*names: str | None) -> str | None:
    """Names as one text."""
    text = " ".join([name for name in names if name])
    return text[:TEXT_LIMIT] or None


def customer(**told: Any) -> Customer | None:
    """The buyer, by the fields of `Customer`; None for a guest of whom nothing is known."""
    told["name"] = told.get("name") or joined(told.get("first_name"), told.get("last_name"))
    buyer = _customer(**told)
    known = (buyer.channel_customer_id, buyer.name, buyer.email, buyer.phone, buyer.company)
    return buyer if any(known) else None


def address(
    at: Context,
    *,
    path: str,
    country: Sequence[str | None],
    lines: Iterable[str | None],
    language: str | None = None,
    stand_ins: Iterable[Person] = (),
    **parts: str | None,
) -> Address | None:
    """A postal address; None where every part of it is empty.

    `country`: its code and names, `path`: where it stands, `language`: in which it may be named.
    `stand_ins`: who may stand in for a name, phone or e-mail that is missing, the first first.
    `parts`: fields of `Address`; a region that is written as a code is its code.
    """
    told: dict[str, Any] = parts
    told["lines"] = tuple([line for line in lines if line])
    told["country"] = at.country(*country, path=path, language=language)
    if not any(told.values()):
        return None
    region = told.get("region")
    if region and not told.get("region_code") and _REGION_CODE.fullmatch(region):
        told["region"], told["region_code"] = None, region
    name, phone, email = told.get("name"), told.get("phone"), told.get("email")
    for person in stand_ins:
        name, phone, email = name or person.name, phone or person.phone, email or person.email
        if name and phone and email:
            break
    told["name"], told["phone"], told["email"] = name, phone, email
    return _address(**told)
