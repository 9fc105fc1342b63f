"""The rows of a report of PayPal by their type, which their first cell says.

RH and FH head report and file, SH a section, CH its columns; SB is a row of it, SF sums it up by
currency and RF the whole report; SC and RC count the rows.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from hub.model.errors import BadData, Ignored
from mappings.kit.readers.csv import Form, Row, folded, rows
from mappings.kit.reports.bodies import encoding
from mappings.kit.reports.cells import check_whole, delimiter

_SILENT = frozenset({"RH", "FH", "FF"})
_NEEDED = (
    "Transaction ID",
    "Transaction Event Code",
    "Transaction Initiation Date",
    "Transaction Debit or Credit",
    "Gross Transaction Amount",
    "Gross Transaction Currency",
)


@dataclass(slots=True)
class Part:
    """Rows, and what sums them up and counts them."""

    rows: list[Row] = field(default_factory=list)
    sums: list[Row] = field(default_factory=list)
    counts: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Section(Part):
    """What is told of one account. `head`: from, to, account."""

    head: Sequence[str] = ()
    names: Sequence[str] = ()


@dataclass(slots=True)
class File(Part):
    """A report with its sections; its own rows are those of all of them."""

    sections: list[Section] = field(default_factory=list)


def parted(raw: bytes) -> File:
    """A file by sections. BadData at a row that fits in none; Ignored where it is a report of
    subscriptions, which move no money.
    """
    form = Form(encoding(raw), delimiter(raw), header=False, even=False)
    told = list(rows(io.BytesIO(raw), form))
    check_whole(told)
    file = File()
    for row in told:
        _take(file, row, [text.strip() for text in row.cells.values()])
    return file


def _take(file: File, row: Row, cells: Sequence[str]) -> None:
    kind = cells[0].strip("\ufeff").upper()
    last = file.sections[-1] if file.sections else None
    if kind == "SH":
        file.sections.append(Section(head=cells[1:]))
    elif kind == "CH":
        if last is None or last.names:  # some files have no head of a section
            last = Section()
            file.sections.append(last)
        last.names = _names(row, cells)
    elif kind == "SB" and last is not None and last.names:
        last.rows.append(_named(row, last.names))
        file.rows.append(row)
    elif kind in {"SF", "SC"} and last is not None:
        (last.sums if kind == "SF" else last.counts).append(row)
    elif kind in {"RF", "RC"}:
        (file.sums if kind == "RF" else file.counts).append(row)
    elif kind not in _SILENT:
        _refuse(row, f"a row that follows its heads is expected, not one of {kind[:20]}")


def _names(row: Row, cells: Sequence[str]) -> list[str]:
    names = [folded(name) for name in cells[1:]]
    if "subscriptionid" in names:
        raise Ignored("no_consequence", "a report of subscriptions moves no money")
    missing = [name for name in _NEEDED if folded(name) not in names]
    if missing:
        message = f"the columns {', '.join(missing)} are expected"
        raise BadData(message, path=f"line {row.line}", code="missing_field")
    return names


def _named(row: Row, names: Sequence[str]) -> Row:
    """A row by the names of its columns. One that is cut off is half a row."""
    cells = list(row.cells.values())[1:]
    if len(cells) < len(names) or any(map(str.strip, cells[len(names) :])):
        _refuse(row, f"{len(names) + 1} columns are expected, it has {len(cells) + 1}")
    return Row(row.line, dict(zip(names, cells, strict=False)))


def _refuse(row: Row, message: str) -> NoReturn:
    raise BadData(message, path=f"line {row.line}", code="bad_data")
