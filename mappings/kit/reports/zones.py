"""Zones by the letters that reports of payment providers put behind a time, or in a column."""

import re
from datetime import timedelta, timezone, tzinfo

from hub.model.errors import BadData
from mappings.kit.context import zone

# fmt: off
HOURS = {
    "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
    "MSK": 3, "GST": 4, "SGT": 8, "HKT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13, "BRT": -3, "BRST": -2, "ART": -3, "EDT": -4, "EST": -5, "CDT": -5,
    "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8, "AKST": -9, "AKDT": -8, "HST": -10,
}
# fmt: on
"""In hours from UTC."""
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2}):?([0-5]\d)?", re.ASCII | re.IGNORECASE)
"""GMT+01:00, as programs write a zone that they have no letters for."""
_FURTHEST = 14
_GLUED = re.compile(r"(:\d\d)([A-Z]{3,4})$", re.ASCII)
"""A zone right behind the seconds, as Amazon writes it in Japan."""


def clock_and_zone(told: str) -> tuple[str, tzinfo | None]:
    """A time without the letters of its zone, and that zone, where it ends with any we know."""
    clock, _, word = _GLUED.sub(r"\1 \2", told).rpartition(" ")
    known = ":" in clock and word.upper() != "CST"  # that is China's to some, America's to others
    hours = HOURS.get(word.upper()) if known else None
    return (told, None) if hours is None else (clock, timezone(timedelta(hours=hours)))


def zone_of(told: str | None, usual: tzinfo, path: str = "") -> tzinfo:
    """A zone by its letters or its name; `usual` where none is told. BadData where there is none of
    that name.
    """
    if told is None:
        return usual
    if told.upper() in HOURS:
        return timezone(timedelta(hours=HOURS[told.upper()]))
    offset = _OFFSET.fullmatch(told)
    if offset is not None and int(offset[2]) <= _FURTHEST:
        away = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(away if offset[1] == "+" else -away)
    try:
        return zone(told)
    except BadData as error:
        raise BadData(str(error), path=path, code=error.code) from None
