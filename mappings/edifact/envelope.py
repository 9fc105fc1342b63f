"""The envelope of UN/EDIFACT: interchanges, groups and messages, with what is wrong in them.

What is wrong is noted with the code by which a CONTRL tells of it (0085). A message whose trailer
is missing, or counts otherwise than it has segments, may be half of what was meant: nothing of it
is taken. The same holds for an interchange as a whole.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from hub.model.errors import BadData
from mappings.edifact.syntax import (
    USUAL,
    Segment,
    Separators,
    is_cut_short,
    segments,
    separators,
    una,
    written,
)
from mappings.edifact.syntax.characters import characters
from mappings.edifact.syntax.faults import (
    CUT_SHORT,
    MISPLACED,
    MISSING,
    NUMBERS_DIFFER,
    WRONG_COUNT,
    Fault,
)

_NEXT_ONE = re.compile(r"[\r\n]\s*(?=UNA.{5,6}\s*UNB|UNB[^A-Za-z0-9 \t\r\n])", re.DOTALL)


_OF_ENVELOPES = frozenset({"UNB", "UNG", "UNH", "UNE", "UNZ"})


@dataclass(frozen=True, slots=True)
class Interchange:
    """Who sent it to whom, under which reference. Empty where a message came alone.

    `misnamed`: the character set that it names, where its bytes are of another one. `is_odd`: it
    uses other signs than it announces.
    """

    head: Segment = field(default_factory=lambda: Segment([("UNB",)]))
    group: Segment | None = None
    marks: Separators = USUAL
    misnamed: str | None = None
    is_odd: bool = False

    @property
    def sender(self) -> str:
        """The sender's id and qualifier."""
        return ":".join(self.head.parts(2)[:2])

    @property
    def number(self) -> str:
        """Its control reference."""
        return self.head.at(5) or ""

    @property
    def asks(self) -> bool:
        """Whether an acknowledgement is asked for."""
        return self.head.at(9) == "1"

    @property
    def is_test(self) -> bool:
        """Whether it is marked as a test."""
        return self.head.at(11) == "1"


@dataclass(frozen=True, slots=True)
class Message:
    """One message, from UNH to UNT, with the envelope that it came in."""

    envelope: Interchange
    segments: Sequence[Segment]
    faults: tuple[Fault, ...] = ()

    @property
    def kind(self) -> str:
        """What it is: DESADV and the like."""
        return (self.segments[0].at(2) or "").upper()

    @property
    def number(self) -> str:
        """Its reference."""
        return self.segments[0].at(1) or ""

    @property
    def text(self) -> str:
        """It alone, in an envelope of its own: what a person reads and mends."""
        head, group, marks = self.envelope.head, self.envelope.group, self.envelope.marks
        told: list[Segment] = [*self.segments]
        if len(head) == 1:
            return written(told, marks)
        if group is not None:
            told = [group, *told, Segment([("UNE",), ("1",), (group.at(5) or "",)])]
        tail = Segment([("UNZ",), ("1",), (head.at(5) or "",)])
        return una(marks) + written([head, *told, tail], marks)

    def first(self, name: str) -> Segment:
        """The first segment of a name. BadData where there is none."""
        for segment in self.segments:
            if segment.name == name:
                return segment
        raise BadData(f"a segment {name} is expected", path=name, code="missing_field")


@dataclass(frozen=True, slots=True)
class Sent:
    """An interchange as it came. `faults`: those of itself, not of its messages."""

    envelope: Interchange
    messages: Sequence[Message]
    text: str
    faults: tuple[Fault, ...] = ()


def interchanges(raw: bytes) -> Iterator[Sent]:
    """The interchanges of a file, in their order. BadData where it is no EDIFACT at all."""
    read = characters(raw)
    text, begin = read.text.replace("\x00", ""), 0
    begin = _skip(text, begin)
    while True:
        marks, start, is_odd = separators(text, begin)
        end = _end(text, start, marks)
        envelope = Interchange(marks=marks, misnamed=read.misnamed, is_odd=is_odd)
        yield _sent(envelope, text[start:end], text[begin:end])
        begin = _skip(text, end)
        if begin >= len(text):
            return


