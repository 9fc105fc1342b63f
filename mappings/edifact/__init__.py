"""UN/EDIFACT of warehouses (D.96A to D.01B) <-> canonical: DESADV, RECADV, INVRPT and CONTRL in,
ORDERS or INSDES, DESADV, RETANN and CONTRL out.

Topics are the types of messages. A delivery is one message in an envelope of its own.
"""

from collections.abc import Callable, Mapping

from hub.model.document import Document
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentOrder
from hub.model.returns import Return
from hub.model.stock import InboundNotice
from mappings.edifact import inventory, receipts, shipments
from mappings.edifact.acknowledgements import KIND, answer, refusals, statuses
from mappings.edifact.envelope import Message, Sent, interchanges
from mappings.edifact.outward import Told, file_of, interchange, kind_of
from mappings.edifact.syntax.faults import MISSING, Fault
from mappings.edifact.terms import Terms
from mappings.kit import Context, Decoder, Decoders, Encoders
from mappings.kit.units import others

__all__ = [
    "ENCODE",
    "KIND",
    "KNOWN",
    "Message",
    "Sent",
    "Terms",
    "Told",
    "answer",
    "decoders",
    "file_of",
    "interchange",
    "interchanges",
    "kind_of",
    "refusals",
]

_Reader = Callable[[Message, Terms, Context], list[Document]]
_MESSAGES: Mapping[str, _Reader] = {
    "DESADV": shipments.advice,
    "RECADV": receipts.receipt,
    "INVRPT": inventory.inventory,
    KIND: statuses,
}
"""Message -> what it says."""
KNOWN = frozenset(_MESSAGES)
WHOLE = "file"
"""The topic of an interchange that could not be parted into messages."""


def decoders(terms: Terms | None = None) -> Decoders:
    """The decode table of a connection."""
    agreed = terms or Terms()
    return dict.fromkeys((*_MESSAGES, WHOLE), _decoder(agreed))


def _decoder(terms: Terms) -> Decoder:
    def decode(raw: bytes, at: Context) -> list[Document]:
        sent = list(interchanges(raw))
        _check(sent, terms, at)
        return [
            document
            for it in sent
            for told in it.messages
            if told.kind in _MESSAGES
            for document in _MESSAGES[told.kind](told, terms, at)
        ]

    return decode


def _check(sent: list[Sent], terms: Terms, at: Context) -> None:
    """BadData where any part of it may be half of what was meant: then nothing of it is taken."""
    for whole in sent:
        _warn(whole, at)
        faults = [*whole.faults, *(fault for it in whole.messages for fault in it.faults)]
        for fault in faults:
            if not (terms.lenient and fault.may_be_read_over):
                raise fault.error()
            at.warn("envelope", str(fault.error()), path=fault.path)
        for told in whole.messages:
            _count(told, at)
            _measure(told, terms, at)
        if not whole.messages:
            raise Fault(MISSING, "UNH").error()


def _warn(whole: Sent, at: Context) -> None:
    envelope = whole.envelope
    if envelope.is_odd:
        at.warn("envelope", "it uses other signs than its UNA announces", path="UNA")
    if envelope.misnamed:
        message = f"its bytes are not of {envelope.misnamed}, which it names"
        at.warn("bad_encoding", message, path="UNB.0001")
    if envelope.is_test:
        at.warn("envelope", "it is marked as a test", path="UNB.0035")


def _count(told: Message, at: Context) -> None:
    """CNT+2 counts the lines: where it counts others than came, somebody should know."""
    counted = next(
        (it.at(1, 2) for it in told.segments if it.name == "CNT" and it.at(1) == "2"), None
    )
    lines = sum(it.name == "LIN" for it in told.segments)
    if counted is not None and counted.lstrip("0") not in {str(lines), ""}:
        at.warn("envelope", f"it counts {counted} lines and has {lines}", path="CNT.6066")


def _measure(told: Message, terms: Terms, at: Context) -> None:
    """A quantity in packs is read as so many pieces: somebody should know."""
    units = (it.at(1, 3) for it in told.segments if it.name == "QTY")
    for unit in others(units, terms.unit):
        at.warn("unit", f"its quantities are in {unit}: they count as pieces", path="QTY.6411")


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
