"""Adyen's settlement detail and payments accounting reports, and those of its balance platform.
Source: Adyen docs, "Settlement detail report", "Payments accounting report", "Balance Platform
Accounting Report", "Payout report".

Columns come in the order that an account has set, so that only their names tell; the time zone of a
row is a column of it.
"""

from hub.model.document import Document
from mappings.adyen.accounting import accounting
from mappings.adyen.platform import HEADS, platform
from mappings.adyen.settlement import batches
from mappings.kit import Context, Decoders
from mappings.kit.reports.bodies import bodies
from mappings.kit.reports.cells import heads


def reports(raw: bytes, at: Context) -> list[Document]:
    """A report for each batch, or of what the accounting says was settled."""
    return [document for body in bodies(raw) for document in _read(body.raw, at)]


def _read(raw: bytes, at: Context) -> list[Document]:
    names = heads(raw)
    if names >= HEADS:
        return platform(raw, at)
    return accounting(raw, at) if "recordtype" in names else batches(raw, at)


DECODE: Decoders = {"report": reports, "REPORT_AVAILABLE": reports}
"""A report that was posted, and one that was fetched where Adyen said that it is there."""
