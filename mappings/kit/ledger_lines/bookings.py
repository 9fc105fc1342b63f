"""A journal entry as books take it: debits and credits by account, equal."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypedDict

from hub.model.settlement import JournalEntry, JournalLine
from mappings.kit.context import Context


class Side(NamedTuple):
    """One line: either a debit or a credit, never below zero."""

    account: str
    debit: Decimal
    credit: Decimal
    text: str
    path: str


class Booking(TypedDict):
    """An entry; `reference` is how it is found again, `sum` what each side comes to."""

    reference: str
    date: date
    currency: str
    text: str
    document: str
    lines: list[Side]
    sum: Decimal


def booking(entry: JournalEntry, _: Context) -> Booking:
    """The entry. What is below zero stands on the other side; lines of nothing are left out."""
    lines = [_side(line, number) for number, line in enumerate(entry.lines)]
    lines = [line for line in lines if line.debit or line.credit]
    return Booking(
        reference=f"{entry.source.connection}/entry/{entry.entry_id}",
        date=entry.date.date(),
        currency=entry.currency,
        text=entry.description or entry.document or entry.entry_id,
        document=entry.document or "",
        lines=lines,
        sum=sum((line.debit for line in lines), Decimal(0)),
    )


def _side(line: JournalLine, number: int) -> Side:
    net = line.debit - line.credit
    text = " ".join(filter(None, (line.reference, line.merchant, line.tax_code)))
    return Side(line.account, max(net, Decimal(0)), max(-net, Decimal(0)), text, f"lines.{number}")
