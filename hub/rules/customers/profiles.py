"""What is known of a person: the newest that any channel said, part by part."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from hub.model.document import Address, Instant, Language, OptText, Text, Value
from hub.model.order import SalesOrder

_MOST_ADDRESSES = 5
_WHOLE = ("name", "first_name", "last_name", "email", "phone", "company", "tax_id", "language")


class Profile(Value):
    """As it is sealed. `as_of`: when the newest of it was said."""

    name: OptText = None
    first_name: OptText = None
    last_name: OptText = None
    email: OptText = None
    phone: OptText = None
    company: OptText = None
    tax_id: OptText = None
    language: Language = None
    addresses: tuple[Address, ...] = ()
    channel_refs: tuple[Text, ...] = ()
    as_of: Instant | None = None


NOBODY = Profile()


def of_order(channel: str, order: SalesOrder) -> Profile:
    """What one order says of who bought."""
    it = order.customer
    places = [place for place in (order.bill_to, order.ship_to) if place]
    first = places[0] if places else Address()
    parts = {name: getattr(it, name, None) for name in _WHOLE}
    parts["name"] = parts["name"] or first.name
    parts["email"] = parts["email"] or (order.bill_to and order.bill_to.email)
    parts["phone"] = parts["phone"] or (order.bill_to and order.bill_to.phone)
    number = it and it.channel_customer_id
    return Profile(
        **parts,
        addresses=tuple(dict.fromkeys(places)),
        channel_refs=(f"{channel}:{number}",) if number else (),
        as_of=order.placed_at,
    )


def together(several: Iterable[Profile]) -> Profile:
    """One of many: of each part the newest that says it; names go together."""
    newest_first = sorted(several, key=_when, reverse=True)
    parts: dict[str, Any] = {name: _first(newest_first, name) for name in _WHOLE}
    named = next((profile for profile in newest_first if profile.name or profile.last_name), None)
    if named is not None:
        parts |= {it: getattr(named, it) for it in ("name", "first_name", "last_name")}
    places = dict.fromkeys(place for profile in newest_first for place in profile.addresses)
    refs = sorted({ref for profile in newest_first for ref in profile.channel_refs})
    return Profile(
        **parts,
        addresses=tuple(places)[:_MOST_ADDRESSES],
        channel_refs=tuple(refs),
        as_of=newest_first[0].as_of if newest_first else None,
    )


def _when(one: Profile) -> float:
    return one.as_of.timestamp() if isinstance(one.as_of, datetime) else 0.0


def _first(several: Sequence[Profile], name: str) -> Any:
    return next((told for one in several if (told := getattr(one, name))), None)
