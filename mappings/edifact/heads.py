"""What every message of a warehouse begins with: its number (BGM), function, dates, references."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.model.errors import BadData
from mappings.edifact.envelope import Message
from mappings.edifact.segments import Notes, dated, notes, written_at
from mappings.edifact.syntax import Segment
from mappings.edifact.terms import Terms
from mappings.kit import Context

_DETAIL = frozenset({"LIN", "CPS", "UNS", "CNT", "UNT"})
_OF_LINES = frozenset({"PIA", "IMD", "QTY", "QVR", "INV"})
_TAKES_BACK = {"1": "takes back", "3": "deletes in", "4": "changes", "5": "replaces"}
"""Functions of a message (1225) by which it speaks of what was told before."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a message. `number`: the warehouse's own of the document."""

    message: Message
    number: str
    when: datetime
    segments: Sequence[Segment]
    notes: Notes

    @property
    def decimal_mark(self) -> str:
        """By which sign decimals are parted in the message."""
        return self.message.envelope.marks.decimal


def head_of(
    told: Message, dates: Sequence[str], terms: Terms, at: Context, *, replaces: bool = False
) -> Head:
    """The head, its moment by the first of some kinds of dates. BadData where the message corrects
    what was told before: what was booked is not unmade by itself. `replaces`: it stands for the one
    before as a whole, and may.
    """
    begin = told.first("BGM")
    function = begin.at(3) or "9"
    if function in _TAKES_BACK and not (replaces and function == "5"):
        message = (
            f"function {function} {_TAKES_BACK[function]} what was told: book by hand what differs"
        )
        raise BadData(message, path="BGM.1225", code="correction")
    segments = _until(told.segments, _DETAIL)
    when = dated(segments, dates, at) or written_at(told.envelope.head, at) or terms.clock()
    place = f"{told.envelope.number}-{told.number}"
    own = begin.at(2) or begin.at(1, 4)  # some write it beside the name of the document
    return Head(told, own or place, when, segments, notes(segments))


def in_order(told: Message, line: str) -> None:
    """BadData where what belongs to a line stands before the first one: nobody knows to which."""
    for segment in told.segments:
        if segment.name in {line, "CPS"}:
            return
        if segment.name in _OF_LINES and segment.name != "IMD":
            message = f"{segment.name} stands before the first {line}"
            raise BadData(message, path=segment.name, code="bad_envelope")


def _until(segments: Sequence[Segment], names: frozenset[str]) -> Sequence[Segment]:
    end = next((at for at, it in enumerate(segments) if it.name in names), len(segments))
    return segments[:end]
