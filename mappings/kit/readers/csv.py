"""Files of separated values, row by row, in bounded memory. One bad line spoils no other.

What is wrong with the file as a whole (its encoding, its columns) is BadData before the first row.
What is wrong with a line is said with the line's own number, and reading goes on after it.
"""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO, Literal

from hub.model.errors import BadData
from mappings.reading import mended_text

Encoding = Literal["utf-8", "utf-16", "gb18030", "cp1252"]
Delimiter = Literal[",", ";", "\t", "|"]
LONGEST_LINE = 64 * 1024
_MOST_LINES = 20
"""A quoted text may have so many lines; a quotation mark that nobody closes ends there."""
_LIKE_A_NAME = re.compile(r"(?!(?:\D*\d){4})[^@{}\[\]\"<>=]{0,60}")
"""A name of a column has few digits and no marks. Anything else may be somebody's data."""
_UNREADABLE = "\udcff"
_NOTHING = " \t\r\n\x1a"
"""An end of file as DOS wrote it says as little as a blank."""
_FORCED = re.compile(r'="([^"]*)"|\'([=+\-@]?[0-9][0-9.,]*)')
"""How spreadsheets are made to take a number for text: ="00123", '00123."""
_SPACE = re.compile(r"[\s_\-.]+")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written. Without `header` its columns are called 1, 2, 3, … `even`: all rows
    have as many. `quoted`: a cell may stand in quotation marks; else they are part of what it says.
    `short`: empty cells at the end of a row may be left out, as spreadsheets do. `free`: so many
    lines of words may stand before the names of the columns, which are known by those needed.
    """

    encoding: Encoding = "utf-8"
    delimiter: Delimiter = ","
    header: bool = True
    even: bool = True
    quoted: bool = True
    short: bool = False
    free: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A line by the (folded) names of its columns; or, where it cannot be read, why, and what it
    says. `line` counts from 1, as an editor does.
    """

    line: int
    cells: Mapping[str, str] = field(default_factory=dict)
    wrong: str = ""
    text: str = ""


@lru_cache(maxsize=1_000)  # the same few stand in every row
def folded(name: str) -> str:
    """A column's name, whatever its case, blanks, hyphens and underscores."""
    return _SPACE.sub("", name).casefold()


def rows(file: IO[bytes], form: Form, needed: Sequence[Sequence[str]] = ()) -> Iterator[Row]:
    """The rows of a file, from where it stands. `needed`: of each of these at least one column must
    be there, by any of its names.
    """
    _check_encoding(file, form.encoding)
    codec = "utf-8-sig" if form.encoding == "utf-8" else form.encoding
    text = io.TextIOWrapper(file, encoding=codec, errors="unreadable", newline="")
    try:
        lines = _Lines(text)
        names = _header(lines, form, needed) if form.header else None
        if names is not None:
            _check_columns(names, needed)
        yield from _rows(lines, form, names)
    finally:
        text.detach()


def _rows(lines: "_Lines", form: Form, names: list[str] | None) -> Iterator[Row]:
    for number, line in lines:
        if not line.strip(f'{form.delimiter}"{_NOTHING}'):  # spreadsheets leave rows of nothing
            continue
        cells = _cells(lines, line, form)
        wrong = _wrong(line, cells, names, form)
        if wrong:
            yield Row(number, wrong=wrong, text=mended_text(line.strip())[:1_000])
            continue
        if "=" in line or "'" in line:
            cells = [_unforced(cell) for cell in cells]
        numbers = [str(at) for at in range(1, len(cells) + 1)] if names is None else names
        names = numbers if form.even else names
        yield Row(number, dict(zip(numbers, cells, strict=False)))


def _unforced(cell: str) -> str:
    """What a cell says, without what makes a spreadsheet take it for text."""
    forced = _FORCED.fullmatch(cell.strip())
    return cell if forced is None else forced[1] if forced[1] is not None else forced[2]


def _wrong(line: str, cells: list[str], names: list[str] | None, form: Form) -> str:
    if len(line) >= LONGEST_LINE:
        return f"a line of at most {LONGEST_LINE} characters is expected"
    if _UNREADABLE in line or _UNREADABLE in "".join(cells):
        return f"it has bytes that are no text in {form.encoding}"
    if not cells:
        return "its quotation marks do not close"
    if names is not None and len(cells) != len(names):
        more = cells[len(names) :]
        if (len(cells) < len(names) and not form.short) or any(map(str.strip, more)):
            return f"{len(names)} columns are expected, it has {len(cells)}"
    return ""


