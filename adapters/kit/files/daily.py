"""Reports that a partner makes of each day, and gives to whoever asks: day by day, from where the
cursor stands to the last day that is over.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from adapters.kit.files.posted import TOPIC
from adapters.kit.signature import digest
from adapters.ports import Clock, Cursor, Delivery, Listed, Listing, Page
from hub.model.errors import BadData, Ignored, TryLater
from mappings.kit.reports.bodies import bodies

_DAY = timedelta(days=1)
_LATER_S = 1800.0

Ask = Callable[[date], bytes | None]
"""The report of a day as it was fetched. None: nothing happened that day."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """A partner's days. `ready`: how long after its end a day's report is there. `oldest`: how far
    back reports are given. `patience`: how long after its end a report that is still being made is
    waited for: some partners say so for ever of a day without trades.
    """

    zone: tzinfo
    clock: Clock
    ready: timedelta
    oldest: timedelta
    patience: timedelta = timedelta(days=3)

    def last(self) -> date:
        """The last day whose report is there."""
        return (self.clock().astimezone(self.zone) - self.ready).date() - _DAY

    def begins(self, day: date) -> datetime:
        """The moment at which a day begins."""
        return datetime.combine(day, time(), self.zone)

    def days(self, since: Cursor) -> Iterator[date]:
        """From the cursor's day on; without one the last alone."""
        last = self.last()
        day = last if since.at is None else since.at.astimezone(self.zone).date()
        day = max(day, (self.clock().astimezone(self.zone) - self.oldest).date())
        while day <= last:
            yield day
            day += _DAY

    def unfinished(self, day: date) -> None:
        """TryLater where a report that is still being made is worth waiting for."""
        if self.clock() - self.begins(day + _DAY) < self.patience:
            raise TryLater(f"the report of {day} is being made", retry_after=_LATER_S)


def by_day(calendar: Calendar, ask: Ask, topic: str = TOPIC) -> Listing:
    """A page a day. Where nothing happened the cursor moves on all the same."""

    def listing(_: str, since: Cursor) -> Iterator[Page]:
        for day in calendar.days(since):
            raw = ask(day)
            changes = [] if raw is None else [of_file(topic, raw, day.isoformat())]
            yield Page(changes, Cursor(calendar.begins(day), day.isoformat()))

    return listing


def of_file(topic: str, raw: bytes, key: str) -> Listed:
    """A file that was fetched. It is known again by what is in it: who compresses it anew tells
    nothing new. TryLater where it cannot be opened.
    """
    try:
        inside = b"".join(digest(body.raw).encode() for body in bodies(raw))
    except Ignored:
        inside = b""
    except BadData as error:
        raise TryLater(f"the report of {key} came damaged: {error}") from None
    content = digest(f"{topic} {key} ".encode() + inside)
    return Listed(Delivery(topic, content, key, content), raw)
