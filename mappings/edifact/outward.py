"""What a warehouse is told in EDIFACT: an instruction to ship (ORDERS or INSDES), again or not at
all, what it is to expect (DESADV or ORDERS; RETANN of returns), and CONTRL.

Source: the message and segment tables of D.96A and D.01B; lengths are theirs. Text is shortened to
fit, numbers are not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.model.document import Document, pieces
from hub.model.errors import BadData, Rejected
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentLine, FulfilmentOrder
from hub.model.returns import Return
from hub.model.stock import InboundLine, InboundNotice
from mappings.edifact import returns
from mappings.edifact.acknowledgements import KIND
from mappings.edifact.syntax import USUAL, Segment, una, written
from mappings.edifact.syntax.characters import CHARACTER_SETS
from mappings.edifact.terms import Terms
from mappings.edifact.writing import address, dtm, free_text, number_of, segment, short
from mappings.kit import Context

_NAMES = {"ORDERS": "220", "INSDES": "350", "DESADV": "351"}
"""The document's name (1001): an order, a despatch order, a despatch advice."""
_ORIGINAL, _REPLACED, _CANCELLED = "9", "5", "1"
_LONGEST_SKU = 35
_LONGEST_REFERENCE = 14
_CONTRL = "D:3:UN"
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})


@dataclass(frozen=True, slots=True)
class Told:
    """A message to be written: the reference of its interchange, the number by which the warehouse
    knows what it is about, and the moment that its envelope bears.
    """

    control: int
    number: str
    at: datetime


def kind_of(document: Document, terms: Terms) -> str:
    """The message that tells of a document. Rejected where none does."""
    if isinstance(document, (FulfilmentOrder, FulfilmentCancellation)):
        return terms.order_by
    if isinstance(document, InboundNotice):
        return terms.notice_by
    if isinstance(document, Return):
        return returns.KIND
    message = f"no message tells a warehouse of a {document.type}"
    raise Rejected(message, path="type", code="unknown_code")


def file_of(document: Document, told: Told, terms: Terms, at: Context) -> bytes:
    """The interchange for a document. Rejected where no message tells of it."""
    kind = kind_of(document, terms)
    body = [*_BODIES[type(document)](document, kind, told, terms, at)]
    return interchange(kind, body, told, terms, at)


def interchange(kind: str, body: Sequence[Segment], told: Told, terms: Terms, at: Context) -> bytes:
    """A message in an interchange of its own."""
    reference = str(told.control)
    if len(reference) > _LONGEST_REFERENCE:
        message = f"a reference has at most {_LONGEST_REFERENCE} digits: all are used up"
        raise Rejected(message, path="UNB.0020", code="too_long")
    when = told.at.astimezone(at.zone)
    asks = "1" if terms.asks and kind != KIND else ""
    versions = {KIND: _CONTRL, returns.KIND: terms.return_version}
    version = versions.get(kind, terms.version).split(":")
    head = segment(
        "UNB", terms.syntax.split(":"), terms.sender, terms.receiver,
        (f"{when:%y%m%d}", f"{when:%H%M}"), reference, "", "", "", asks, terms.agreement or "",
        "1" if terms.is_test else "",
    )  # fmt: skip
    segments = [
        segment("UNH", "1", (kind, *version)),
        *body,
        segment("UNT", str(len(body) + 2), "1"),
    ]
    text = written([head, *segments, segment("UNZ", "1", reference)], USUAL)
    return _encoded(una(USUAL) + text, terms)


def _order(
    document: FulfilmentOrder, kind: str, told: Told, terms: Terms, at: Context
) -> Iterator[Segment]:
    function = _ORIGINAL if document.revision == 1 else _REPLACED
    yield _begin(kind, told, function)
    yield dtm("137", document.created_at, at)
    if document.ship_by is not None:
        yield dtm("10", document.ship_by, at)
    for about, note in (
        ("DEL", document.delivery.instructions),
        ("AAI", document.note),
        ("AAI", document.gift_message),
    ):
        if note:
            yield free_text(about, note)
    yield segment("RFF", ("CR", short(document.order_number, 35)))
    yield from _parties(terms)
    yield from address("DP", document.ship_to)
    yield from _way(document, at)
    for line in document.lines:
        yield from _line(line, "21", terms)
    yield segment("UNS", "S")
    collected = document.cash_on_delivery
    if collected is not None:
        yield segment("MOA", ("22", format(collected.amount, "f"), collected.currency))
    yield segment("CNT", ("2", str(len(document.lines))))


