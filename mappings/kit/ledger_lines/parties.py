"""Who bought and where it goes: a customer of the books under a code of ours, and addresses."""

from hashlib import sha256
from typing import TypedDict

from hub.model.document import Address
from hub.model.fulfilment import FulfilmentOrder
from hub.model.order import Customer, SalesOrder

GUEST = "Guest"


class PartyAddress(TypedDict):
    """An address in the fields that books have; country and region by code."""

    party_name: str
    street: str
    postal_code: str
    city: str
    country: str
    region: str
    region_code: str


class Party(TypedDict):
    """A party; `code` is how it is found again."""

    code: str
    name: str
    email: str
    phone: str
    tax_id: str


NOWHERE = PartyAddress(
    party_name="", street="", postal_code="", city="", country="", region="", region_code=""
)


def party(order: SalesOrder) -> Party:
    """The customer as a party. Without a name of its own it takes the addressee's."""
    customer = order.customer or Customer()
    at = order.bill_to or order.ship_to or Address()
    given = " ".join(filter(None, (customer.first_name, customer.last_name)))
    names = (customer.company, at.company, customer.name, given, at.name)
    return Party(
        code=_party_code(order),
        name=next(filter(None, names), GUEST),
        email=customer.email or at.email or "",
        phone=customer.phone or at.phone or "",
        tax_id=customer.tax_id or "",
    )


def recipient(document: FulfilmentOrder, warehouse: str) -> Party:
    """Whom a warehouse sends goods to. The e-mail address decides who is the same, else the order
    stands alone.
    """
    at = document.ship_to or Address()
    email = at.email or ""
    who = f"email:{email.casefold()}" if email else f"order:{document.channel_order_id}"
    return Party(
        code=_coded(warehouse, who),
        name=at.company or at.name or GUEST,
        email=email,
        phone=at.phone or "",
        tax_id="",
    )


def party_prefix(connection: str) -> str:
    """What the codes of a connection's parties begin with."""
    return f"OH-{connection}-"


def _party_code(order: SalesOrder) -> str:
    """The same customer of a channel, the same code.

    The channel's customer id decides, else the e-mail address, else the order stands alone.
    """
    customer = order.customer or Customer()
    if customer.channel_customer_id:
        who = f"id:{customer.channel_customer_id}"
    elif customer.email:
        who = f"email:{customer.email.casefold()}"
    else:
        who = f"order:{order.channel_order_id}"
    return _coded(order.source.connection, who)


def _coded(connection: str, who: str) -> str:
    """`OH-<connection>-<digest>`: no name is in it."""
    digest = sha256(f"{connection}|{who}".encode()).hexdigest()[:20]
    return f"{party_prefix(connection)}{digest}"


def address(given: Address | None) -> PartyAddress:
    """An address in these fields; a district stands above the city's line in the street."""
    if given is None:
        return NOWHERE
    return PartyAddress(
        party_name=" / ".join(filter(None, (given.company, given.name))),
        street="\n".join((*given.lines, *filter(None, (given.district,)))),
        postal_code=given.postal_code or "",
        city=given.city or "",
        country=given.country or "",
        region=given.region or given.region_code or "",
        region_code=given.region_code or "",
    )
