"""Rows of a provider's table, by the names of their columns and never by their place."""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from hashlib import sha256

from hub.model.document import ZERO
from hub.model.errors import BadData, Ignored
from mappings.kit import times
from mappings.kit.context import Context
from mappings.kit.fields import needed
from mappings.kit.readers.csv import Delimiter, Encoding, Form, Row, folded, missing, rows
from mappings.kit.reports.amounts import Mark, amount, mark_of
from mappings.kit.reports.bodies import encoding
from mappings.kit.reports.zones import clock_and_zone

_AROUND = " \t\r\n\ufeff`"
"""Some write a tab behind what a spreadsheet takes for a number, some a back-tick before it."""
_MARKS: tuple[Delimiter, ...] = (",", "\t", ";", "|")
_MOST_FREE = 30
"""So many lines of words may stand before the names of the columns."""
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(.*)", re.ASCII | re.DOTALL)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(.*)", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cells:
    """A row, in its file."""

    row: Row
    at: Context
    mark: Mark = "."
    day_first: bool | None = None

    def text(self, *names: str) -> str | None:
        """What stands in the first of these columns that says anything."""
        cells = self.row.cells
        for name in names:
            said = cells.get(folded(name))
            if not said:
                continue
            said = said.strip(_AROUND)
            if said[:1] == '"' == said[-1:] and len(said) > 1:
                said = said[1:-1].replace('""', '"').strip(_AROUND)
            if said:
                return said
        return None

    def needed(self, *names: str) -> str:
        """What must be there."""
        said = self.text(*names)
        return needed(said, self.path(names[0]), "it is empty") if said is None else said

    def amount(self, *names: str) -> Decimal:
        """An amount, zero where nothing is written."""
        said = self.text(*names)
        return ZERO if said is None else amount(said, self.mark, path=self.path(names[0]))

    def moment(
        self,
        *names: str,
        zone: tzinfo | None = None,
        words: Callable[[str], str] | None = None,
    ) -> datetime:
        """A time that must be there; where it names no zone, `zone` or the connection's. `words`
        puts those of another language into English.
        """
        told, path = self.needed(*names), self.path(names[0])
        told = words(told) if words else told
        return moment(_ordered(told, self.day_first), zone or self.at.zone, path=path)

    def moment_or_none(self, *names: str, zone: tzinfo | None = None) -> datetime | None:
        """A time, where there is one."""
        return self.moment(*names, zone=zone) if self.text(*names) else None

    @property
    def place(self) -> str:
        """Where it stands, for a person."""
        return f"line {self.row.line}"

    def path(self, name: str) -> str:
        """Where one of its cells stands."""
        return f"line {self.row.line}.{name}"


def name_of(*said: object) -> str:
    """What names a row to which its provider gives no number: what it says."""
    return sha256(repr(said).encode()).hexdigest()[:16]


def numbered(rows: Iterable[Cells], name: Callable[[Cells], str]) -> list[tuple[Cells, str]]:
    """Rows with what names them. Some may stand there twice and mean it, such as equal fees of a
    day: each after the first is numbered, which is odd enough to be said.
    """
    seen: Counter[str] = Counter()
    found = []
    for row in rows:
        own = name(row)
        seen[own] += 1
        if seen[own] > 1:
            message = "another row bears the same reference"
            row.at.warn("same_reference", message, path=row.place)
        found.append((row, own if seen[own] == 1 else f"{own}-{seen[own]}"))
    return found


def moment(told: str, zone: tzinfo = UTC, *, path: str = "") -> datetime:
    """A time. With dots it begins with its day, as those do who write dots."""
    dotted = _DOTTED.fullmatch(told)
    text = f"{dotted[3]}-{dotted[2]:0>2}-{dotted[1]:0>2}{dotted[4]}" if dotted else told
    clock, known = clock_and_zone(text)
    return times.moment(clock, known or zone, path=path)


@dataclass(frozen=True, slots=True)
class Table:
    """How a provider writes one kind of report. `needed`: of each of these columns at least one
    must be there, by any of its names. `amounts`: whether a column (by its folded name) holds
    amounts. `usual`: the mark before decimals where the file does not show it.
    `short`: rows may leave out empty cells at their end: only where totals tell what was lost.
    `dates`: whether a column holds days, of which all together show which part is the month.
    """

    needed: Sequence[Sequence[str]]
    amounts: Callable[[str], bool]
    delimiter: Delimiter | None = None
    other: Encoding = "cp1252"
    usual: Mark | None = "."
    quoted: bool = True
    short: bool = False
    dates: Callable[[str], bool] | None = None