def _cancellation(
    document: FulfilmentCancellation, kind: str, told: Told, terms: Terms, at: Context
) -> Iterator[Segment]:
    yield _begin(kind, told, _CANCELLED)
    yield dtm("137", document.requested_at, at)
    yield segment("RFF", ("ON", number_of(told.number)))
    yield from _parties(terms)
    yield segment("UNS", "S")


def _notice(
    document: InboundNotice, kind: str, told: Told, terms: Terms, at: Context
) -> Iterator[Segment]:
    yield _begin(kind, told, _ORIGINAL)
    yield dtm("137", told.at, at)
    if document.expected_at is not None:
        yield dtm("17" if kind == "DESADV" else "2", document.expected_at, at)
    yield segment("RFF", ("ON", short(document.inbound_notice_id, 35)))
    yield from _parties(terms)
    if document.supplier:
        yield segment("NAD", "SF" if kind == "DESADV" else "SU", "", "",
                       short(document.supplier, 35))  # fmt: skip
    if kind == "DESADV":
        yield segment("CPS", "1")
    for line in document.lines:
        yield from _line(line, "12" if kind == "DESADV" else "21", terms)
    if kind != "DESADV":
        yield segment("UNS", "S")
    yield segment("CNT", ("2", str(len(document.lines))))


def _return(document: Return, _: str, told: Told, terms: Terms, at: Context) -> Iterator[Segment]:
    return returns.returning(document, told.number, terms, at)


def _begin(kind: str, told: Told, function: str) -> Segment:
    return segment("BGM", _NAMES[kind], number_of(told.number), function)


def _parties(terms: Terms) -> Iterator[Segment]:
    for role, party in (("GO", terms.depositor), ("WH", terms.warehouse)):
        if party is not None:
            yield segment("NAD", role, (party[0], "", *party[1:2]))


def _way(document: FulfilmentOrder, at: Context) -> Iterator[Segment]:
    """How it shall travel; the carrier by the warehouse's code for it."""
    delivery = document.delivery
    service = short(delivery.service or delivery.method, 17)
    if delivery.carrier:
        carrier = at.theirs("carriers", delivery.carrier, path="delivery.carrier")
        yield segment("TDT", "20", "", ("", service), "", (short(carrier, 17), "", "ZZZ"))
    elif service:
        yield segment("TDT", "20", "", ("", service))


def _line(line: FulfilmentLine | InboundLine, quantity: str, terms: Terms) -> Iterator[Segment]:
    if line.quality != "good":
        message = "these messages speak of good pieces only"
        raise Rejected(message, path="lines.quality", code="unknown_code")
    if len(line.sku) > _LONGEST_SKU:
        message = f"an article number has at most {_LONGEST_SKU} characters"
        raise BadData(message, path="sku", code="too_long")
    code = line.item_code
    is_gtin = code is not None and code.isdecimal() and len(code) in _GTIN_LENGTHS
    yield segment("LIN", str(line.line_no), "", (code or "", "EN") if is_gtin else "")
    yield segment("PIA", "1" if is_gtin else "5", (line.sku, terms.sku_qualifiers[0]))
    if code and not is_gtin:
        yield segment("PIA", "1", (short(code, 35), "IN"))
    if isinstance(line, FulfilmentLine) and line.title:
        yield segment("IMD", "F", "", ("", "", "", short(line.title, 35)))
    yield segment("QTY", (quantity, pieces(line.quantity), terms.unit))
    if isinstance(line, InboundLine) and line.expires_on:
        yield segment("DTM", ("36", line.expires_on.replace("-", ""), "102"))
    yield segment("RFF", ("LI", str(line.line_no)))
    if line.batch:
        yield segment("RFF", ("BT", short(line.batch, 35)))


def _encoded(text: str, terms: Terms) -> bytes:
    """In the set that UNB names."""
    name = terms.syntax.partition(":")[0]
    encoding = CHARACTER_SETS[name]
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        found = text[error.start : error.start + 1]
        message = f"{name} has no {found!r}: set another syntax, such as UNOY:4, or change the text"
        raise BadData(message, path="syntax", code="bad_encoding") from None


_BODIES: Mapping[type[Document], Callable[..., Iterator[Segment]]] = {
    FulfilmentOrder: _order,
    FulfilmentCancellation: _cancellation,
    InboundNotice: _notice,
    Return: _return,
}
