"""Values that rules are made of: when a rule holds, times of day and zones, postal codes."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from hub.model.document import DAY, Text, Value, read_day, read_instant

_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


def _begins(value: Any) -> datetime | None:
    return None if value is None else _moment(value, timedelta())


def _ends(value: Any) -> datetime | None:
    return None if value is None else _moment(value, timedelta(days=1))


def _moment(value: Any, whole_day: timedelta) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and DAY.fullmatch(value):
        day = read_day(value)
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + whole_day
    return read_instant(value)


def read_time(value: Any) -> time:
    """A time of day, hours and minutes."""
    # an unquoted 15:00 in YAML is the number 900
    if not isinstance(value, str) or not _TIME_OF_DAY.fullmatch(value):
        raise PydanticCustomError("bad_time", "a time of day written as text, such as '15:00'")
    return time.fromisoformat(value)


def _zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("unknown_code", "a time zone such as Europe/Berlin") from None
    return zone


def _plain_code(code: str) -> str:
    return code.upper().replace(" ", "")


Zone = Annotated[Text, AfterValidator(_zone)]
PostalCode = Annotated[Text, AfterValidator(_plain_code)]
Day = Annotated[date, BeforeValidator(read_day)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Dated(Value):
    """What every rule may say: how much it weighs against others of its kind (the highest first),
    and from when until when it holds. A date without a time counts whole, by UTC.
    """

    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    valid_from: Annotated[datetime | None, BeforeValidator(_begins), Field(alias="from")] = None
    valid_until: Annotated[datetime | None, BeforeValidator(_ends), Field(alias="until")] = None

    @model_validator(mode="after")
    def _holds_some_time(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise PydanticCustomError("bad_time", "`until` must be after `from`")
        return self

    def holds(self, at: datetime) -> bool:
        """Whether it counts at a moment."""
        begun = self.valid_from is None or self.valid_from <= at
        return begun and (self.valid_until is None or at < self.valid_until)


class PostalRange(Value):
    """Codes that begin with anything `first` to `last`; without `last`, with `first`."""

    first: PostalCode
    last: PostalCode | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last is not None and (len(self.last), self.last) < (len(self.first), self.first):
            raise PydanticCustomError("bad_range", "`last` must not be before `first`")
        return self

    def has(self, code: str) -> bool:
        """Whether a code (capitals, no spaces) is in it."""
        last = self.last or self.first
        return code[: len(self.first)] >= self.first and code[: len(last)] <= last