def _skip(text: str, begin: int) -> int:
    """Where the next thing begins: blanks and a byte order mark say nothing."""
    while begin < len(text) and text[begin] in " \t\r\n\ufeff\x1a":
        begin += 1
    return begin


def _end(text: str, start: int, marks: Separators) -> int:
    """Where an interchange ends: behind its trailer, or where the next one begins."""
    sign, element = re.escape(marks.segment), re.escape(marks.element)
    trailer = re.compile(rf"{sign}\s*UNZ{element}[^{sign}\r\n]*{sign}?")
    closed, begun = trailer.search(text, start), _NEXT_ONE.search(text, start + 1)
    if closed and (begun is None or closed.start() < begun.start()):
        return closed.end()
    return begun.start() if begun else len(text)


def _sent(envelope: Interchange, body: str, text: str) -> Sent:
    parting = _Parting(envelope)
    for segment in segments(body, envelope.marks):
        parting.take(segment)
    sent = parting.sent(text)
    if is_cut_short(body, envelope.marks):
        return replace(sent, faults=(*sent.faults, Fault(CUT_SHORT, "UNZ")))
    return sent


class _Parting:
    """An interchange, segment by segment: what belongs to which message and which envelope."""

    def __init__(self, envelope: Interchange) -> None:
        self._envelope = envelope
        self._held: list[Segment] = []
        self._messages: list[Message] = []
        self._faults: list[Fault] = []
        self._tails: list[Segment] = []
        self._groups = 0

    def take(self, segment: Segment) -> None:
        """The next one."""
        name = segment.name
        if self._held and name not in _OF_ENVELOPES:
            self._held.append(segment)
            if name == "UNT":
                self._close()
            return
        self._close()
        if name == "UNB":
            self._envelope = replace(self._envelope, head=segment)
        elif name == "UNH":
            self._held = [segment]
        elif name == "UNG":
            self._envelope = replace(self._envelope, group=segment)
            self._groups += 1
        elif name == "UNE":
            self._faults += _of_group(self._envelope.group, self._messages, segment)
        elif name == "UNZ":
            self._tails.append(segment)
        else:
            self._faults.append(Fault(MISPLACED, name[:10] or "UNH"))

    def sent(self, text: str) -> Sent:
        """All of it, when the last one was taken."""
        self._close()
        head = self._envelope.head
        if len(head) > 1:
            count = self._groups or len(self._messages)
            self._faults += _of_interchange(head, self._tails, count)
        envelope = replace(self._envelope, group=None)
        return Sent(envelope, self._messages, text, tuple(self._faults))

    def _close(self) -> None:
        if self._held:
            self._messages.append(_message(self._envelope, self._held))
            self._held = []


def _message(envelope: Interchange, held: list[Segment]) -> Message:
    tail = held[-1]
    if tail.name != "UNT":
        return Message(envelope, held, (Fault(MISSING, "UNT"),))
    faults = []
    if _plain(tail.at(2)) != _plain(held[0].at(1)):
        faults.append(Fault(NUMBERS_DIFFER, "UNT"))
    if _plain(tail.at(1)) != str(len(held)):
        faults.append(Fault(WRONG_COUNT, "UNT"))
    return Message(envelope, held, tuple(faults))


def _of_group(group: Segment | None, messages: Sequence[Message], tail: Segment) -> Iterator[Fault]:
    if group is None:
        yield Fault(MISPLACED, "UNE")
        return
    members = [it for it in messages if it.envelope.group is group]
    if _plain(tail.at(1)) != str(len(members)):
        yield Fault(WRONG_COUNT, "UNE")
    if _plain(tail.at(2)) != _plain(group.at(5)):
        yield Fault(NUMBERS_DIFFER, "UNE")


def _of_interchange(head: Segment, tails: Sequence[Segment], count: int) -> Iterator[Fault]:
    if not tails:
        yield Fault(MISSING, "UNZ")
        return
    if _plain(tails[0].at(1)) != str(count):
        yield Fault(WRONG_COUNT, "UNZ")
    if _plain(tails[0].at(2)) != _plain(head.at(5)):
        yield Fault(NUMBERS_DIFFER, "UNZ")


def _plain(number: str | None) -> str:
    return (number or "").lstrip("0") or ("0" if number else "")
