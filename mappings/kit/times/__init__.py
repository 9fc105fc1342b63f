"""The one reader of partners' dates and times, and what their forms are: `times.forms`.

A moment is aware and in UTC; what names no zone is the connection's. A day is YYYY-MM-DD. Neither
is ever one that does not exist: BadData, code `bad_time`, where the text is none.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, NoReturn

from hub.model.errors import BadData
from mappings.kit.times.forms import Told, told

_ZEROS_OF_PHP = "-0001-11-30"
"""How PHP writes a day of zeros."""
FIRST_YEAR, LAST_YEAR = 1970, 2199
"""Moments lie in these years. Days may lie further off: some goods keep for ever."""
_NEVER = frozenset(
    {date(1, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1970, 1, 1)}
)
"""The days at which calendars of programs begin: they stand where nothing is known."""


def moment(value: Any, zone: tzinfo, *, path: str = "") -> datetime:
    """A moment, from a text that names day and time, or a day alone (its beginning)."""
    found = told(value)
    if found is None or found.day is None:
        _refuse("a time such as 2026-11-24T10:15:00Z is expected", path)
    try:
        at = _moment(found, zone)
    except (ValueError, OverflowError):
        _refuse("a time that does not exist", path)
    if not _is_here(found, zone):
        _refuse("a time such as 2026-11-24T10:15:00Z is expected", path)
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        _refuse(f"a year from {FIRST_YEAR} to {LAST_YEAR} is expected", path)
    return at


def day(value: Any, zone: tzinfo, *, month_is_last: bool = False, path: str = "") -> str:
    """A day as YYYY-MM-DD. A month alone is one only where its last day is meant."""
    found = told(value)
    if found is None or (found.day is None and not month_is_last):
        _refuse("a date such as 2026-11-24 is expected", path)
    try:
        if not _is_here(found, zone):
            _refuse("a date such as 2026-11-24 is expected", path)
        return _day(found, zone).isoformat()
    except (ValueError, OverflowError):
        _refuse("a date that does not exist", path)


def revision(changed: datetime) -> str:
    """A time of change as text of fixed width: a later one sorts behind an earlier one."""
    return changed.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def says_none(value: Any, zone: tzinfo) -> bool:
    """Whether it stands for no time at all: zeros, or the day at which a calendar begins."""
    text = str(value)
    if text.strip().startswith(_ZEROS_OF_PHP):
        return True
    if text.strip() and not text.strip("0-/.: T年月日"):
        return True
    found = told(value)
    if found is None or found.day is None:
        return False
    try:
        return _day(found, zone) in _NEVER
    except (ValueError, OverflowError):
        return False


def _is_here(found: Told, zone: tzinfo) -> bool:
    """Whether the connection's own zone is called at that time as the text calls its own: which
    other one is meant, nobody knows.
    """
    if found.abbreviation is None:
        return True
    here = _moment(found, zone).astimezone(zone).tzname() or ""
    return here.casefold() == found.abbreviation.casefold()


def _moment(found: Told, zone: tzinfo) -> datetime:
    clock, later = found.clock or time(), timedelta(days=1 if found.next_day else 0)
    at = datetime.combine(date(found.year, found.month, found.day or 0), clock)
    return (at.replace(tzinfo=found.zone or zone) + later).astimezone(UTC)


def _day(found: Told, zone: tzinfo) -> date:
    """The day that is meant. Midnight is how programs write a day alone, be it midnight as it is
    written or at the connection's own place; any other time is the day it was at that place.
    """
    if found.day is None:
        return date(found.year, found.month, monthrange(found.year, found.month)[1])
    written = date(found.year, found.month, found.day)
    if found.clock in {None, time()} and not found.next_day:
        return written
    if found.zone is None:
        return written
    return _moment(found, zone).astimezone(zone).date()


def _refuse(message: str, path: str) -> NoReturn:
    raise BadData(message, path=path, code="bad_time")
