"""A bank's account in BAI2, as banks in the United States write it. Source: Cash Management Balance
Reporting Specifications, version 2 (BAI).

An amount has no point: its currency says how many of its digits stand behind one. From the ledger
balance at the opening (010) the transactions lead to that at the closing (015), where both are
told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NoReturn

from hub.model.document import ZERO, Document
from hub.model.errors import BadData
from hub.model.money import EXPONENT
from hub.model.settlement import SettlementLine
from mappings.bank.controls import prove
from mappings.bank.entries import Entry, named
from mappings.bank.records import (
    ACCOUNT,
    ENTRY,
    GROUP,
    HEAD,
    behind_funds,
    records,
    summaries,
    whole,
)
from mappings.kit import Context, times
from mappings.kit.reports.told import Total, check, content_id, net_of, report, tidied

_OPENING, _CLOSING = "010", "015"
_CREDITS, _DEBITS = (range(100, 400), range(920, 960)), (range(400, 700), range(960, 1000))
"""Kinds of what came in and went out; those above 900 are a bank's own."""
_FEES = frozenset({"661", "698"})
"""Account analysis fee, miscellaneous fees."""
_DELETION, _TEST = "2", "4"
"""Status of a group (02)."""
_USUAL = "USD"
_DAY, _CENTURY = 6, "20"
"""Digits of a day, which some write in front of."""
_LONGEST = 14
"""Digits of an amount."""


@dataclass(slots=True)
class Account:
    """An account on one day: what is said of it, and its transactions, each with their fields."""

    group: list[str]
    head: list[str]
    entries: list[list[str]] = field(default_factory=list)


def is_one(text: str) -> bool:
    """Whether it is written so."""
    return text.lstrip().startswith(f"{HEAD},")


def told(text: str, at: Context) -> Iterator[Document]:
    """A report for each account and day that tells a transaction, or a balance at both ends."""
    rows = list(records(text))
    prove(rows)
    for account in _accounts(row.fields for row in rows):
        status = (account.group[3:4] or [""])[0].strip()
        if status == _TEST:
            at.warn("moves_nothing", "a test moves no money", path=GROUP)
            continue
        if status == _DELETION:
            message = "2 deletes what was told: book by hand what differs"
            raise BadData(message, path="02.status", code="correction")
        yield from _report(account, at)


def _accounts(rows: Iterator[list[str]]) -> Iterator[Account]:
    group: list[str] = []
    account: Account | None = None
    for row in rows:
        if row[0] in {GROUP, ACCOUNT} and account is not None:
            yield account
            account = None
        if row[0] == GROUP:
            group = row
        elif row[0] == ACCOUNT:
            account = Account(group, row)
        elif row[0] == ENTRY:
            if account is None:
                _refuse("16", "a transaction stands under no account")
            account.entries.append(row)
    if account is not None:
        yield account


def _report(account: Account, at: Context) -> Iterator[Document]:
    row = [*account.head, "", "", ""]
    currency = (row[2].strip() or (account.group[6:7] or [""])[0].strip() or _USUAL).upper()
    if currency not in EXPONENT:
        _refuse("03.currency", f"no currency is called {currency[:3]}")
    when = _moment((account.group[4:5] or [""])[0], at)
    balances = _balances(account.head, currency)
    first, last = balances.get(_OPENING), balances.get(_CLOSING)
    number = f"{when:%y%m%d}"
    entries = (_entry(it, number, currency, when, at) for it in account.entries)
    lines: list[SettlementLine] = named([it.line() for it in entries if it is not None])
    holds = first is not None and last is not None
    if not lines and not holds:
        return
    if first is not None and last is not None:
        check([Total("015", last, tidied(first + net_of(lines), currency))])
    whole = number if last is not None else f"{number}-{content_id(lines)}"
    yield report(
        at,
        "bank",
        f"{row[1].strip() or 'account'}-{whole}",
        currency,
        lines,
        period=(when, when),
        opening=first if holds and first else ZERO,
        closing=last if holds and last else ZERO,
    )


def _balances(head: Sequence[str], currency: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for kind, amount in summaries(head):
        found.setdefault(kind, _amount(amount, currency, "03.amount"))
    return found


def _entry(row: list[str], number: str, currency: str, when: datetime, at: Context) -> Entry | None:
    kind, amount = [*row, "", ""][1:3]
    sign = _sign(kind.strip())
    if sign is None or not amount.strip():
        at.warn("moves_nothing", f"a transaction of kind {kind[:3]} moves no money", path="16")
        return None
    rest = [*row[behind_funds(row, 3) :], "", "", ""]
    own, name, *text = (one.strip() for one in rest)
    return Entry(
        path="16",
        statement=f"{number}-entry",
        amount=_amount(amount.strip(), currency, "16.amount") * sign,
        currency=currency,
        at=when,
        is_fee=kind in _FEES,
        name=_number(name),
        own=_number(own),
        kind=kind or None,
        text=" ".join(" ".join(text).split()) or None,
    )


def _sign(kind: str) -> int | None:
    """1 of what came in, -1 of what went out, None of what only tells something."""
    number = int(kind) if kind.isdecimal() else 0
    if any(number in kinds for kinds in _CREDITS):
        return 1
    return -1 if any(number in kinds for kinds in _DEBITS) else None


def _number(told: str) -> str | None:
    """A reference; zeros alone stand for none."""
    return told if told.strip("0") else None


def _amount(told: str, currency: str, path: str) -> Decimal:
    amount = Decimal(whole(told, path, _LONGEST))
    return tidied(amount.scaleb(-EXPONENT[currency]), currency)


def _moment(day: str, at: Context) -> datetime:
    day = day.strip()
    if len(day) == _DAY + len(_CENTURY):
        day = day.removeprefix(_CENTURY)
    if not (day.isdecimal() and len(day) == _DAY):
        _refuse("02.as_of_date", "a day such as 260105 is expected")
    return times.moment(f"{_CENTURY}{day[:2]}-{day[2:4]}-{day[4:]}", at.zone, path="02.as_of_date")


def _refuse(path: str, message: str) -> NoReturn:
    raise BadData(message, path=path, code="bad_number")
