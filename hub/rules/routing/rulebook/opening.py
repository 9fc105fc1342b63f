"""When a warehouse that takes no orders now takes them again."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from hub.rules.routing.rulebook.values import WEEKDAYS

_AHEAD = 400
"""Days looked ahead for one that is worked on."""


@lru_cache(maxsize=256)
def local(at: datetime, zone: str) -> datetime:
    """A moment by the clock of a zone."""
    return at.astimezone(ZoneInfo(zone))


def day_began(at: datetime, zone: str) -> datetime:
    """When the day of a moment began there."""
    return _midnight(local(at, zone).date(), zone)


def next_day(at: datetime, zone: str) -> datetime:
    """When the next day begins there."""
    return _midnight(local(at, zone).date() + timedelta(days=1), zone)


def works(day: date, days: Collection[str], holidays: Collection[date]) -> bool:
    """Whether a warehouse takes orders on a day."""
    return WEEKDAYS[day.weekday()] in days and day not in holidays


def next_working_day(
    at: datetime, zone: str, days: Collection[str], holidays: Collection[date]
) -> datetime | None:
    """When the next day begins there on which orders are taken; None where none is in sight."""
    today = local(at, zone).date()
    for ahead in range(1, _AHEAD):
        day = today + timedelta(days=ahead)
        if works(day, days, holidays):
            return _midnight(day, zone)
    return None


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
