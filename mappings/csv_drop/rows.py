"""The rows of a warehouse's file by our own fields. Of a row nothing is kept but what the layout
names.

Rows of several types begin with their type. What a row says holds for those of the types below its
own that follow it: the lowest that stand there are told, with all that stands above them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import IO

from mappings.csv_drop.layout import NEEDED, Incoming, Names
from mappings.kit.readers.csv import Delimiter, Form, Row, folded, missing, rows

_HEAD = 65_536
_MARKS: tuple[Delimiter, ...] = (",", ";", "\t", "|")


def rows_of(kind: str, table: Incoming, file: IO[bytes]) -> Iterator[Row]:
    """The rows, those that cannot be read among them. BadData where the file cannot."""
    if table.rows:
        return _by_type(kind, table, rows(file, table.form))
    wanted = [table.columns[name] for name in NEEDED[kind] if name not in table.constants]
    return (_kept(row, table.columns) for row in rows(file, _form(table, file, wanted), wanted))


def _form(table: Incoming, file: IO[bytes], wanted: Sequence[Names]) -> Form:
    """As agreed; with another mark between its cells where only that finds the names needed."""
    form = table.form
    if not form.header:
        return form
    start = file.tell()
    head = file.read(_HEAD).decode(
        "utf-8-sig" if form.encoding == "utf-8" else form.encoding, "ignore"
    )
    file.seek(start)
    lines = (line for line in head.splitlines() if not folded(line).startswith("sep="))
    first = next((line for line in lines if line.strip()), "")
    for mark in (form.delimiter, *_MARKS):
        names = {folded(name.strip('" ')) for name in first.split(mark)}
        if not missing(names, wanted):
            return replace(form, delimiter=mark)
    return form


def _kept(row: Row, columns: Mapping[str, Names], above: Mapping[str, str] | None = None) -> Row:
    """A row by our fields, by the first of each column's names, beside what stands above it."""
    if row.wrong:
        return row
    said = dict(above or {})
    for field, names in columns.items():
        told = next((row.cells[folded(name)] for name in names if folded(name) in row.cells), "")
        if told.strip():
            said[field] = told.strip()
    return Row(row.line, said)


def _by_type(kind: str, table: Incoming, told: Iterable[Row]) -> Iterator[Row]:
    types = {each.type: level for level, each in enumerate(table.rows) if each.columns}
    silent = {each.type for each in table.rows} - types.keys()
    above: list[tuple[int, Row]] = []
    alone: Row | None = None  # so far nothing stands below it
    for row in told:
        name = _type(row, table)
        if name in silent:
            continue
        level = types.get(name, 0)
        if alone is not None and level <= above[-1][0]:
            whole = name in types or above[-1][0] == max(types.values())
            yield alone if whole else _unreadable(alone, table, "what is below it cannot be read")
        above = [(over, it) for over, it in above if over < level]
        here = _below(row, name, above, table)
        above.append((level, here))
        alone = here if _tells(kind, table, level) and not here.wrong else None
        if here.wrong:
            yield here
    if alone is not None:
        yield alone


def _type(row: Row, table: Incoming) -> str:
    """What a row says it is; one that cannot be read as well."""
    return row.cells.get("1", row.text.partition(table.delimiter)[0]).strip(' "')


def _below(row: Row, name: str, above: Sequence[tuple[int, Row]], table: Incoming) -> Row:
    """A row with what stands above it."""
    types = {each.type: each.columns for each in table.rows if each.columns}
    if name not in types:
        return _unreadable(row, table, f"a row of {', '.join(types)} is expected")
    if any(over.wrong for _, over in above):
        return _unreadable(row, table, "what is above it cannot be read")
    if not above and name != next(iter(types)):
        return _unreadable(row, table, f"a row of {next(iter(types))} is expected above it")
    return _kept(row, types[name], above[-1][1].cells if above else None)


def _unreadable(row: Row, table: Incoming, why: str) -> Row:
    text = row.text or table.delimiter.join(row.cells.values())
    return row if row.wrong else Row(row.line, wrong=why, text=text[:1_000])


def _tells(kind: str, table: Incoming, level: int) -> bool:
    """Whether a row of this level says, with those above it, what must be said."""
    said = table.constants.keys() | {it for each in table.rows[: level + 1] for it in each.columns}
    return said.issuperset(NEEDED[kind])
