"""What each form of a journal is made from, and what must come out of each of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.settlement import JournalEntry, JournalLine

Totals = dict[tuple[str, str], Decimal]
"""Account and currency -> what its debits exceed its credits by."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How the books of a merchant want it: the zone of their days, and the name that an account has
    in this form where it is not its own.
    """

    zone: tzinfo = UTC
    accounts: Mapping[str, str] = field(default_factory=dict)

    def day(self, entry: JournalEntry) -> date:
        """The day that an entry is booked on."""
        return entry.date.astimezone(self.zone).date()


def net(line: JournalLine) -> Decimal:
    """Above 0 is a debit."""
    return line.debit - line.credit


def one_sided(entry: JournalEntry) -> JournalEntry:
    """The same entry, each line on one side of it and not below 0: a debit below 0 is a credit."""
    lines = (
        line.model_copy(update={"debit": max(net(line), ZERO), "credit": max(-net(line), ZERO)})
        for line in entry.lines
    )
    return entry.model_copy(update={"lines": tuple(lines)})


def totals(entries: Iterable[JournalEntry]) -> Totals:
    """Of all accounts that anything was booked on."""
    found = Totals()
    for entry in entries:
        for line in entry.lines:
            at = line.account, entry.currency
            found[at] = found.get(at, ZERO) + net(line)
    return found
