"""PayPal's settlement (STL) and transaction detail (TRR) reports, the activity that people download
(`activity`), and what its Transaction Search lists (`transactions`). Source: Settlement Report
Specification, Transaction Detail Report Specification, transaction event codes.

Amounts of the first two have no sign and no mark: beside each stands whether it is a credit or a
debit.
"""

from functools import partial

from hub.model.document import Document
from hub.model.errors import Ignored
from mappings.kit import Context, Decoders
from mappings.kit.reports.bodies import bodies
from mappings.paypal.accounts import Hundredths, accounts
from mappings.paypal.activity import activity, is_activity
from mappings.paypal.sections import parted
from mappings.paypal.transactions import searched


def decoders(hundredths: Hundredths = "always") -> Decoders:
    """The decode table. `hundredths`: whether amounts count those of every currency, as PayPal
    writes, or of yen and the like whole units, as some accounts have it.
    """
    return {"report": partial(_reports, hundredths), "transactions": searched}


def _reports(hundredths: Hundredths, raw: bytes, at: Context) -> list[Document]:
    """A report for each account and currency."""
    found = [
        document
        for body in bodies(raw)
        for document in (
            searched(body.raw, at)
            if body.raw.lstrip(b" \t\r\n\xef\xbb\xbf")[:1] in {b"{", b"["}
            else activity(body.raw, at)
            if is_activity(body.raw)
            else accounts(parted(body.raw), hundredths, at)
        )
    ]
    if not found:
        raise Ignored("no_consequence", "the report has no rows that move money")
    return found


DECODE: Decoders = decoders()

__all__ = ["DECODE", "Hundredths", "decoders"]
