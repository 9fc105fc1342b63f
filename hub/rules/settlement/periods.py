"""Periods of statements: days, weeks from Monday, months; in UTC."""

from datetime import UTC, datetime, timedelta


def period_of(cadence: str, at: datetime) -> tuple[datetime, datetime]:
    """The period that a moment lies in: from (included) to (excluded)."""
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if cadence == "day":
        return day, day + timedelta(days=1)
    if cadence == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)
