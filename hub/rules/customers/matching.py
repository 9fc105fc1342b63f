"""Whose an order is: certain where a platform says so or the e-mail is the same, doubtful where
only a telephone or a home is shared. What is doubtful is proposed to a person and joins nobody.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from hub.rules.customers.marks import Kind, Mark
from hub.rules.customers.profiles import NOBODY, Profile

CERTAIN: Sequence[Kind] = ("platform", "email")


@dataclass(slots=True)
class Known:
    """Who is known, of one merchant: whose each mark is, and what is known of each."""

    owners: MutableMapping[Mark, UUID] = field(default_factory=dict)
    profiles: MutableMapping[UUID, Profile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """Whose it is; None: of somebody new. `doubts`: who may be the same, and what they share."""

    customer: UUID | None
    doubts: Mapping[UUID, str] = field(default_factory=dict)


def match(marks: Sequence[Mark], said: Profile, known: Known, own: UUID | None = None) -> Match:
    """`own`: whose the order was found to be before; it stays so."""
    owners = {mark.kind: known.owners.get(mark) for mark in marks}
    sure = [it for kind in CERTAIN if (it := owners.get(kind))]
    by_phone = owners.get("phone")
    if by_phone and not sure and _agree(said, known.profiles.get(by_phone, NOBODY)):
        sure.append(by_phone)
    whose = own or (sure[0] if sure else None)
    doubts: dict[UUID, str] = {}
    for kind, other in owners.items():  # the surest first
        if other is not None and other != whose:
            doubts.setdefault(other, kind)
    return Match(whose, doubts)


def _agree(one: Profile, other: Profile) -> bool:
    """Whether nothing speaks against two with one telephone being one: not both have an e-mail, and
    their names are not different.
    """
    if one.email and other.email:
        return False
    return not (one.name and other.name) or _plain(one.name) == _plain(other.name)


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
