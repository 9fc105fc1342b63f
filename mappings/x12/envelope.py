"""The envelope of ANSI X12: interchanges, groups and transaction sets, read as partners write them.

Source: X12.5 and X12.6; what real files break is in the partner's sheet: ISA that is not 106 bytes
wide, several interchanges in a file, counts and control numbers that differ, sets without an
envelope. What is wrong is noted with the code by which a 997 tells of it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hub.model.errors import BadData

ISA_ELEMENTS = 16
NO_TRAILER, NUMBERS_DIFFER, WRONG_COUNT, IN_ERROR = "2", "3", "4", "5"
"""What a 997 says of a set (AK502)."""
_CLOSES = {"ISA": "IEA", "GS": "GE", "ST": "SE"}
_BARE = re.compile(r"ST(?P<element>[^A-Za-z0-9\s])\d{3}(?P=element)")


class Segment(tuple[str, ...]):
    """A segment: its name, then its elements. What is not there is empty."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Its name, such as W12."""
        return self[0]

    def at(self, number: int) -> str | None:
        """An element by the number that the standard gives it; None where it is empty."""
        return (self[number].strip() or None) if number < len(self) else None


class Separators(NamedTuple):
    """What parts elements, components and segments."""

    element: str = "*"
    component: str = ">"
    segment: str = "~"


@dataclass(frozen=True, slots=True)
class Interchange:
    """Who sent it to whom, under which number. Empty where a set came without an envelope."""

    head: Segment = field(default_factory=lambda: Segment(("ISA",)))
    group: Segment = field(default_factory=lambda: Segment(("GS",)))

    @property
    def sender(self) -> str:
        """The sender's qualifier and id."""
        return f"{self.head.at(5) or ''}:{self.head.at(6) or ''}"

    @property
    def number(self) -> str:
        """Its control number, without leading zeros."""
        return _plain(self.head.at(13))

    @property
    def group_number(self) -> str:
        """The control number of the group, without leading zeros."""
        return _plain(self.group.at(6))

    @property
    def is_test(self) -> bool:
        """Whether it is marked as a test."""
        return self.head.at(15) == "T"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction set, with the envelope that it came in.

    `segments`: from ST to SE. `text`: the set as it was written, in an envelope of its own.
    `faults`: codes of AK502.
    """

    envelope: Interchange
    segments: Sequence[Segment]
    text: str
    faults: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What it is: 945 and the like."""
        return self.segments[0].at(1) or ""

    @property
    def number(self) -> str:
        """Its control number as it is written."""
        return self.segments[0].at(2) or ""

    def first(self, name: str) -> Segment:
        """The first segment of a name. BadData where there is none."""
        for segment in self.segments:
            if segment.name == name:
                return segment
        raise BadData(f"a segment {name} is expected", path=name, code="missing_field")


def transactions(raw: bytes) -> Iterator[Transaction]:
    """The transaction sets of a file, in their order. BadData where it is no X12 at all."""
    text = _text(raw)
    bare = _BARE.match(text)
    if bare:
        marks = Separators(bare["element"], ">", "~" if "~" in text else "\n")
        yield from _of_interchange(_segments(text, marks), marks)
        return
    if not text.startswith("ISA"):
        message = "X12 is expected, which begins with ISA"
        raise BadData(message, path="ISA", code="bad_data")
    while text.startswith("ISA"):
        marks = separators(text)
        end = _end(text, marks)
        yield from _of_interchange(_segments(text[:end], marks), marks)
        text = text[end:].lstrip()


def separators(text: str) -> Separators:
    """As the ISA that a text begins with shows them: by what stands between its sixteenth element
    and the group, where there is one.
    """
    element = text[3:4]
    if not element or element.isalnum():
        raise _no_isa()
    last = _place(text, element)
    group = text.find(f"GS{element}")
    if 0 < group <= last or (last < 0 < group):  # an ISA cut short
        return Separators(element, "", _terminator(text[:group]))
    if last < 0 or last + 2 >= len(text):
        raise _no_isa()
    if group > 0 and len(text[last + 1 : group].rstrip()) > 1:
        return Separators(element, text[last + 1], _terminator(text[:group]))
    component, segment = text[last + 1], text[last + 2]
    if segment not in "\r\n":
        return Separators(element, component, segment)
    if text.count(f"{component}{segment}") > text.count(f"ISA{element}"):  # ISA16 is missing
        return Separators(element, "", component)
    return Separators(element, component, "\n")


