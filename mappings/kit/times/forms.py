"""The forms in which partners write dates and times, each as what it says, not yet checked.

Year first, in digits, with any separator or 年月日, or without: `2026-3-1 8:5:9`, `20260301100509`,
`2026年3月1日`. Seconds or milliseconds since 1970. Day or month first only where it can be but one
(`25.3.2026`), or where the month has its English name (`1 Mar 2026`). Two digits are no year.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any

_LONGEST = 100
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        start=1,
    )
}
_MONTH = r"(?P<name>jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_DAYS = (
    r"(?P<y>\d{4})\s*[-/.]\s*(?P<m>\d{1,2})\s*[-/.]\s*(?P<d>\d{1,2})",
    r"(?P<y>\d{4})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号]?",
    r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)",
    r"(?P<y>\d{4})-?w(?P<week>\d\d)-?(?P<weekday>[1-7])",
    r"(?P<a>\d{1,2})\s*[-/.]\s*(?P<b>\d{1,2})\s*[-/.]\s*(?P<y>\d{4})",
    rf"(?:[a-z]{{3,9}},?\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]*{_MONTH},?[\s-]*(?P<y>\d{{4}})",
    rf"(?:[a-z]{{3,9}},?\s+)?{_MONTH}\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})",
)
_ALONE = (
    r"(?P<y>\d{4})\s*[-/.]\s*(?P<m>\d{1,2})",
    r"(?P<y>\d{4})\s*年\s*(?P<m>\d{1,2})\s*月?",
    r"(?P<y>\d{4})(?P<m>\d\d)",
    r"(?P<m>\d{1,2})\s*[-/.]\s*(?P<y>\d{4})",
    rf"{_MONTH}[\s-]*(?P<y>\d{{4}})",
)
_CLOCK = (
    r"(?:\s*[t\s,]\s*|(?<=[日号])\s*)(?P<half>上午|下午)?\s*(?P<h>\d{1,2})\s*[:时点]"
    r"(?:\s*(?P<min>\d{1,2})(?:\s*[:分]\s*(?:(?P<s>\d{1,2})(?:[.,:](?P<f>\d{1,12}))?\s*秒?)?)?)?"
    r"(?:\s*(?P<ampm>[ap]\.?m\.?))?"
)
_COMPACT = r"\s*[t\s]?\s*(?P<h>\d\d)(?P<min>\d\d)(?:(?P<s>\d\d)(?:[.,]?(?P<f>\d{1,9}))?)?"
_HOUR = r"[t\s]\s*(?P<h>\d\d)"
_GLUED = r"(?<=[-/.]\d\d)(?P<h>\d\d):(?P<min>\d\d):(?P<s>\d\d)"
_ZONE = (
    r"\s*(?:(?P<utc>z|utc|gmt)|(?:utc|gmt)?(?P<sign>[+-])(?P<zh>\d{1,2})(?::?(?P<zm>\d\d))?)"
    r"(?:\s*\[[a-z/_+-]+\]|\s*\([^()]*\))?"
)
_ABBREVIATION = r"\s+(?P<abbreviation>[a-z]{3,4})"
_C = (
    rf"[a-z]{{3}},?\s+{_MONTH}\s+(?P<d>\d{{1,2}})\s+(?P<h>\d\d):(?P<min>\d\d):(?P<s>\d\d)"
    rf"(?:\s+{_ZONE}|{_ABBREVIATION})?\s+(?P<y>\d{{4}})"
)
"""As C writes, and Java: `Sun Nov 22 10:00:00 CST 2026`."""
_FLAGS = re.IGNORECASE | re.ASCII
_WHOLE = tuple(
    re.compile(f"{day}(?:{clock})?(?:{_ZONE})?{after}", _FLAGS)
    for after in ("", f"(?:{_ABBREVIATION})")
    for day in _DAYS
    for clock in (_CLOCK, _COMPACT, _HOUR, _GLUED)
)
_WHOLE = (*_WHOLE, re.compile(_C, _FLAGS))
_MONTH_ALONE = tuple(re.compile(form, _FLAGS) for form in _ALONE)
_USUAL = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?: (?P<h>\d\d):(?P<min>\d\d):(?P<s>\d\d))?", re.ASCII
)
_SINCE_1970 = re.compile(
    r"(?:/?date\()?(?P<n>\d{10}|\d{13}|\d{16})(?:\.\d{1,9})?(?:[+-]\d{4})?(?:\)/?)?", _FLAGS
)
_SECONDS, _MILLISECONDS = 10, 13


@dataclass(frozen=True, slots=True)
class Told:
    """What a text says. Without `day` it is a month. `next_day`: it said 24:00. `abbreviation`: how
    the text calls its zone, where it names no distance: `CST` is another in China than in Texas.
    """

    year: int
    month: int
    day: int | None
    clock: time | None = None
    zone: tzinfo | None = None
    next_day: bool = False
    abbreviation: str | None = None


def told(value: Any) -> Told | None:
    """What a text says, None where it is in no form that is known or names no time of day."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    return _read(str(value))


