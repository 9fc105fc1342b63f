"""What a statement says of itself: its balances, and its summary."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from hub.model.document import ZERO
from mappings.bank import elements
from mappings.kit import numbers
from mappings.kit.readers.segments import unpadded
from mappings.kit.reports.told import Total

if TYPE_CHECKING:
    from lxml.etree import _Element

OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_DAY = len("2026-01-05")
_SUMMARY = ("TxsSummry", "TtlNtries")
_NETS = ((("TtlNetNtry",), "Amt"), ((), "TtlNetNtryAmt"))
_SIDES = {"TtlNtries": None, "TtlCdtNtries": 1, "TtlDbtNtries": -1}


def balance(
    it: "_Element", codes: Sequence[str], currency: str | None = None, *, last: bool = False
) -> tuple[str, Decimal] | None:
    """The first balance of a kind, or the last: a statement of several days tells those of each."""
    for code in codes:
        told = [
            (elements.text(each, "Dt", "Dt") or elements.text(each, "Dt", "DtTm") or "", each)
            for each in elements.every(it, "Bal")
            if elements.text(each, "Tp", "CdOrPrtry", "Cd") == code
            and (currency is None or elements.amount(each, "Amt")[0] == currency)
        ]
        if told:
            day = (max if last else min)(at[:_DAY] for at, _ in told)
            own = [each for at, each in told if at[:_DAY] == day]
            chosen = own[-1 if last else 0]
            named, amount = elements.amount(chosen, "Amt")
            return named, amount * elements.sign(chosen, "CRDT")
    return None


def summed(it: "_Element", entries: Sequence["_Element"], number: str) -> Iterator[Total]:
    """The summary counts and adds up all entries, and those of either side. Some banks count
    transactions everywhere, and some take what went out off the sum of all.
    """
    if len(entries) != len(elements.every(it, "Ntry")):
        return  # it may count what is pending, or not
    sides = {
        name: [one for one in entries if side in {None, elements.sign(one)}]
        for name, side in _SIDES.items()
    }
    counts = _told(it, sides, "NbOfNtries", number)
    if any(count != _transactions(own) for _, count, own in counts):
        yield from (Total(path, count, Decimal(len(own))) for path, count, own in counts)
    for path, told, own in _told(it, sides, "Sum", number):
        amounts = _amounts(own)
        if told != abs(sum(amounts, ZERO)):
            yield Total(path, told, sum(map(abs, amounts), ZERO))
    yield from _net(it, sum(_amounts(entries), ZERO), number)


def _net(it: "_Element", found: Decimal, number: str) -> Iterator[Total]:
    """What all come to, with its side beside it; before version 3 both stand in the summary."""
    for path, name in _NETS:
        told = elements.text(it, *_SUMMARY, *path, name)
        side = elements.text(it, *_SUMMARY, *path, "CdtDbtInd")
        if told is not None and side in elements.SIGNS:
            where = ".".join((number, *_SUMMARY, *path, name))
            amount = numbers.amount(unpadded(told), path=where) * elements.SIGNS[side]
            yield Total(where, amount, found)


def _amounts(entries: Sequence["_Element"]) -> list[Decimal]:
    return [elements.amount(one, "Amt")[1] * elements.sign(one) for one in entries]


def _told(
    it: "_Element", sides: Mapping[str, list["_Element"]], name: str, number: str
) -> list[tuple[str, Decimal, list["_Element"]]]:
    """What a summary says of each side that it tells: where, how much, and the side's entries."""
    found = []
    for side, own in sides.items():
        path, told = f"{number}.TxsSummry.{side}.{name}", elements.text(it, "TxsSummry", side, name)
        if told is not None:
            found.append((path, numbers.amount(unpadded(told), path=path), own))
    return found


def _transactions(entries: Sequence["_Element"]) -> int:
    return sum(len(elements.every(one, "NtryDtls", "TxDtls")) or 1 for one in entries)
