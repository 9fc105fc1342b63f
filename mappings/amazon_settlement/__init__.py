"""What Amazon accounts for: settlement reports in flat files, V1 and V2, and the transactions of a
range of dates that sellers download, in the language of their market.

Source: Amazon SP-API docs, "Settlement reports", and files of sellers.
"""

from hub.model.document import Document
from mappings.amazon_settlement.flat import settlements
from mappings.amazon_settlement.transactions import is_transactions, transactions
from mappings.kit import Context, Decoders
from mappings.kit.reports.bodies import bodies


def reports(raw: bytes, at: Context) -> list[Document]:
    """A report for each settlement of a delivery."""
    return [
        document
        for body in bodies(raw)
        for document in (
            transactions(body.raw, at) if is_transactions(body.raw) else settlements(body.raw, at)
        )
    ]


DECODE: Decoders = {"report": reports}
