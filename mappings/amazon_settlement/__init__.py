"""What Amazon accounts for: settlement reports in flat files, V1 and V2, and as XML; transactions
as the Finances API lists them, and events as its v0 did; and those of a range of dates that sellers
download, in the language of their market.

Source: Amazon SP-API docs, "Settlement reports", "Finances API v2024-06-19", and files of sellers.
"""

from hub.model.document import Document
from mappings.amazon_settlement import listed, tree
from mappings.amazon_settlement.events import events, is_events
from mappings.amazon_settlement.flat import settlements
from mappings.amazon_settlement.transactions import is_transactions, transactions
from mappings.kit import Context, Decoders
from mappings.kit.reports.bodies import bodies, encoding


def reports(raw: bytes, at: Context) -> list[Document]:
    """A report for each settlement of a delivery."""
    return [document for body in bodies(raw) for document in _read(body.raw, at)]


def _read(raw: bytes, at: Context) -> list[Document]:
    raw = _japanese(raw)
    if tree.is_tree(raw):
        return tree.documents(raw, at)
    if is_events(raw):
        return events(raw, at)
    if raw.lstrip()[:1] in {b"{", b"["}:
        return listed.transactions(raw, at)
    return transactions(raw, at) if is_transactions(raw) else settlements(raw, at)


def _japanese(raw: bytes) -> bytes:
    """Japan's market writes Shift JIS: such a file names its columns in Japanese, or yen."""
    if encoding(raw) != "cp1252":
        return raw
    try:
        told = raw.decode("cp932")
    except UnicodeDecodeError:
        return raw
    return told.encode() if "決済番号" in told or "\tJPY\t" in told else raw


DECODE: Decoders = {"report": reports}
