"""997, functional acknowledgement, and 999, which stands for it since 5010: read as what became of
what we told; a 997 is written for what came.

One is written for each group that came in, with a verdict on each of its sets; neither is
ever answered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from hub.model.document import Document
from hub.model.errors import Ignored
from hub.model.fulfilment import FulfilmentStatus
from mappings.kit import Context
from mappings.x12.envelope import NO_TRAILER, Interchange, Segment, Transaction
from mappings.x12.segments import needed
from mappings.x12.terms import Terms

KIND = "997"
KINDS = (KIND, "999")
_VERDICTS = frozenset({"AK5", "IK5"})
_TAKEN = frozenset({"A", "E"})
_NOT_SUPPORTED = "1"
_WHY = {
    "1": "the set is not supported",
    "2": "the trailer is missing",
    "3": "the control numbers differ",
    "4": "the number of segments is wrong",
    "5": "segments are in error",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a partner's reader made of a set of ours: its number, and why it was refused."""

    number: str
    is_taken: bool
    codes: tuple[str, ...] = ()


def verdicts(told: Transaction) -> Iterator[Verdict]:
    """One for each set it names; where it names none, one for the group."""
    group = needed(told.first("AK1"), 2)
    number: str | None = None
    named = False
    for segment in told.segments:
        if segment.name == "AK2":
            number = segment.at(2)
        elif segment.name in _VERDICTS and number is not None:
            codes = tuple(code for place in range(2, 7) if (code := segment.at(place)))
            yield Verdict(number, segment.at(1) in _TAKEN, codes)
            number, named = None, True
    if not named:
        yield Verdict(group, told.first("AK9").at(1) in _TAKEN)


def statuses(told: Transaction, terms: Terms, at: Context) -> list[Document]:
    """What became of the orders that it speaks of. A refusal of their reader is no refusal of the
    warehouse: somebody mends what it could not read.
    """
    found = [status for verdict in verdicts(told) if (status := _status(verdict, told, terms, at))]
    if not found:
        raise Ignored("no_consequence", "it acknowledges nothing that an order waits for")
    return [*found]


def _status(
    verdict: Verdict, told: Transaction, terms: Terms, at: Context
) -> FulfilmentStatus | None:
    order = terms.acknowledged(verdict.number)
    if order is None:
        return None
    when = terms.clock()
    why = [f"{code} {_WHY.get(code, '')}".strip() for code in verdict.codes]
    return FulfilmentStatus(
        source=at.source(f"{told.kind}:{told.envelope.number}:{told.number}:{verdict.number}"),
        fulfilment_order_id=order,
        status="accepted" if verdict.is_taken else "exception",
        at=when,
        reason=None if verdict.is_taken else told.kind,
        message=None if verdict.is_taken else "; ".join(why) or "its reader refused the set",
    )


def answers(
    sets: Sequence[Transaction], known: frozenset[str]
) -> Iterator[tuple[Interchange, list[Segment]]]:
    """What to answer each group with that came: a set without its envelope."""
    for envelope, group in groupby(sets, key=lambda told: told.envelope):
        members = [told for told in group if told.kind not in KINDS]
        if members and envelope.group_number:
            yield envelope, list(_answer(envelope, members, known))


def _answer(
    envelope: Interchange, members: Sequence[Transaction], known: frozenset[str]
) -> Iterator[Segment]:
    accepted = 0
    refused = 0
    yield Segment(("AK1", envelope.group.at(1) or "", envelope.group.at(6) or ""))
    for told in members:
        codes = told.faults if told.kind in known else (_NOT_SUPPORTED,)
        word = "A" if not codes else "E" if told.kind in known and NO_TRAILER not in codes else "R"
        accepted += word != "R"
        refused += word == "R"
        yield Segment(("AK2", told.kind, told.number))
        yield Segment(("AK5", word, *codes[:5]))
    overall = "R" if not accepted else "P" if refused else "A"
    counts = (str(len(members)), str(len(members)), str(accepted))
    yield Segment(("AK9", overall, *counts))
