"""What a plain-text journal says, whoever wrote it, and our own entries in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from pydantic import ValidationError

from hub.model.document import ZERO, read_instant
from hub.model.errors import BadData
from hub.model.plain import bad_data
from hub.model.settlement import JournalEntry, JournalLine
from mappings.kit import Context

EVENT = "event"
"""The name under which the number of an entry of ours stands."""


@dataclass(frozen=True, slots=True)
class Weight:
    """An amount of one currency or commodity."""

    number: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Posting:
    """`weight`: what it counts where a transaction is balanced; its amount, but for what was bought
    or changed at a price. None where it is left to be reckoned, or cannot be.
    """

    account: str
    amount: Weight | None = None
    weight: Weight | None = None
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Booked:
    """One transaction. `line` counts from 1."""

    line: int
    day: date
    text: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)
    postings: tuple[Posting, ...] = ()

    def sums(self) -> dict[str, Decimal]:
        """By currency, all that is said; empty where a posting is left to balance it."""
        if any(it.weight is None for it in self.postings):
            return {}
        found: dict[str, Decimal] = {}
        for weight in (it.weight for it in self.postings if it.weight):
            found[weight.currency] = found.get(weight.currency, ZERO) + weight.number
        return found


def entries(booked: Iterable[Booked], at: Context) -> list[JournalEntry]:
    """Those that bear a number of ours, as they were before they were written."""
    return [_entry(one, at) for one in booked if EVENT in one.meta]


def _entry(one: Booked, at: Context) -> JournalEntry:
    where = f"line {one.line}"
    if any(it.amount is None for it in one.postings) or not one.postings:
        raise BadData("an amount on each account is expected", path=where)
    currencies = {it.amount.currency for it in one.postings if it.amount}
    if len(currencies) != 1:
        raise BadData("one currency is expected", path=where)
    told = one.meta.get("at")
    try:
        return JournalEntry(
            source=at.source(one.meta[EVENT]),
            entry_id=one.meta[EVENT],
            date=read_instant(told) if told else datetime(*one.day.timetuple()[:3], tzinfo=UTC),
            description=one.text or None,
            document=one.meta.get("document"),
            currency=currencies.pop(),
            lines=tuple(_line(it) for it in one.postings),
        )
    except ValidationError as error:
        raise bad_data(error) from None


def _line(posting: Posting) -> JournalLine:
    number = posting.amount.number if posting.amount else ZERO
    return JournalLine(
        account=posting.meta.get("account", posting.account),
        debit=max(number, ZERO),
        credit=max(-number, ZERO),
        merchant=posting.meta.get("merchant"),
        tax_code=posting.meta.get("tax"),
        reference=posting.meta.get("reference"),
    )


def described(entry: JournalEntry, moment: str) -> dict[str, str]:
    """What is said of an entry beside its day, text and amounts."""
    told = {EVENT: entry.entry_id, "at": moment, "document": entry.document}
    return {name: value for name, value in told.items() if value}


def beside(line: JournalLine, shown: str) -> dict[str, str]:
    """What is said of a line beside account and amount."""
    told = {
        "account": None if shown == line.account else line.account,
        "merchant": line.merchant,
        "tax": line.tax_code,
        "reference": line.reference,
    }
    return {name: value for name, value in told.items() if value}
