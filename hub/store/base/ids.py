"""Ids whose order is time: UUIDv7 (RFC 9562), and their short text form for partners."""

import os
import time
from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MILLIS, _CHANCE, _LOW = (1 << 48) - 1, (1 << 74) - 1, (1 << 62) - 1
_SEVEN = 7 << 76 | 0b10 << 62
"""Version and variant: the bits of a UUIDv7 that are no time and no chance."""
_STEP, _LITTLE = 5, (1 << 40) - 1
"""Bytes of chance by which an id of the same millisecond is above the one before."""
_VALUE = {digit: value for value, digit in enumerate(_DIGITS)}
_last = 0


def new_id() -> UUID:
    """A fresh UUIDv7: 48 bits of milliseconds, then chance. Those of one thread rise."""
    global _last  # noqa: PLW0603  # two threads that read the same go on by different chances
    _last = number = _above(_last, int.from_bytes(os.urandom(10)))
    return _uuid(number)


def new_ids(n: int) -> list[UUID]:
    """As many fresh ids at once, in rising order."""
    global _last  # noqa: PLW0603  # as above
    chance = os.urandom(10 + _STEP * n)
    number, ids = _above(_last, int.from_bytes(chance[:10])), []
    for at in range(10, len(chance), _STEP):
        number += 1 + int.from_bytes(chance[at : at + _STEP])
        ids.append(_uuid(number))
    _last = number
    return ids


def _above(last: int, chance: int) -> int:
    millis = time.time_ns() // 1_000_000 & _MILLIS
    number = millis << 74 | chance & _CHANCE
    if number <= last and last >> 74 == millis:
        number = last + 1 + (chance & _LITTLE)
    return number


def _uuid(number: int) -> UUID:
    return UUID(int=number >> 74 << 80 | (number >> 62 & 0xFFF) << 64 | number & _LOW | _SEVEN)


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
