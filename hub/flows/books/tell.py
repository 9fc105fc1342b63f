"""Tell the books of the ledger: each entry once, one by one or summed by day.

A pass beside the flows that book. What a connection is to hear of is kept first, with its day; it
is told when it is due. What is of a day that is closed is booked on the first open one, and says
so.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from hub.flows.telling import BOOKS
from hub.flows.unit import Unit
from hub.model.document import ZERO
from hub.model.merchant import OPERATOR
from hub.model.settlement import JournalEntry
from hub.rules.books import chart, journal
from hub.rules.books.journal import Half, Line
from hub.store.base.ids import new_id, short
from hub.store.books import locks, told
from hub.store.config.snapshot import Connection
from hub.store.messages.outbox import Telling
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.settlement import entries
from hub.store.settlement.entries import Booked

MARGIN_S = 2.0
"""The clocks of processes differ by no more."""
MOST = 500
CLOSED_PERIOD = "books_closed"
"""The incident of something that came for a day that is closed."""


def tell(unit: Unit, *, margin_s: float = MARGIN_S, most: int = MOST) -> bool:
    """Tell all books what is next. False: there is nothing more to tell now."""
    partners = [it for it in unit.directory.connections.values() if hears(it)]
    if not partners or not told.lock(unit.db):
        return False
    until = told.horizon(unit.db, margin_s)
    closed = locks.closed(unit.db)
    more = [_tell(unit, partner, until, closed, most) for partner in partners]
    return any(more)


def hears(partner: Connection) -> bool:
    """Whether there are books behind a connection that take entries."""
    return partner.kind in BOOKS and JournalEntry.TYPE in partner.takes


def half_of(partner: Connection) -> str:
    """Whose half of an entry the books behind a connection have."""
    return chart.OPERATOR if partner.merchant == OPERATOR else chart.MERCHANT


def _tell(
    unit: Unit, partner: Connection, until: UUID, closed: list[locks.Closed], most: int
) -> bool:
    books, zone = chart.books_of(partner.options), _zone(partner)
    took = _take(unit, partner, books, zone, until, most)
    today = unit.at.astimezone(zone).date()
    before = today if books.each == "day" else date.max
    due = told.due(unit.db, partner.code, before, most)
    if due:
        _write(unit, partner, books, zone, due, closed)
    return took or len(due) == most


def _take(
    unit: Unit, partner: Connection, books: chart.Books, zone: ZoneInfo, until: UUID, most: int
) -> bool:
    """Keep the next entries that these books are to hear of."""
    whose = None if partner.merchant == OPERATOR else partner.merchant
    after = told.after(unit.db, partner.code)
    ledger = entries.between(unit.db, after=after, until=until, merchant=whose, most=most)
    if not ledger:
        return False
    taken = []
    for booked in ledger:
        entry, half = booked.entry, half_of(partner)
        day = entry.at.astimezone(zone).date()
        if _own(booked, half) and str(day) >= (books.since or ""):
            taken.append(
                told.Taken(partner.code, booked.id, entry.merchant, half, day, entry.currency)
            )
    told.take(unit.db, taken)
    told.came_to(unit.db, partner.code, ledger[-1].id)
    return len(ledger) == most


def _write(
    unit: Unit,
    partner: Connection,
    books: chart.Books,
    zone: ZoneInfo,
    due: Sequence[told.Taken],
    closed: list[locks.Closed],
) -> None:
    """Hold what is due in the outbox, and keep which entries it was."""
    booked = {it.id: it for it in entries.load(unit.db, [it.entry for it in due])}
    tellings, kept, moved = list[Telling](), list[told.Told](), list[Incident]()
    for group in _groups(due, books):
        merchant = group[0].merchant
        halves = [half_with_lines(booked[it.entry], it.half) for it in group]
        until = locks.of(closed, merchant, partner.code)
        booking = journal.booked_on(halves[0].at, zone, until)
        number = short("J", new_id())
        document = journal.journal_entry(number, halves, booking, books.chart(booking.day), zone)
        tellings.append(_telling(partner, document, booked[group[0].entry], merchant))
        total = sum((half.total for half in halves), ZERO)
        kept.append(
            told.Told(
                partner.code,
                number,
                merchant,
                booking.day,
                booking.meant,
                document.currency,
                total,
                [it.entry for it in group],
                UUID(int=0),
            )
        )
        if booking.meant:
            moved.append(_moved(partner, merchant, booking))
    messages = unit.tell(tellings)
    told.tell(unit.db, [_sent(it, id_) for it, id_ in zip(kept, messages, strict=True)])
    incidents.open_new(unit.db, list({it.subject: it for it in moved}.values()))


def _groups(due: Sequence[told.Taken], books: chart.Books) -> Iterator[list[told.Taken]]:
    if books.each == "entry":
        yield from ([it] for it in due)
        return
    days: dict[tuple[date, str, str], list[told.Taken]] = defaultdict(list)
    for it in due:
        days[it.day, it.merchant, it.currency].append(it)
    yield from days.values()


def _own(booked: Booked, half: str) -> list[Line]:
    return [
        Line(line.account, line.debit, line.credit, line.tax_code, line.reference)
        for line in booked.entry.lines
        if line.account.startswith(f"{half}.")
    ]


def half_with_lines(booked: Booked, half: str) -> Half:
    """One's own half of an entry; without lines where there is none."""
    entry = booked.entry
    about = entry.detail.get("order") or entry.document
    return Half(
        entry=booked.id,
        merchant=entry.merchant,
        document=entry.document,
        currency=entry.currency,
        at=entry.at,
        text=f"{entry.reason} {about}",
        lines=tuple(_own(booked, half)),
    )


def _telling(partner: Connection, document: JournalEntry, first: Booked, merchant: str) -> Telling:
    return Telling(
        document=document,
        connection=partner.code,
        merchant=merchant,
        shards=partner.shards,
        key=document.entry_id,
        revision="1",
        correlation_id=first.id,
        cause_id=first.entry.message_id,
        order_id=first.entry.order_id if document.document else None,
    )


def _sent(it: told.Told, message: UUID) -> told.Told:
    return told.Told(
        it.connection, it.number, it.merchant, it.day, it.meant, it.currency, it.total, it.entries,
        message,
    )  # fmt: skip


def _moved(partner: Connection, merchant: str, booking: journal.Booking) -> Incident:
    sentence = (
        f"The books of {partner.code} are closed for {booking.meant}: what came for that day is"
        f" booked on {booking.day}."
    )
    detail = {"what": partner.code, "day": str(booking.meant), "on": str(booking.day)}
    return Incident(
        merchant, CLOSED_PERIOD, f"{partner.code}:{booking.meant}", sentence, detail=detail
    )


def _zone(partner: Connection) -> ZoneInfo:
    return ZoneInfo(str(partner.options.get("time_zone") or "UTC"))


__all__ = ["CLOSED_PERIOD", "half_of", "half_with_lines", "hears", "tell"]
