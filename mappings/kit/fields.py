"""Types of the fields of wire models.

Each has a quick first reading, which most values pass. What does not pass is read a second time
(`Second`), with the connection's zone at hand; what is nothing then either refuses the document,
where the field decides something, or is left out with a warning (see `mending`). A field without
`Second` that may be missing decides nothing: text, references, flags that only describe.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from hub.model.document import (
    Number,
    OptId,
    read_decimal,
    read_instant,
    read_optional_id,
    show_instant,
)
from hub.model.errors import BadData
from mappings.kit import numbers, times
from mappings.kit.context import Context
from mappings.kit.words import LONGEST_NO_WORD, NO_WORDS, word

T = TypeVar("T")
MOST_PIECES = 10**9
_RATE_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Second:
    """How a value is read again, into what the first reading takes: BadData where it is nothing.
    Without `read` it is nothing.
    """

    decides: bool
    read: Callable[[Any, Context, str], Any] | None = None


@dataclass(frozen=True, slots=True)
class _First:
    """Reads what is there. For null, which stands in most fields, nothing is called."""

    read: Callable[[Any], Any]
    nullable: bool = True

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        read = core_schema.no_info_plain_validator_function(self.read)
        return core_schema.nullable_schema(read) if self.nullable else read


DECIDES = Second(decides=True)


def _wrong(code: str, message: str) -> PydanticCustomError:
    return PydanticCustomError(code, message)


# --- first readings


def _cash(value: Any) -> Decimal | None:
    usual = type(value) is str or type(value) is Number
    return _cash_of(value) if usual else None if value == "" else read_decimal(value)


@lru_cache(maxsize=10_000)  # prices, shares of them and nothing at all come again and again
def _cash_of(text: str) -> Decimal | None:
    """What is finer than amounts are, as prices that a shop divided, is rounded here already: to
    read a whole order again for it takes a fifth of the time of decoding.
    """
    if text == "":
        return None
    try:
        return read_decimal(text)
    except PydanticCustomError as error:
        try:
            return numbers.amount(text)
        except BadData:
            raise error from None


def _count(value: Any) -> Decimal:
    whole = value if isinstance(value, Number) else str(value) if type(value) is int else ""
    if len(whole) > 10 or not whole.isdigit() or int(whole) > MOST_PIECES:
        raise _wrong("bad_quantity", "a whole number of pieces, not below 0, is expected")
    return Decimal(whole)


def _whole(value: Any) -> Decimal:
    found = read_decimal(value)
    if found % 1:
        raise _wrong("bad_number", "a whole number is expected")
    return found


def _weight(value: Any) -> Decimal | None:
    found = None if value == "" else read_decimal(value)
    if found is not None and not 0 <= found <= MOST_PIECES:
        raise _wrong("bad_number", f"a measure of 0 to {MOST_PIECES} is expected")
    return found


def _rate(value: Any) -> Decimal | None:
    return _rate_of(value) if isinstance(value, str) else _rounded_rate(value)


@lru_cache(maxsize=2_000)  # the same few stand on every line
def _rate_of(text: str) -> Decimal | None:
    return None if text == "" else _rounded_rate(text)


def _rounded_rate(value: Any) -> Decimal:
    try:
        rate = Decimal(value).quantize(_RATE_STEP).normalize() + 0
    except (InvalidOperation, TypeError, ValueError):
        raise _wrong("bad_number", "a rate is expected, such as 0.19") from None
    if not rate.is_finite() or rate.adjusted() >= numbers.MOST_DIGITS:
        raise _wrong("bad_number", "a rate is expected, such as 0.19")
    return rate


def _utc(value: Any) -> datetime:
    if isinstance(value, str) and not isinstance(value, Number):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            raise _wrong("bad_time", "a time such as 2026-11-24T10:15:00 is expected") from None
        value = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return read_instant(value)


def _word(value: Any) -> str | None:
    if not isinstance(value, str):
        raise _wrong("wrong_type", "a word is expected")
    return word(value) or None


def _sku(value: Any) -> str | None:
    found = read_optional_id(value)
    if found is not None and len(found) <= LONGEST_NO_WORD and found.casefold() in NO_WORDS:
        raise _wrong("bad_id", "a SKU is not a word for nothing")
    return found


# --- second readings


def _count_again(value: Any, at: Context, path: str) -> Number:  # noqa: ARG001
    if not isinstance(value, Number):
        raise BadData("a whole number of pieces is expected", path=path, code="bad_quantity")
    return Number(str(numbers.whole(value, path=path)))


def _whole_again(value: Any, at: Context, path: str) -> Number:  # noqa: ARG001
    return Number(str(numbers.whole(value, path=path)))


def _measure_again(value: Any, at: Context, path: str) -> Number:  # noqa: ARG001
    return Number(format(numbers.measure(value, path=path), "f"))


def _moment_again(value: Any, at: Context, path: str) -> str:
    if times.says_none(value, at.zone):
        raise BadData("a time is expected", path=path, code="bad_time")
    return show_instant(times.moment(value, at.zone, path=path))


def _utc_again(value: Any, at: Context, path: str) -> str:  # noqa: ARG001
    if times.says_none(value, UTC):
        raise BadData("a time is expected", path=path, code="bad_time")
    return show_instant(times.moment(value, UTC, path=path))


Cash = Annotated[Decimal | None, _First(_cash), DECIDES]
"""An amount that decides."""
CashSeen = Annotated[Decimal | None, _First(_cash)]
"""An amount that nothing is reckoned from, or only where others are missing."""
Whole = Annotated[Decimal | None, _First(_whole), Second(decides=True, read=_whole_again)]
"""A whole number of either sign: pieces given back, money in smallest units (`Till.minor`)."""
Count = Annotated[Decimal | None, _First(_count), Second(decides=True, read=_count_again)]
CountSeen = Annotated[Decimal | None, _First(_count), Second(decides=False, read=_count_again)]
Pieces = Annotated[Decimal, _First(_count, nullable=False), Second(decides=True, read=_count_again)]
"""A quantity that must be there; 0 is one."""
Rate = Annotated[Decimal | None, _First(_rate)]
"""A rate; where it is none, the amount stands beside it."""
Measure = Annotated[Decimal | None, _First(_weight), Second(decides=False, read=_measure_again)]
Moment = Annotated[datetime | None, _First(read_instant), Second(decides=True, read=_moment_again)]
MomentSeen = Annotated[
    datetime | None, _First(read_instant), Second(decides=False, read=_moment_again)
]
Utc = Annotated[datetime | None, _First(_utc), Second(decides=True, read=_utc_again)]
"""A moment that is UTC where it names no zone; `Moment` is at the connection's place then."""
UtcSeen = Annotated[datetime | None, _First(_utc), Second(decides=False, read=_utc_again)]
Key = Annotated[OptId, DECIDES]
"""An id that decides. One that does not is `OptId`."""
Sku = Annotated[str | None, _First(_sku)]
"""An article number; one that is unusable is none."""
Word = Annotated[str | None, _First(_word), DECIDES]
"""A state or kind that decides, in small letters."""
WordSeen = Annotated[str | None, _First(_word)]
Flag = Annotated[bool | None, DECIDES]
"""Yes or no where it decides. One that does not is `bool | None`."""


def needed(told: T | None, path: str, message: str = "it is missing, and needed") -> T:
    """What nothing can be said without: BadData where it is not told."""
    if told is None:
        raise BadData(message, path=path, code="missing_field")
    return told


def _nothing_is_empty(value: Any) -> Any:
    return () if value is None or value == {} else value


def _nothing_is_none(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        value = value[0]
    return None if value in ({}, [], "") else value


Many = Annotated[tuple[T, ...], BeforeValidator(_nothing_is_empty)]
"""A list; null and `{}` are an empty one, an object alone (see `mending`) its only entry, and a
list in a list, or in an object of nothing else, is that list.
"""
Perhaps = Annotated[T | None, BeforeValidator(_nothing_is_none)]
"""A part that may be missing, which some write as `{}`, `[]` or nothing, others as a list of it."""


class Wire(BaseModel):
    """A part of a payload. Unknown fields are kept beside it for those who want them."""

    model_config = ConfigDict(frozen=True, extra="allow", arbitrary_types_allowed=True)

    @property
    def extra(self) -> dict[str, Any]:
        """What no field of the model names."""
        return self.model_extra or {}


class Part(Wire):
    """A part of which nothing is kept but what its fields name: that is quicker."""

    model_config = ConfigDict(extra="ignore")
