"""A journal as a table in CSV: one line of an entry a row, UTF-8, decimal points.

A text that a spreadsheet would take for a formula has an apostrophe before it, which readers take
away.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import groupby

from pydantic import ValidationError

from hub.model.document import read_instant, show_instant
from hub.model.errors import BadData
from hub.model.plain import bad_data
from hub.model.settlement import JournalEntry, JournalLine
from mappings.journal.entries import Terms
from mappings.kit import Context

COLUMNS = (
    "entry_id", "day", "at", "description", "document", "currency",
    "account", "debit", "credit", "merchant", "tax_code", "reference",
)  # fmt: skip
HEAD = (",".join(COLUMNS) + "\r\n").encode()
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def write(entries: Sequence[JournalEntry], terms: Terms) -> bytes:
    """A whole journal."""
    return HEAD + b"".join(appended(entry, terms) for entry in entries)


def appended(entry: JournalEntry, terms: Terms) -> bytes:
    """One entry, as it is added to a file that grows."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(_rows(entry, terms))
    return out.getvalue().encode()


def mark(entry_id: str) -> bytes:
    """By what the entry of this number is found in a file."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow([_safe(entry_id), ""])
    return b"\n" + out.getvalue().encode().removesuffix(b"\r\n")


def _rows(entry: JournalEntry, terms: Terms) -> Iterator[list[str]]:
    head = (entry.entry_id, str(terms.day(entry)), show_instant(entry.date), entry.description,
            entry.document, entry.currency)  # fmt: skip
    for line in entry.lines:
        account = terms.accounts.get(line.account, line.account)
        amounts = (f"{line.debit:f}", f"{line.credit:f}")
        said = (line.merchant, line.tax_code, line.reference)
        yield [*map(_safe, head), _safe(account), *amounts, *map(_safe, said)]


def _safe(text: str | None) -> str:
    return f"'{text}" if text and text.startswith(_FORMULA) else text or ""


def read(raw: bytes, at: Context) -> list[JournalEntry]:
    """The entries of a table that was written so."""
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    if not rows or tuple(rows[0]) != COLUMNS:
        raise BadData("the columns of a journal are expected", path="line 1")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(COLUMNS):
            raise BadData(f"{len(COLUMNS)} values are expected", path=f"row {number}")
    cells = [
        dict(zip(COLUMNS, (it.removeprefix("'") for it in row), strict=True)) for row in rows[1:]
    ]
    try:
        return [_entry(list(group), at) for _, group in groupby(cells, lambda it: it["entry_id"])]
    except ValidationError as error:
        raise bad_data(error) from None


def _entry(rows: Sequence[dict[str, str]], at: Context) -> JournalEntry:
    head = rows[0]
    return JournalEntry(
        source=at.source(head["entry_id"]),
        entry_id=head["entry_id"],
        date=read_instant(head["at"]),
        description=head["description"] or None,
        document=head["document"] or None,
        currency=head["currency"],
        lines=tuple(
            JournalLine.model_validate({name: row[name] or None for name in row if name in _LINE}
                                       | {"debit": row["debit"], "credit": row["credit"]})
            for row in rows
        ),
    )  # fmt: skip


_LINE = frozenset(JournalLine.model_fields)
