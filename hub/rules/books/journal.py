"""Entries of the ledger as journal entries: one each, or one for all of a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from uuid import UUID

from hub.model.document import ZERO, Source
from hub.model.settlement import JournalEntry, JournalLine
from hub.rules.books.chart import Chart, their_account

HUB = "hub"
"""The source of what the hub itself says."""


@dataclass(frozen=True, slots=True)
class Line:
    """One side of a booking in the ledger."""

    account: str
    debit: Decimal
    credit: Decimal
    tax_code: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Half:
    """One's own half of an entry of the ledger: it balances by itself. `text`: what it is about."""

    entry: UUID
    merchant: str
    document: str
    currency: str
    at: datetime
    text: str
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.debit for line in self.lines), ZERO)


@dataclass(frozen=True, slots=True)
class Booking:
    """The day that something is booked on; `meant`: the one it happened on, which is closed."""

    day: date
    meant: date | None = None


def booked_on(at: datetime, zone: tzinfo, closed: date | None) -> Booking:
    """The day of a moment, or the first that is open."""
    day = at.astimezone(zone).date()
    if closed is not None and day <= closed:
        return Booking(closed + timedelta(days=1), day)
    return Booking(day)


def journal_entry(
    number: str, halves: Sequence[Half], booking: Booking, chart: Chart, zone: tzinfo
) -> JournalEntry:
    """One booking of all of these. One entry keeps its own lines; of several, those of an account,
    tax code and side are one.
    """
    first = halves[0]
    alone = len(halves) == 1
    moved = booking.meant and f" (of {booking.meant}, closed)"
    text = first.text if alone else f"{len(halves)} entries of {booking.meant or booking.day}"
    return JournalEntry(
        source=Source(connection=HUB, id=number, occurred_at=first.at),
        entry_id=number,
        date=first.at if alone and not moved else _noon(booking.day, zone),
        description=f"{text}{moved or ''}",
        document=first.document if alone else None,
        currency=first.currency,
        lines=tuple(_lines(halves, chart)),
    )


def _noon(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(12), zone).astimezone(UTC)


def _lines(halves: Sequence[Half], chart: Chart) -> Iterable[JournalLine]:
    if len(halves) == 1:
        return [_line(line, halves[0], chart) for line in halves[0].lines]
    sums: dict[tuple[str, str | None, bool], tuple[Decimal, Decimal]] = {}
    for half in halves:
        for line in half.lines:
            account, tax = _names(line, chart)
            at = account, tax, line.debit > 0
            debit, credit = sums.get(at, (ZERO, ZERO))
            sums[at] = debit + line.debit, credit + line.credit
    return [
        JournalLine(
            account=account,
            debit=debit,
            credit=credit,
            merchant=halves[0].merchant,
            tax_code=tax,
        )
        for (account, tax, _), (debit, credit) in sums.items()
    ]


def _line(line: Line, half: Half, chart: Chart) -> JournalLine:
    account, tax = _names(line, chart)
    return JournalLine(
        account=account,
        debit=line.debit,
        credit=line.credit,
        merchant=half.merchant,
        tax_code=tax,
        reference=line.reference,
    )


def _names(line: Line, chart: Chart) -> tuple[str, str | None]:
    tax = line.tax_code
    return their_account(chart, line.account), chart.taxes.get(tax, tax) if tax else None
