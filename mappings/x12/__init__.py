"""ANSI X12 of warehouses (4010, 5010) <-> canonical: 945, 856, 944, 861, 947, 846, 180,
997 and 999 in, 940, 943 and 180 out.

Topics are the numbers of the sets. A delivery is one set in an envelope of its own.
"""

from collections.abc import Callable, Mapping

from hub.model.document import Document
from hub.model.errors import BadData, Ignored
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentOrder
from hub.model.returns import Return
from hub.model.stock import InboundNotice
from mappings.kit import Context, Decoder, Decoders, Encoders
from mappings.x12 import acknowledgements, despatch, goods, receiving, returns, shipments
from mappings.x12.acknowledgements import answers
from mappings.x12.envelope import NO_TRAILER, Transaction, transactions
from mappings.x12.outward import file_of, interchange, set_of
from mappings.x12.terms import Terms, note_units
from mappings.x12.told import Told

__all__ = [
    "ENCODE",
    "KNOWN",
    "Terms",
    "Told",
    "Transaction",
    "answers",
    "decoders",
    "file_of",
    "interchange",
    "set_of",
    "transactions",
]

_Reader = Callable[[Transaction, Terms, Context], list[Document]]
SETS: Mapping[str, _Reader] = {
    "945": shipments.advice,
    "856": despatch.notice,
    "944": goods.receipt,
    "861": receiving.advice,
    "947": goods.adjustment,
    "846": goods.inventory,
    "180": returns.returned,
    **dict.fromkeys(acknowledgements.KINDS, acknowledgements.statuses),
}
"""Set -> what it says."""
KNOWN = frozenset(SETS)
WHOLE = "file"
"""The topic of a file that could not be parted into sets."""


def decoders(terms: Terms | None = None) -> Decoders:
    """The decode table of a connection."""
    agreed = terms or Terms()
    return dict.fromkeys((*SETS, WHOLE), _decoder(agreed))


def _decoder(terms: Terms) -> Decoder:
    def decode(raw: bytes, at: Context) -> list[Document]:
        found: list[Document] = []
        unread: list[str] = []
        for told in transactions(raw):
            if NO_TRAILER in told.faults:
                message = "it is missing: the file may be cut short"
                raise BadData(message, path="SE", code="bad_envelope")
            for code in told.faults:
                at.warn("envelope", f"a 997 would say {code} of it", path=told.number)
            if told.kind in SETS:
                note_units(told, terms, at)
                found += SETS[told.kind](told, terms, at)
            else:
                unread.append(told.kind)
        for kind in dict.fromkeys(unread) if found else ():
            at.warn("not_subscribed", f"topic {kind!r} is not taken", path="ST01")
        if unread and not found:
            raise Ignored("not_subscribed", f"topic {unread[0]!r} is not taken")
        return found

    return decode


def _written(
    document: FulfilmentOrder | FulfilmentCancellation | InboundNotice | Return, at: Context
) -> bytes:
    own = getattr(document, "created_at", None) or getattr(document, "requested_at", None)
    moment = own or document.source.occurred_at
    terms = Terms()
    return file_of(document, Told(1, "F000000001", moment or terms.clock()), terms, at)


ENCODE: Encoders = dict.fromkeys(
    (FulfilmentOrder, FulfilmentCancellation, InboundNotice, Return), _written
)
