"""How many transfers of each status a pain.002 says it has: what it itemises is proven.

Most tell nothing but refused transfers one by one: a status of which no transfer is told says
nothing, unless all are told.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from mappings.bank import elements
from mappings.kit import numbers
from mappings.kit.readers.segments import unpadded
from mappings.kit.reports.told import Total

if TYPE_CHECKING:
    from lxml.etree import _Element


def counted(report: "_Element") -> Iterator[Total]:
    """The counts of each payment, and those of the file over all its payments."""
    payments = elements.every(report, "OrgnlPmtInfAndSts")
    for payment in payments:
        yield from _proven(payment, _statuses(payment), is_all=True)
    all_told = [status for payment in payments for status in _statuses(payment)]
    for group in elements.every(report, "OrgnlGrpInfAndSts"):
        yield from _proven(group, all_told, is_all=len(payments) == 1)


def _statuses(payment: "_Element") -> list[str]:
    """Of each transfer that is told: its own, or that of its payment."""
    usual = elements.text(payment, "PmtInfSts") or ""
    return [
        elements.text(transfer, "TxSts") or usual
        for transfer in elements.every(payment, "TxInfAndSts")
    ]


def _proven(it: "_Element", statuses: list[str], *, is_all: bool) -> Iterator[Total]:
    """`is_all`: of a status that it itemises, it itemises all. Of several payments some may, and
    some may not: no more than are counted can be told.
    """
    counts, found = _counts(it), Counter(statuses)
    whole = sum(counts.values()), counts and _number(it, "OrgnlNbOfTxs")
    is_whole = len(statuses) in whole
    for status, count in counts.items():
        told = found[status]
        if is_whole or told > count or (told and is_all):
            path = f"{elements.name(it)}.NbOfTxsPerSts.{status[:20]}"
            yield Total(path, count, Decimal(told))


def _counts(it: "_Element") -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for each in elements.every(it, "NbOfTxsPerSts"):
        status, count = elements.text(each, "DtldSts"), _number(each, "DtldNbOfTxs")
        if status is not None and count is not None:
            found[status] = found.get(status, Decimal(0)) + count
    return found


def _number(it: "_Element", name: str) -> Decimal | None:
    told = elements.text(it, name)
    return (
        None if told is None else numbers.amount(unpadded(told), path=f"{elements.name(it)}.{name}")
    )
