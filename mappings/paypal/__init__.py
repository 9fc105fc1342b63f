"""PayPal's settlement (STL) and transaction detail (TRR) reports. Source: Settlement Report
Specification, Transaction Detail Report Specification, transaction event codes.

Amounts have no sign and no mark: beside each stands whether it is a credit or a debit.
"""

from functools import partial

from hub.model.document import Document
from hub.model.errors import Ignored
from mappings.kit import Context, Decoders
from mappings.kit.reports.bodies import bodies
from mappings.paypal.accounts import Hundredths, accounts
from mappings.paypal.sections import parted


def decoders(hundredths: Hundredths = "always") -> Decoders:
    """The decode table. `hundredths`: whether amounts count those of every currency, as PayPal
    writes, or of yen and the like whole units, as some accounts have it.
    """
    return {"report": partial(_reports, hundredths)}


def _reports(hundredths: Hundredths, raw: bytes, at: Context) -> list[Document]:
    """A report for each account and currency."""
    found = [
        document for body in bodies(raw) for document in accounts(parted(body.raw), hundredths, at)
    ]
    if not found:
        raise Ignored("no_consequence", "the report has no rows that move money")
    return found


DECODE: Decoders = decoders()

__all__ = ["DECODE", "Hundredths", "decoders"]