def cells(raw: bytes, table: Table, at: Context) -> list[Cells]:
    """The rows of a file. BadData at the first that cannot be read: what is half a file is none.
    Ignored where it has no rows.
    """
    codec = encoding(raw, table.other)
    mark = _delimiter(raw, codec, table) or table.delimiter or delimiter(raw)
    form = Form(
        codec,
        mark,
        quoted=table.quoted or mark != table.delimiter,
        short=table.short,
        free=_MOST_FREE,
    )
    found = list(rows(io.BytesIO(raw), form, table.needed))
    check_whole(found)
    if not found:
        raise Ignored("no_consequence", "the report has no rows")
    return marked(found, table, at)


def marked(found: Sequence[Row], table: Table, at: Context) -> list[Cells]:
    """Rows whose amounts are written alike."""
    columns = [name for name in set().union(*(row.cells for row in found)) if table.amounts(name)]
    texts = (
        row.cells[name].strip(_AROUND).strip('"')
        for row in found
        for name in columns
        if name in row.cells
    )
    mark, day_first = mark_of(texts, table.usual), _day_first(found, table)
    return [Cells(row, at, mark, day_first) for row in found]


def _day_first(found: Sequence[Row], table: Table) -> bool | None:
    """Whether days come before months: so that all are days, and the nearer to each other. None
    where nothing tells.
    """
    if table.dates is None:
        return None
    told = {
        text[:10]: match
        for row in found
        for name, text in row.cells.items()
        if table.dates(name) and (match := _SLASHED.fullmatch(text.strip(_AROUND)))
    }
    spans: dict[bool, timedelta] = {}
    for day_first in (True, False):
        months, days = (2, 1) if day_first else (1, 2)
        with suppress(ValueError):
            found_days = [date(int(it[3]), int(it[months]), int(it[days])) for it in told.values()]
            if found_days:
                spans[day_first] = max(found_days) - min(found_days)
    if len(spans) == 1:
        return next(iter(spans))
    return None if len(set(spans.values())) < 2 else spans[True] < spans[False]


def _ordered(told: str, day_first: bool | None) -> str:  # noqa: FBT001
    slashed = _SLASHED.fullmatch(told)
    if slashed is None or day_first is None:
        return told
    month, day = (slashed[2], slashed[1]) if day_first else (slashed[1], slashed[2])
    return f"{slashed[3]}-{month:0>2}-{day:0>2}{slashed[4]}"


def check_whole(told: Iterable[Row]) -> None:
    """BadData at the first row that cannot be read."""
    wrong = next((row for row in told if row.wrong), None)
    if wrong is not None:
        message = f"{wrong.wrong}: {wrong.text[:200]}"
        raise BadData(message, path=f"line {wrong.line}", code="bad_data")


def _delimiter(raw: bytes, codec: Encoding, table: Table) -> Delimiter | None:
    """What separates the names of the columns that are needed, in whichever line they stand."""
    if not table.needed:
        return None
    text = raw[:65_536].decode("utf-8-sig" if codec == "utf-8" else codec, "ignore")
    for line in text.splitlines()[: 2 * _MOST_FREE]:
        for mark in _MARKS:
            names = {folded(name.strip(_AROUND).strip('"')) for name in line.split(mark)}
            if not missing(names, table.needed):
                return mark
    return None


def delimiter(raw: bytes) -> Delimiter:
    """What separates the names of the columns."""
    lines = raw[:65_536].replace(b"\x00", b"").splitlines()
    head = next((line for line in lines if line.strip()), b"")
    return max(_MARKS, key=lambda mark: head.count(mark.encode()))


def heads(raw: bytes) -> frozenset[str]:
    """The (folded) names in the first line of a file that says anything, by which its kind is
    known.
    """
    start = raw[:65_536]
    codec = encoding(start)
    sample = start.decode("utf-8-sig" if codec == "utf-8" else codec, "ignore").lstrip()
    first = sample.partition("\n")[0].encode()
    form = Form("utf-8", delimiter(first), header=False)
    try:
        read = list(rows(io.BytesIO(first), form))
    except BadData:
        return frozenset()
    return frozenset(folded(name) for row in read[:1] for name in row.cells.values())
