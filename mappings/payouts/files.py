"""The forms in which payouts are written."""

import csv
import io
from collections.abc import Callable, Mapping

from hub.model.document import plain
from hub.model.settlement import Payouts
from mappings.payouts.pain import pain_001

_COLUMNS = ("reference", "name", "iban", "bic", "amount", "currency", "text")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would work out."""
_ENDS = {"pain.001": "xml", "csv": "csv"}


def as_csv(batch: Payouts) -> str:
    """A line a transfer, for banks that take no XML and for people."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(_COLUMNS)
    for it in batch.transfers:
        rows.writerow(
            (
                *(it.reference, _harmless(it.to.name), it.to.iban, it.to.bic or ""),
                *(plain(it.amount), batch.currency, _harmless(it.text)),
            )
        )
    return written.getvalue()


def name_of(batch: Payouts, form: str) -> str:
    """What the file is called."""
    return f"payouts-{batch.currency}-{batch.number}.{_ENDS[form]}"


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


FORMATS: Mapping[str, Callable[[Payouts], str]] = {"pain.001": pain_001, "csv": as_csv}