def _place(text: str, element: str) -> int:
    """Where the separator before the sixteenth element stands, -1 where there are fewer."""
    place = 3
    for _ in range(ISA_ELEMENTS - 1):
        place = text.find(element, place + 1)
        if place < 0:
            break
    return place


def _terminator(head: str) -> str:
    """The sign that ends a segment: a line end, where a letter or digit stands before it."""
    end = head.rstrip()[-1]
    return "\n" if end.isalnum() else end


def _no_isa() -> BadData:
    return BadData("an ISA of sixteen elements is expected", path="ISA", code="bad_data")


def _end(text: str, marks: Separators) -> int:
    """Where the interchange ends that a text begins with: after IEA, or at the next ISA."""
    trailer = re.compile(rf"{re.escape(marks.segment)}\s*IEA[^{re.escape(marks.segment)}]*")
    next_one = re.compile(rf"{re.escape(marks.segment)}\s*ISA{re.escape(marks.element)}")
    closed, begun = trailer.search(text), next_one.search(text)
    if closed and (begun is None or closed.start() < begun.start()):
        return closed.end() + 1
    return begun.start() + 1 if begun else len(text)


def _segments(text: str, marks: Separators) -> list[Segment]:
    parts = (part.strip("\r\n\t ") for part in text.split(marks.segment))
    return [Segment(part.split(marks.element)) for part in parts if part]


def _of_interchange(segments: Sequence[Segment], marks: Separators) -> Iterator[Transaction]:
    envelope, held = Interchange(), list[Segment]()
    for segment in segments:
        if segment.name == "ISA":
            envelope = Interchange(segment)
        elif segment.name == "GS":
            envelope = Interchange(envelope.head, segment)
        elif segment.name in {"ST", "GE", "IEA"}:
            if held:
                yield _transaction(envelope, held, marks)
            held = [segment] if segment.name == "ST" else []
        elif held:
            held.append(segment)
            if segment.name == "SE":
                yield _transaction(envelope, held, marks)
                held = []
    if held:
        yield _transaction(envelope, held, marks)


def _transaction(envelope: Interchange, held: list[Segment], marks: Separators) -> Transaction:
    faults = []
    trailer = held[-1]
    if trailer.name != "SE":
        faults.append(NO_TRAILER)
    else:
        if _plain(trailer.at(2)) != _plain(held[0].at(2)):
            faults.append(NUMBERS_DIFFER)
        if _plain(trailer.at(1)) != str(len(held)):
            faults.append(WRONG_COUNT)
    return Transaction(envelope, held, _alone(envelope, held, marks), tuple(faults))


def _alone(envelope: Interchange, held: Sequence[Segment], marks: Separators) -> str:
    """A set in an envelope of its own: what a person reads and mends, and what is read again."""
    if not envelope.head.at(6):
        return written(held, marks)
    head, group = envelope.head, envelope.group
    tail = [Segment(("IEA", "1" if len(group) > 1 else "0", head.at(13) or ""))]
    if len(group) > 1:
        tail.insert(0, Segment(("GE", "1", group.at(6) or "")))
    parts = [head, *([group] if len(group) > 1 else []), *held, *tail]
    return written(parts, marks)


def written(segments: Sequence[Sequence[str]], marks: Separators) -> str:
    """Segments as text, each on a line of its own."""
    end = marks.segment if marks.segment == "\n" else f"{marks.segment}\n"
    return "".join(marks.element.join(segment) + end for segment in segments)


def _plain(number: str | None) -> str:
    return (number or "").lstrip("0") or ("0" if number else "")


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.replace("\x00", "").lstrip()
