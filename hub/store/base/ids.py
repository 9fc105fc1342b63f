"""Ids whose order is time: UUIDv7 (RFC 9562), and their short text form for partners."""

import os
import time
from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MILLIS, _CHANCE = (1 << 48) - 1, 0xFFF << 64 | (1 << 62) - 1
_SEVEN = 7 << 76 | 0b10 << 62
"""Version and variant: the bits of a UUIDv7 that are no time and no chance."""
_VALUE = {digit: value for value, digit in enumerate(_DIGITS)}


def new_id() -> UUID:
    """A fresh UUIDv7: 48 bits of milliseconds, then chance."""
    millis, chance = time.time_ns() // 1_000_000 & _MILLIS, int.from_bytes(os.urandom(10)) & _CHANCE
    return UUID(int=millis << 80 | chance | _SEVEN)


def new_ids(n: int) -> list[UUID]:
    """As many fresh ids at once, in rising order."""
    millis, chance = time.time_ns() // 1_000_000 & _MILLIS, os.urandom(10 * n)
    numbers = sorted(
        millis << 80 | int.from_bytes(chance[at : at + 10]) & _CHANCE | _SEVEN
        for at in range(0, 10 * n, 10)
    )
    return [UUID(int=number) for number in numbers]


def floor_id(at: datetime) -> UUID:
    """The lowest UUIDv7 of a moment: the bound of a partition."""
    return UUID(int=(int(at.timestamp() * 1000) << 80))


def span(ids: Collection[UUID]) -> dict[str, UUID]:
    """The stretch of time that ids lie in, as parameters: a statement that names it looks into no
    other partition.
    """
    return {"low": min(ids), "high": max(ids)}


def moment_of(id: UUID) -> datetime:  # noqa: A002
    """The moment inside a UUIDv7, to the millisecond: when it was made."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)


def short(prefix: str, id: UUID) -> str:  # noqa: A002
    """An id as partners see it: a letter and 26 digits of base 32."""
    number, digits = id.int, []
    for _ in range(26):
        digits.append(_DIGITS[number & 31])
        number >>= 5
    return prefix + "".join(reversed(digits))


def long(prefix: str, text: str) -> UUID | None:
    """The id behind `short`; None where the text is none of ours."""
    digits = text[len(prefix) :].upper()
    if (
        not text.startswith(prefix)
        or len(digits) != 26
        or any(digit not in _VALUE for digit in digits)
    ):
        return None
    number = 0
    for digit in digits:
        number = number << 5 | _VALUE[digit]
    return UUID(int=number) if number < 1 << 128 else None
