"""Whose a parcel is that nobody announced: by its tracking number, the order on it, or the last
digits of the sender's phone.
"""

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Open(Generic[T]):
    """A return that waits for goods, as parcels may name it."""

    key: T
    tracking: str | None = None
    orders: frozenset[str] = frozenset()
    phone: bytes | None = None
    skus: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Parcel:
    """What stands on a parcel, and what is in it."""

    tracking: str | None = None
    order: str | None = None
    phone: bytes | None = None
    skus: frozenset[str] = frozenset()


def owner(parcel: Parcel, awaited: Sequence[Open[T]]) -> T | None:
    """The one return that a parcel is of: the surest sign that fits exactly one. A phone's last
    digits are shared by many: they count only where all articles fit as well.
    """
    by_tracking = [it for it in awaited if parcel.tracking and it.tracking == parcel.tracking]
    by_order = [it for it in awaited if parcel.order is not None and parcel.order in it.orders]
    by_phone = [
        it
        for it in awaited
        if parcel.phone is not None and it.phone == parcel.phone and parcel.skus <= it.skus
    ]
    for signs in (by_tracking, by_order, by_phone):
        match = _one(signs, parcel)
        if match is not None:
            return match.key
    return None


def _one(found: Sequence[Open[T]], parcel: Parcel) -> Open[T] | None:
    fitting = found if len(found) == 1 else [it for it in found if parcel.skus <= it.skus]
    return fitting[0] if len(fitting) == 1 else None


def plain(number: str | None) -> str | None:
    """A parcel's number without what people write between its digits and letters."""
    return re.sub(r"[^0-9A-Za-z]", "", number).upper() or None if number else None


def tail(phones: Iterable[str | None]) -> str | None:
    """The last digits of the first phone number that has so many."""
    for phone in phones:
        digits = re.sub(r"\D", "", phone or "")
        if len(digits) >= _DIGITS:
            return digits[-_DIGITS:]
    return None
