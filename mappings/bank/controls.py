"""What the trailers of a BAI2 file say of it: an account (49) adds up all its amounts as they are
printed, and counts its records; a group (98) adds up its accounts, the file (99) its groups.
Source: Cash Management Balance Reporting Specifications, version 2 (BAI).

What a trailer leaves out says nothing. Other versions have controls of their own, such as NAI in
Australia: they are not proven.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from mappings.bank.records import ACCOUNT, ENDS, ENTRY, GROUP, HEAD, Record, summaries, whole
from mappings.kit.reports.told import Total, check

_LEVELS = {HEAD: 0, GROUP: 1, ACCOUNT: 2}
_COUNTED = {HEAD: ("groups", "records"), GROUP: ("accounts", "records"), ACCOUNT: ("records",)}
"""What the trailer of each counts."""
_VERSION = "2"


@dataclass(slots=True)
class _Part:
    """A file, a group or an account, as far as it was read."""

    code: str
    total: int = 0
    details: int = 0
    parts: int = 0
    records: int = 0


def prove(told: Iterable[Record]) -> None:
    """BadData that names each control that its file does not come to."""
    check(_wrong(told))


def _wrong(told: Iterable[Record]) -> Iterator[Total]:
    is_known = False
    open_: list[_Part] = []
    for record in told:
        if record.code == HEAD:
            is_known = [*record.fields, *[""] * 9][8].strip().lstrip("0") == _VERSION
        began = ENDS.get(record.code, record.code)
        if began in _LEVELS:
            _close(open_, _LEVELS[began] + (record.code in ENDS))
        if record.code in _LEVELS:
            open_.append(_Part(record.code))
        if not open_:
            continue
        part = open_[-1]
        part.records += record.count
        _add(part, record)
        if is_known and record.code in ENDS and part.code == began:
            yield from _proven(part, record)


def _close(open_: list[_Part], level: int) -> None:
    """Ends what lies as deep, or deeper: it is a part of what lies above."""
    while open_ and _LEVELS[open_[-1].code] >= level:
        part = open_.pop()
        if open_:
            open_[-1].total += part.total + part.details
            open_[-1].parts += 1
            open_[-1].records += part.records


def _add(part: _Part, record: Record) -> None:
    if record.code == ACCOUNT:
        part.total += sum(whole(amount, "03.amount") for _, amount in summaries(record.fields))
    elif record.code == ENTRY:
        amount = [*record.fields, "", ""][2].strip()
        part.details += whole(amount, "16.amount") if amount else 0


def _proven(part: _Part, record: Record) -> Iterator[Total]:
    """Its total, and its counts. Some banks add up the transactions of an account alone."""
    end, told, *counts = [*(field.strip() for field in record.fields), "", "", ""][:4]
    if told:
        found, total = part.total + part.details, whole(told, f"{end}.total")
        if total != found and (part.code != ACCOUNT or total != part.details):
            yield Total(f"{end}.total", Decimal(total), Decimal(found))
        part.total, part.details = total, 0
    yield from _counted(part, end, counts)


def _counted(part: _Part, end: str, counts: list[str]) -> Iterator[Total]:
    """Some banks leave out how many parts there are: the number of records stands in its place."""
    named = zip(_COUNTED[part.code], counts, strict=False)
    told = {name: whole(count, f"{end}.{name}") for name, count in named if count}
    if list(told.values()) == [part.records]:
        return
    for name, count in told.items():
        found = part.records if name == "records" else part.parts
        if count != found:
            yield Total(f"{end}.{name}", Decimal(count), Decimal(found))
