"""A time that is told twice: in UTC, and by the site's own clock."""

from datetime import datetime
from typing import Any

from hub.model.errors import BadData
from mappings.kit import Context, times


def told(utc: datetime | None, local: Any, at: Context, path: str) -> datetime | None:
    """The time in UTC, else by the site's clock; None, with a warning, where neither is one."""
    if utc is not None or local in (None, "") or times.says_none(local, at.zone):
        return utc
    try:
        return times.moment(local, at.zone, path=path)
    except BadData as error:
        at.warn(error.code, f"{error}; it was left out", path=path)
        return None
