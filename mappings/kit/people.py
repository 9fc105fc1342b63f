"""Who bought, and where it goes, as channels tell it.

Carriers refuse parcels without a name or a phone: where an address lacks one, whom else the order
names stands in.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, ConfigDict

from hub.model.document import TEXT_LIMIT, Address, OptText, built
from hub.model.order import Customer
from mappings.kit.context import Context
from mappings.kit.fields import Many, Part

_address, _customer = built(Address), built(Customer)
_WHO = ("name", "first_name", "last_name", "email", "phone", "company", "tax_id")
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
    if not (name and phone and email):
        for person in stand_ins:
            name, phone, email = name or person.name, phone or person.phone, email or person.email
            if name and phone and email:
                break
        told["name"], told["phone"], told["email"] = name, phone, email
    return _address(**told)


def named(**theirs: str) -> ConfigDict:
    """The configuration of a wire model that a partner writes under names of its own."""
    return ConfigDict(alias_generator=lambda ours: theirs.get(ours, ours))


def _lines(told: Any) -> Any:
    return told.splitlines() if isinstance(told, str) else told


class Place(Part):
    """Somebody and where he lives, as a channel tells it. A partner's own model says what it calls
    these: `model_config = named(postal_code="zip")`.
    """

    name: OptText = None
    first_name: OptText = None
    middle_name: OptText = None
    last_name: OptText = None
    company: OptText = None
    lines: Annotated[Many[OptText], BeforeValidator(_lines)] = ()
    line_1: OptText = None
    line_2: OptText = None
    city: OptText = None
    region: OptText = None
    region_code: OptText = None
    postal_code: OptText = None
    country: OptText = None
    country_name: OptText = None
    phone: OptText = None
    email: OptText = None
    tax_id: OptText = None

    @property
    def is_somewhere(self) -> bool:
        """Whether anything is told but, at most, whose it is."""
        inside = (self.lines, self.line_1, self.line_2, self.city, self.postal_code, self.region)
        return any((*inside, self.country, self.country_name))

    @property
    def person(self) -> Person:
        """Whose it is."""
        name = self.name or joined(self.first_name, self.middle_name, self.last_name)
        return Person(name, self.phone, self.email)

    def customer(self, **told: Any) -> Customer | None:
        """The buyer: as `told` elsewhere, else as it stands here."""
        own = {name: getattr(self, name) for name in _WHO}
        return customer(**{**own, **{name: value for name, value in told.items() if value}})

    def address(self, at: Context, path: str, *stand_ins: Person) -> Address | None:
        """The postal address; None where it is nowhere. `path`: where its country stands."""
        if not self.is_somewhere:
            return None
        return address(
            at,
            path=path,
            country=(self.country, self.country_name),
            lines=(*self.lines, self.line_1, self.line_2),
            stand_ins=stand_ins,
            **self.person._asdict(),
            company=self.company,
            city=self.city,
            region=self.region,
            region_code=self.region_code,
            postal_code=self.postal_code,
        )
