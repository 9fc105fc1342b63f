"""CONTRL, syntax and service report: read as what became of what we told, and written for what
came.

One is written for each interchange that came in, with a verdict on each of its messages that was
refused; an interchange that only acknowledges is never answered. Source: CONTRL D.3 of ISO 9735.
"""

from collections.abc import Iterator

from hub.model.document import Document
from hub.model.errors import Ignored
from hub.model.fulfilment import FulfilmentStatus
from mappings.edifact.envelope import Message, Sent
from mappings.edifact.syntax import Segment
from mappings.edifact.syntax.faults import (
    CUT_SHORT,
    MISPLACED,
    MISSING,
    NUMBERS_DIFFER,
    WRONG_COUNT,
    Fault,
)
from mappings.edifact.terms import Terms
from mappings.kit import Context

KIND = "CONTRL"
REFUSED, TAKEN, ARRIVED = "4", "7", "8"
"""What is said of a level (0083)."""
_NO_AGREEMENT = "17"
_WHY = {
    "2": "the syntax version or level is not supported",
    "7": "the recipient is another one",
    "12": "a value is invalid",
    MISSING: "something is missing",
    "14": "a value is not supported in its place",
    "15": "something is not supported in its place",
    "16": "too many constituents",
    "17": "there is no agreement",
    "18": "an error that is not named",
    "19": "the decimal mark is invalid",
    "21": "a character is invalid",
    CUT_SHORT: "a service character is invalid",
    "23": "the sender is unknown",
    "25": "the test indicator is not supported",
    "26": "it was sent before",
    NUMBERS_DIFFER: "the references differ",
    WRONG_COUNT: "the count is wrong",
    MISPLACED: "something stands outside of a message",
    "37": "characters of a wrong kind",
    "39": "a value is too long",
    "40": "a value is too short",
}
"""Errors of syntax (0085)."""


def statuses(told: Message, terms: Terms, at: Context) -> list[Document]:
    """What became of the order that was told in an interchange. A refusal of their reader is no
    refusal of the warehouse: somebody mends what it could not read.
    """
    whole = told.first("UCI")
    reference = whole.at(1) or ""
    order = terms.acknowledged(reference)
    verdicts = [whole.at(4)]
    codes = [whole.at(5)]
    for segment in told.segments:
        if segment.name in {"UCF", "UCM"}:
            verdicts.append(segment.at(3 if segment.name == "UCM" else 4))
            codes.append(segment.at(4 if segment.name == "UCM" else 5))
        elif segment.name in {"UCS", "UCD"}:
            codes.append(segment.at(2 if segment.name == "UCS" else 1))
    if order is None or (REFUSED not in verdicts and verdicts == [ARRIVED]):
        raise Ignored("no_consequence", "it acknowledges nothing that an order waits for")
    is_taken = REFUSED not in verdicts
    why = [f"{code} {_WHY.get(code, '')}".strip() for code in dict.fromkeys(codes) if code]
    return [
        FulfilmentStatus(
            source=at.source(f"{KIND}:{told.envelope.number}:{told.number}:{reference}"),
            fulfilment_order_id=order,
            status="accepted" if is_taken else "exception",
            at=terms.clock(),
            reason=None if is_taken else KIND,
            message=None if is_taken else "; ".join(why) or "its reader refused the interchange",
        )
    ]


def refusals(sent: Sent, *, lenient: bool) -> tuple[Fault, ...]:
    """The faults of an interchange for which nothing of it is taken."""
    return tuple(it for it in sent.faults if not (lenient and it.may_be_read_over))


def answer(sent: Sent, known: frozenset[str], *, lenient: bool) -> list[Segment] | None:
    """The body of a CONTRL about an interchange; None where none is due: it came without an
    envelope, or acknowledges itself.
    """
    head = sent.envelope.head
    if len(head) == 1 or (sent.messages and all(it.kind == KIND for it in sent.messages)):
        return None
    faults = refusals(sent, lenient=lenient)
    parties = (head.parts(2), head.parts(3))
    reference = (head.at(5) or "",)
    if faults or not sent.messages:
        fault = faults[0] if faults else Fault(MISSING, "UNH")
        refused = ((REFUSED,), (fault.code,), (fault.path[:3],))
        return [Segment([("UCI",), reference, *parties, *refused])]
    whole = Segment([("UCI",), reference, *parties, (TAKEN,)])
    return [whole, *_refused(sent, known, lenient=lenient)]


def _refused(sent: Sent, known: frozenset[str], *, lenient: bool) -> Iterator[Segment]:
    for it in sent.messages:
        faults = [one for one in it.faults if not (lenient and one.may_be_read_over)]
        code = faults[0].code if faults else None if it.kind in known else _NO_AGREEMENT
        if code is not None:
            place = (faults[0].path,) if faults else ("UNH",)
            reference = (it.number,)
            yield Segment(
                [("UCM",), reference, it.segments[0].parts(2), (REFUSED,), (code,), place]
            )
