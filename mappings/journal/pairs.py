"""Entries of many lines as pairs of one account debited and one credited."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.model.settlement import JournalEntry, JournalLine
from mappings.journal.entries import net


@dataclass(frozen=True, slots=True)
class Pair:
    """So much of it is debited to one account and credited to another. `about`: the line that
    brings the tax code and the reference.
    """

    amount: Decimal
    debit: str
    credit: str
    about: JournalLine


def paired(entry: JournalEntry, clearing: str = "") -> list[Pair]:
    """Over the clearing account where one is given and neither side has one line only; else the
    largest debits to the largest credits. What is booked on each account is the same.
    """
    debits = [line for line in entry.lines if net(line) > 0]
    credits_ = [line for line in entry.lines if net(line) < 0]
    if clearing and min(len(debits), len(credits_)) > 1:
        return [
            *(Pair(net(line), line.account, clearing, line) for line in debits),
            *(Pair(-net(line), clearing, line.account, line) for line in credits_),
        ]
    return list(_by_largest(debits, credits_))


def _by_largest(debits: Sequence[JournalLine], credits_: Sequence[JournalLine]) -> Iterator[Pair]:
    left = deque(sorted(((net(it), it) for it in debits), key=lambda it: -it[0]))
    right = deque(sorted(((-net(it), it) for it in credits_), key=lambda it: -it[0]))
    while left and right:
        (owed, debit), (due, credit) = left.popleft(), right.popleft()
        amount = min(owed, due)
        about = credit if credit.tax_code or not debit.tax_code else debit
        if debit.account != credit.account:
            yield Pair(amount, debit.account, credit.account, about)
        if owed > amount:
            left.appendleft((owed - amount, debit))
        if due > amount:
            right.appendleft((due - amount, credit))