@lru_cache(maxsize=1_000)  # one text is asked twice: whether it says anything, and what
def _read(value: str) -> Told | None:
    usual = _USUAL.fullmatch(value)
    if usual:
        return _told(usual)
    text = " ".join(unicodedata.normalize("NFKC", value).split())
    since = _SINCE_1970.fullmatch(text)
    if since:
        return _since_1970(since["n"])
    for form in _WHOLE:
        match = form.fullmatch(text)
        if match:
            return _told(match)
    for form in _MONTH_ALONE:
        match = form.fullmatch(text)
        if match:
            return Told(int(match["y"]), _month(match), None)
    return None


def _since_1970(digits: str) -> Told | None:
    seconds = int(digits[:_SECONDS])
    rest = int(digits[_SECONDS:].ljust(6, "0")[:6]) if len(digits) >= _MILLISECONDS else 0
    at = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
    return Told(at.year, at.month, at.day, at.time(), UTC)


def _told(match: re.Match[str]) -> Told | None:
    said = match.groupdict()
    day = _date(said, match)
    if day is None:
        return None
    try:
        clock, next_day = (None, False) if said["h"] is None else _clock(said)
        zone = _zone(said)
        abbreviation = None if zone else said.get("abbreviation")
        return Told(*day, clock, zone, next_day, abbreviation)
    except ValueError:
        return None


def _date(said: dict[str, Any], match: re.Match[str]) -> tuple[int, int, int] | None:
    year = int(said["y"])
    if said.get("week"):
        try:
            found = date.fromisocalendar(year, int(said["week"]), int(said["weekday"]))
        except ValueError:
            return None
        return found.year, found.month, found.day
    if said.get("a"):
        return _either_first(year, int(said["a"]), int(said["b"]))
    return year, _month(match), int(said["d"])


def _either_first(year: int, first: int, second: int) -> tuple[int, int, int] | None:
    """Day and month in an order that nobody named: only where it can be but one."""
    if first > 12 >= second or first == second:
        return year, second, first
    return (year, first, second) if second > 12 >= first else None


def _month(match: re.Match[str]) -> int:
    said = match.groupdict()
    return _MONTHS[said["name"][:3].lower()] if said.get("name") else int(said["m"])


def _clock(said: dict[str, Any]) -> tuple[time, bool]:
    """The time of day, and whether it is the next day's beginning (24:00)."""
    hour, minute, second = int(said["h"]), int(said.get("min") or 0), int(said.get("s") or 0)
    fraction = int((said.get("f") or "").ljust(6, "0")[:6])
    half = (said.get("ampm") or said.get("half") or "").lower()
    if half:
        hour = _of_half(hour, afternoon=half[0] in "p下")
    if hour == 24 and not (minute or second or fraction):
        return time(), True
    if second == 60:  # a leap second: the last microsecond before it is over
        second, fraction = 59, 999_999
    return time(hour, minute, second, fraction), False


def _of_half(hour: int, *, afternoon: bool) -> int:
    if not 0 <= hour <= 12:
        return hour
    return hour % 12 + (12 if afternoon else 0)


def _zone(said: dict[str, Any]) -> tzinfo | None:
    if said.get("utc"):
        return UTC
    if not said.get("sign"):
        return None
    away = timedelta(hours=int(said["zh"]), minutes=int(said["zm"] or 0))
    return timezone(away if said["sign"] == "+" else -away)
