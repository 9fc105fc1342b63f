"""Journal entries as files for plain-text books, spreadsheets and DATEV, and back.

Sources: Beancount's language (version 3), hledger's journal format (1.25), DATEV's interface
description (EXTF 700). Each form is read back by a reader of our own, as its program reads it.
"""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hub.model.settlement import JournalEntry
from mappings.journal import beancount, datev, hledger, table
from mappings.journal.booked import entries as _ours
from mappings.journal.datev import Client
from mappings.journal.entries import Terms, Totals, one_sided, totals
from mappings.kit import Context


@dataclass(frozen=True, slots=True)
class Form:
    """A form of which files can grow. `head`: how a new one begins; `mark`: by what bytes an entry
    is recognised that is in it.
    """

    suffix: str
    media_type: str
    head: bytes
    write: Callable[[Sequence[JournalEntry], Terms], bytes]
    appended: Callable[[JournalEntry, Terms], bytes]
    mark: Callable[[str], bytes]
    read: Callable[[bytes, Context], list[JournalEntry]]

    def find(self, raw: bytes, entry_id: str, at: Context) -> JournalEntry | None:
        """The entry of this number in a file."""
        if self.mark(entry_id) not in raw:
            return None
        return next((it for it in self.read(raw, at) if it.entry_id == entry_id), None)


FORMS: Mapping[str, Form] = {
    "beancount": Form(
        "beancount",
        "text/plain; charset=utf-8",
        beancount.HEAD,
        beancount.write,
        beancount.appended,
        beancount.mark,
        lambda raw, at: _ours(beancount.read(raw), at),
    ),
    "hledger": Form(
        "journal",
        "text/plain; charset=utf-8",
        hledger.HEAD,
        hledger.write,
        hledger.appended,
        hledger.mark,
        lambda raw, at: _ours(hledger.read(raw), at),
    ),
    "csv": Form(
        "csv",
        "text/csv; charset=utf-8",
        table.HEAD,
        table.write,
        table.appended,
        table.mark,
        table.read,
    ),
}
EXPORTS = (*FORMS, "datev")
"""The forms that a journal can be had in."""


@dataclass(frozen=True, slots=True)
class Export:
    """A journal as it is handed out."""

    name: str
    media_type: str
    raw: bytes


def export(
    form: str, entries: Sequence[JournalEntry], client: Client, name: str = "journal"
) -> Export:
    """A journal in one of the forms. DATEV's batches come in an archive where they are several."""
    plain = [one_sided(entry) for entry in entries]
    if form in FORMS:
        it = FORMS[form]
        return Export(f"{name}.{it.suffix}", it.media_type, it.write(plain, client))
    latest = max((entry.date for entry in plain), default=datetime(2000, 1, 1, tzinfo=UTC))
    files = datev.batches(plain, client, latest)
    if len(files) == 1:
        return Export(f"EXTF_{name}.csv", "text/csv; charset=windows-1252", files[0])
    return Export(f"EXTF_{name}.zip", "application/zip", _archive(files, name))


def _archive(files: Sequence[bytes], name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for n, raw in enumerate(files, 1):
            archive.writestr(zipfile.ZipInfo(f"EXTF_{name}_{n}.csv"), raw)
    return out.getvalue()


__all__ = ["EXPORTS", "FORMS", "Client", "Export", "Form", "Terms", "Totals", "export",
           "one_sided", "totals"]  # fmt: skip