class _Lines:
    """Numbered lines, of which some can be put back. What is longer than a line may be is cut."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text, self._number = text, 0
        self._back: deque[tuple[int, str]] = deque()

    def __iter__(self) -> Iterator[tuple[int, str]]:
        while (line := self.next()) is not None:
            yield line

    def next(self) -> tuple[int, str] | None:
        """The next line and its number; None at the end."""
        if self._back:
            return self._back.popleft()
        line = rest = self._text.readline(LONGEST_LINE)
        while len(rest) == LONGEST_LINE and not rest.endswith(("\n", "\r")):
            rest = self._text.readline(LONGEST_LINE)
        if not line:
            return None
        self._number += 1
        return self._number, line

    def put_back(self, lines: Sequence[tuple[int, str]]) -> None:
        """They come next."""
        self._back.extendleft(reversed(lines))


def _cells(lines: _Lines, line: str, form: Form) -> list[str]:
    """The cells of a record that begins with this line; none where its quotation marks make no
    sense. A quoted text may go on in the lines that follow.
    """
    delimiter = form.delimiter
    if '"' not in line or not form.quoted:
        return line.rstrip("\r\n").split(delimiter)
    try:
        return _parsed([line], delimiter)
    except csv.Error:
        pass
    more: list[tuple[int, str]] = []
    while len(more) < _MOST_LINES and (following := lines.next()) is not None:
        more.append(following)
        if '"' not in following[1]:
            continue
        try:
            return _parsed([line, *(text for _, text in more)], delimiter)
        except csv.Error:
            continue
    lines.put_back(more)
    return []


def _parsed(record: list[str], delimiter: str) -> list[str]:
    """One record out of exactly these lines."""
    reader = csv.reader(record, delimiter=delimiter, strict=True)
    cells = next(reader)
    if reader.line_num != len(record):
        raise csv.Error
    return cells


def _header(lines: _Lines, form: Form, needed: Sequence[Sequence[str]]) -> list[str]:
    """The names of the columns: the first line that has those needed, else the first of all."""
    first = _named(lines, form)
    names, passed = first, 0
    while missing(names, needed) and passed < form.free:
        passed += 1
        try:
            names = _named(lines, form)
        except BadData:  # the end, or no names at all
            return first
    return first if missing(names, needed) else names


def _named(lines: _Lines, form: Form) -> list[str]:
    while (first := lines.next()) is not None:
        number, line = first
        if not line.strip() or folded(line).startswith("sep="):  # a spreadsheet says so
            continue
        if _UNREADABLE in line:
            message = f"the names of the columns are not written in {form.encoding}"
            raise BadData(message, path=f"line {number}", code="bad_encoding")
        named = _cells(lines, line, form)
        return [folded(name if form.quoted else name.strip('"\r\n ')) for name in named]
    message = "names of columns are expected, the file is empty"
    raise BadData(message, path="columns", code="missing_field")


def missing(names: Collection[str], needed: Sequence[Sequence[str]]) -> list[str]:
    """Of the columns needed those that no (folded) name is one of."""
    return [some[0] for some in needed if not any(folded(name) in names for name in some)]


def _check_columns(names: list[str], needed: Sequence[Sequence[str]]) -> None:
    lacking = missing(names, needed)
    if lacking and not all(map(_LIKE_A_NAME.fullmatch, names)):
        message = f"the columns {', '.join(lacking)} are expected, the file begins with no names"
        raise BadData(message, path="columns", code="missing_field")
    if lacking:
        shown = ", ".join(names)[:300]
        message = f"the columns {', '.join(lacking)} are expected, the file has {shown}"
        raise BadData(message, path="columns", code="missing_field")
    wanted = {folded(name) for some in needed for name in some}
    double = sorted(name for name in wanted if names.count(name) > 1)
    if double:
        message = f"each name is expected once in the head, not several times: {', '.join(double)}"
        raise BadData(message, path="columns", code="duplicate_key")


def _check_encoding(file: IO[bytes], encoding: Encoding) -> None:
    """BadData where the first bytes show another encoding than the one that is set."""
    start = file.tell()
    head = file.read(1024)
    file.seek(start)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked is None and encoding != "utf-16" and b"\x00" in head:
        marked = "utf-16"
    if marked is not None and marked != encoding:
        message = f"{encoding} is expected, the file is written in {marked}"
        raise BadData(message, path="encoding", code="bad_encoding")


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _UNREADABLE, error.end


codecs.register_error("unreadable", _mark)
