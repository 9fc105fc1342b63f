"""What a warehouse is told in X12: 940 (ship, ship otherwise, do not ship), 943, 180 and 997.

Source: the element tables of 4010; lengths are theirs. Text is shortened to fit, numbers are not.
"""

from collections.abc import Iterator, Sequence

from hub.model.document import Document, pieces
from hub.model.errors import BadData, Rejected
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentLine, FulfilmentOrder
from hub.model.returns import Return
from hub.model.stock import InboundNotice
from mappings.kit import Context
from mappings.x12.acknowledgements import KIND
from mappings.x12.envelope import Segment, written
from mappings.x12.notices import notice
from mappings.x12.returns import returning
from mappings.x12.terms import Terms
from mappings.x12.told import Told
from mappings.x12.writing import number_of, party, short, trimmed

_GROUPS = {"940": "OW", "943": "AR", "180": "AN", KIND: "FA"}
_ISA_VERSIONS = {"004010": "00401", "005010": "00501"}
_UNTIL_5010 = "U"


def set_of(document: Document) -> str:
    """The set that tells of a document. Rejected where none does."""
    if isinstance(document, (FulfilmentOrder, FulfilmentCancellation)):
        return "940"
    if isinstance(document, InboundNotice):
        return "943"
    if isinstance(document, Return):
        return "180"
    message = f"no set tells a warehouse of a {document.type}"
    raise Rejected(message, path="type", code="unknown_code")


def file_of(document: Document, told: Told, terms: Terms, at: Context) -> bytes:
    """The interchange for a document. Rejected where X12 has no set for it here."""
    kind = set_of(document)
    if isinstance(document, FulfilmentOrder):
        return interchange(kind, list(_order(document, told, terms, at)), told, terms, at)
    if isinstance(document, InboundNotice):
        return interchange(kind, list(notice(document, told, terms, at)), told, terms, at)
    if isinstance(document, Return):
        return interchange(kind, list(returning(document, told, terms, at)), told, terms, at)
    head = ("W05", "C", number_of(told.order))
    return interchange(kind, [Segment(head)], told, terms, at)


def interchange(kind: str, body: Sequence[Segment], told: Told, terms: Terms, at: Context) -> bytes:
    """A set in an interchange of its own; one number for all three envelopes."""
    number = f"{told.control:09}"
    if len(number) > 9:
        message = "a control number has nine digits: all are used up"
        raise Rejected(message, path="ISA13", code="too_long")
    when, marks = told.at.astimezone(at.zone), terms.separators
    is_5010 = terms.version >= "005"
    head = Segment(
        (
            "ISA",
            *("00", " " * 10, "00", " " * 10),
            *(
                terms.sender[0],
                f"{terms.sender[1]:15}",
                terms.receiver[0],
                f"{terms.receiver[1]:15}",
            ),
            *(f"{when:%y%m%d}", f"{when:%H%M}", "^" if is_5010 else _UNTIL_5010),
            *(_ISA_VERSIONS.get(terms.version, "00401"), number, "0"),
            *("T" if terms.is_test else "P", marks.component),
        )
    )
    group = (
        *("GS", _GROUPS[kind], terms.group_sender or terms.sender[1]),
        *(terms.group_receiver or terms.receiver[1], f"{when:%Y%m%d}", f"{when:%H%M}"),
        *(str(told.control), "X", terms.version),
    )
    segments = [
        Segment(("ST", kind, number)),
        *(_clean(segment, terms) for segment in body),
        Segment(("SE", str(len(body) + 2), number)),
    ]
    tail = (("GE", "1", str(told.control)), ("IEA", "1", number))
    return _encoded(written([head, Segment(group), *segments, *map(Segment, tail)], marks), terms)


def _order(document: FulfilmentOrder, told: Told, terms: Terms, at: Context) -> Iterator[Segment]:
    action = "N" if document.revision == 1 else "R"
    yield Segment(("W05", action, number_of(told.order), short(document.order_number, 22)))
    yield from party("ST", document.ship_to)
    for role, who in (("DE", terms.depositor), ("WH", terms.warehouse)):
        if who is not None:
            yield Segment(("N1", role, "", *who))
    yield Segment(("N9", "CO", short(document.order_number, 30)))
    if document.ship_by is not None:
        yield Segment(("G62", "10", f"{document.ship_by.astimezone(at.zone):%Y%m%d}"))
    for note in (document.note, document.delivery.instructions):
        if note:
            yield Segment(("NTE", "WHI", short(note, 80)))
    yield _way(document, terms, at)
    for line in document.lines:
        yield from _line(line, terms)
    total = sum(
        (line.quantity for line in document.lines), start=type(document.lines[0].quantity)(0)
    )
    yield Segment(("W76", pieces(total)))


def _way(document: FulfilmentOrder, terms: Terms, at: Context) -> Segment:
    """How it shall travel; the carrier by its SCAC where the order names one."""
    delivery = document.delivery
    carrier = delivery.carrier and at.theirs("scac", delivery.carrier, path="delivery.carrier")
    service = short(delivery.service or delivery.method, 35)
    payment = (terms.payment, terms.transport, "", "", service)
    return trimmed("W66", *payment, "", "", "", "", carrier or "")


def _line(line: FulfilmentLine, terms: Terms) -> Iterator[Segment]:
    kind = terms.sku_qualifiers[0]
    sku = line.sku
    if len(sku) > 48:
        raise BadData("an article number has at most 48 characters", path="sku", code="too_long")
    yield Segment(("LX", str(line.line_no)))
    yield trimmed("W01", pieces(line.quantity), terms.unit, "", kind, sku, *_lot(line))
    if line.title:
        yield Segment(("G69", short(line.title, 45)))
    yield Segment(("N9", "LI", str(line.line_no)))


def _lot(line: FulfilmentLine) -> tuple[str, ...]:
    return (*[""] * 7, short(line.batch, 12)) if line.batch else ()


def _clean(segment: Segment, terms: Terms) -> Segment:
    """Without what parts elements and segments: the standard has no way to say it in text."""
    table = str.maketrans(dict.fromkeys("".join(terms.separators), " "))
    return Segment(element.translate(table) for element in segment)


def _encoded(text: str, terms: Terms) -> bytes:
    try:
        return text.encode(terms.encoding)
    except UnicodeEncodeError as error:
        found = text[error.start : error.start + 1]
        message = f"{terms.encoding} has no {found!r}: set another encoding, or change the text"
        raise BadData(message, path="encoding", code="bad_encoding") from None
