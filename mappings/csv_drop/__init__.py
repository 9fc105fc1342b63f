"""A warehouse's files of separated values <-> canonical, by a layout that settings describe."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from hub.model.document import Document
from hub.model.errors import Ignored
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentOrder
from hub.model.returns import Return
from mappings.csv_drop.inward import shipments, statuses, stock
from mappings.csv_drop.layout import PLAIN, Incoming, Layout
from mappings.csv_drop.outward import file_of
from mappings.csv_drop.returns import receipts
from mappings.csv_drop.told import Clock, Told, read
from mappings.kit import Context, Decoder, Decoders, Encoders

_Told = Callable[[Told, Context], list[Document]]
KINDS: Mapping[str, _Told] = {
    "shipments": shipments,
    "stock": stock,
    "statuses": statuses,
    "return_receipts": receipts,
}
"""Kind of file, which is the topic -> what its lines mean."""


def decoders(layout: Layout = PLAIN, clock: Clock = lambda: datetime.now(UTC)) -> Decoders:
    """The decode table. `clock` is asked only where neither rows nor file tell a time."""
    return {kind: _decoder(kind, getattr(layout, kind), clock) for kind in KINDS}


def _decoder(kind: str, table: Incoming | None, clock: Clock) -> Decoder:
    def decode(raw: bytes, at: Context) -> list[Document]:
        if table is None:
            raise Ignored("not_subscribed", f"the layout has no {kind}")
        return KINDS[kind](read(kind, table, raw, at, clock), at)

    return decode


ENCODE: Encoders = {
    FulfilmentOrder: lambda document, at: file_of(document, PLAIN, at).raw,
    FulfilmentCancellation: lambda document, at: file_of(document, PLAIN, at).raw,
    Return: lambda document, at: file_of(document, PLAIN, at).raw,
}
