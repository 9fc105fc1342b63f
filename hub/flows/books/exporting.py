"""The ledger of a time as journal entries, as whoever keeps books elsewhere wants them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection as Db

from hub.flows.books.tell import half_of, half_with_lines
from hub.model.errors import BadData
from hub.model.settlement import JournalEntry
from hub.rules.books import chart, journal
from hub.rules.books.chart import Books
from hub.store.base.ids import short
from hub.store.books import ledger
from hub.store.config.snapshot import Connection

_PLAIN = Books()
MOST = 200_000
"""So many entries are exported at a time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Entries of which days: from the first up to and with the last, in a zone. `half`: whose side
    of them; `books`: under whose accounts.
    """

    first: date
    last: date
    merchant: str | None = None
    half: str = chart.MERCHANT
    books: Books = _PLAIN
    zone: tzinfo = UTC

    def span(self) -> tuple[datetime, datetime]:
        """From (included) to (excluded)."""
        since = datetime.combine(self.first, time(), self.zone)
        return since, datetime.combine(self.last + timedelta(days=1), time(), self.zone)


def wanted(
    first: date, last: date, partner: Connection | None = None, merchant: str | None = None
) -> Wanted:
    """The days of a merchant's books; behind a connection, as that is told of them."""
    if last < first:
        raise BadData("a last day that is not before the first is expected", path="to")
    if partner is None:
        return Wanted(first, last, merchant)
    half = half_of(partner)
    whose = merchant if half == chart.OPERATOR else partner.merchant
    zone = ZoneInfo(str(partner.options.get("time_zone") or "UTC"))
    return Wanted(first, last, whose, half, chart.books_of(partner.options), zone)


def entries(db: Db, it: Wanted, most: int = MOST) -> list[JournalEntry]:
    """All of them, in the order in which they happened. BadData where they are too many."""
    found = list(_entries(db, it, most + 1))
    if len(found) > most:
        message = f"at most {most} entries are exported at a time: ask for fewer days"
        raise BadData(message, path="to", code="too_large")
    return found


def _entries(db: Db, it: Wanted, most: int) -> Iterator[JournalEntry]:
    since, until = it.span()
    for booked in ledger.happened(db, since, until, it.merchant, most):
        half = half_with_lines(booked, it.half)
        if half.lines:
            booking = journal.booked_on(half.at, it.zone, None)
            charts = it.books.chart(booking.day)
            yield journal.journal_entry(short("J", booked.id), [half], booking, charts, it.zone)
