"""What Amazon accounts for: settlement reports in flat files, V1 and V2, and as XML; transactions
as the Finances API lists them; and those of a range of dates that sellers download, in the language
of their market.

Source: Amazon SP-API docs, "Settlement reports", "Finances API v2024-06-19", and files of sellers.
"""

from hub.model.document import Document
from mappings.amazon_settlement import listed, tree
from mappings.amazon_settlement.flat import settlements
from mappings.amazon_settlement.transactions import is_transactions, transactions
from mappings.kit import Context, Decoders
from mappings.kit.reports.bodies import bodies


def reports(raw: bytes, at: Context) -> list[Document]:
    """A report for each settlement of a delivery."""
    return [document for body in bodies(raw) for document in _read(body.raw, at)]


def _read(raw: bytes, at: Context) -> list[Document]:
    if tree.is_tree(raw):
        return tree.documents(raw, at)
    if raw.lstrip()[:1] in {b"{", b"["}:
        return listed.transactions(raw, at)
    return transactions(raw, at) if is_transactions(raw) else settlements(raw, at)


DECODE: Decoders = {"report": reports}
