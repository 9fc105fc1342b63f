"""The signs of UN/EDIFACT: which part segments, elements and components, and how text is written
between them. Messages and their envelopes are in `../envelope.py`.

Source: ISO 9735, syntax versions 1 to 4. What real files break: no UNA, or one that lacks its
blank or names other signs than the file uses; line ends in place of a terminator, or in the middle
of a segment.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from hub.model.errors import BadData


class Segment(tuple[tuple[str, ...], ...]):
    """A segment: its elements, each of components. The first is its name."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Its name, such as LIN."""
        return self[0][0].upper()

    def at(self, element: int, component: int = 1) -> str | None:
        """What stands at an element, counted from 1 behind the name, and component; None where it
        is empty.
        """
        parts = self.parts(element)
        return (parts[component - 1].strip() or None) if component <= len(parts) else None

    def parts(self, element: int) -> tuple[str, ...]:
        """The components of an element."""
        return self[element] if element < len(self) else ()


class Separators(NamedTuple):
    """The service characters in the order of UNA. `repetition`: a blank where elements do not
    repeat; `release`: before a sign that is text, a blank where there is none.
    """

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    repetition: str = " "
    segment: str = "'"


USUAL = Separators()
_OF_LEVEL_B = Separators("\x1f", "\x1d", ".", " ", " ", "\x1c")
_UNA = re.compile(r"UNA(?P<marks>.{6}|.{5})\s*(?=UN[BGH])", re.DOTALL)
_SIGN = r"[^A-Za-z0-9 \t\r\n]"  # the separators of level B count as blanks elsewhere
_HEAD = re.compile(
    rf"UN[BH](?P<element>{_SIGN})(?:{_SIGN}?[A-Za-z0-9]+)"
    rf"(?:(?P<component>{_SIGN})(?P<version>[0-9]))?"
)
_BARE = re.compile(rf"UNH(?P<element>\W)[^\r\n]*?(?P=element)[A-Z]{{6}}(?P<component>{_SIGN})")
_REPEATS_FROM = "4"


class Read(NamedTuple):
    """An interchange's signs, where its text begins, and whether they are other than announced."""

    marks: Separators
    begin: int
    is_odd: bool = False


def separators(text: str, begin: int = 0) -> Read:
    """The signs of the interchange, or the message alone, that a text goes on with. BadData where
    none does.
    """
    una = _UNA.match(text, begin)
    start = una.end() if una else begin
    head = _HEAD.match(text, start)
    if head is None:
        message = "EDIFACT is expected, which begins with UNA or UNB"
        raise BadData(message, path="UNB", code="bad_data")
    told = _announced(una["marks"]) if una else USUAL
    element = head["element"]
    if element == told.element and _ends(text, start, told.segment, element):
        return Read(_repeating(told, head["version"] or "", announced=bool(una)), start)
    found = _found(text, start, element, told, head["component"])
    return Read(found, start, una is not None)


def _announced(marks: str) -> Separators:
    """What UNA says. Some lose the blank in it; a line end is one sign."""
    component, element, decimal, release = tuple(marks[:4])
    rest = marks[4:] if len(marks) == 6 else f" {marks[4]}"
    segment = "\n" if rest[1] in "\r\n" else rest[1]
    return Separators(component, element, decimal, release, rest[0], segment)


def _repeating(marks: Separators, version: str, *, announced: bool) -> Separators:
    """Elements repeat from syntax version 4 on, by `*` where nothing else is announced."""
    if version < _REPEATS_FROM:
        return marks._replace(repetition=" ")
    return marks if announced else marks._replace(repetition="*")


def _ends(text: str, start: int, segment: str, element: str) -> bool:
    """Whether the head of an interchange, or of a message alone, ends with a sign."""
    ending = rf"{re.escape(segment)}\s*[A-Z]{{3}}{re.escape(element)}"
    return re.compile(ending).search(text, start) is not None


def _found(
    text: str, start: int, element: str, told: Separators, component: str | None
) -> Separators:
    """The signs as the file uses them, whatever it announces."""
    if element == _OF_LEVEL_B.element:
        return _OF_LEVEL_B
    bare = _BARE.match(text, start)
    component = component or (bare["component"] if bare else None) or told.component
    next_one = re.compile(rf"(?P<end>[^\w\s]?)\s*\b(?:UN[GH]|BGM){re.escape(element)}")
    after = next_one.search(text, start + 4)
    segment = (after["end"] if after else "") or "\n"
    release = told.release if told.release not in {element, component, segment} else " "
    return Separators(component, element, told.decimal, release, " ", segment)


def segments(text: str, marks: Separators) -> Iterator[Segment]:
    """The segments of a text. A release character with nothing behind it is left as it is."""
    end, release = re.escape(marks.segment), re.escape(marks.release)
    if marks.release == " ":
        parts: Iterable[str] = text.split(marks.segment)
    else:
        whole = re.compile(rf"(?:[^{end}{release}]+|{release}.)*+{release}?", re.DOTALL)
        parts = (found[0] for found in whole.finditer(text))
    for part in parts:
        told = part.strip("\r\n\t ")
        if told:
            yield _parted(told, marks)


def is_cut_short(text: str, marks: Separators) -> bool:
    """Whether a text ends with a release character that releases nothing."""
    if marks.release == " ":
        return False
    tail = text.rstrip("\r\n\t ")
    return (len(tail) - len(tail.rstrip(marks.release))) % 2 == 1


def _parted(text: str, marks: Separators) -> Segment:
    """The elements of a segment. Line ends that are not released only wrap it."""
    repeats = marks.repetition != " " and marks.repetition in text
    if not repeats and (marks.release == " " or marks.release not in text):
        plain = text.replace("\r", "").replace("\n", "")
        return Segment(tuple(it.split(marks.component)) for it in plain.split(marks.element))
    elements: list[list[str]] = [[""]]
    is_again = False
    for sign, released in _signs(text, marks):
        if released:
            elements[-1][-1] += "" if is_again else sign
        elif sign == marks.element:
            elements.append([""])
            is_again = False
        elif sign == marks.repetition and marks.repetition != " ":
            is_again = True  # of what repeats, the first is meant
        elif sign == marks.component and not is_again:
            elements[-1].append("")
        elif not is_again:
            elements[-1][-1] += sign.replace("\r", "").replace("\n", "")
    return Segment(map(tuple, elements))


def _signs(text: str, marks: Separators) -> Iterator[tuple[str, bool]]:
    """Pieces of text and signs, and whether a sign is only text."""
    signs = "".join({marks.element, marks.component, marks.release, marks.repetition} - {" "})
    pattern = re.compile(
        rf"{re.escape(marks.release)}(?P<released>\r?\n|.)|(?P<sign>[{re.escape(signs)}])"
        rf"|(?P<text>[^{re.escape(signs)}]+)",
        re.DOTALL,
    )
    for found in pattern.finditer(text):
        if found["released"] is not None and marks.release != " ":
            yield found["released"].replace("\r", ""), True
        else:
            yield found["sign"] or found["text"] or found[0], False


def written(told: Iterable[Sequence[Sequence[str]]], marks: Separators = USUAL) -> str:
    """Segments as text, each on a line of its own; what is a sign in a text is released."""
    end = marks.segment if marks.segment == "\n" else f"{marks.segment}\n"
    return "".join(f"{_segment(it, marks)}{end}" for it in told)


def _segment(told: Sequence[Sequence[str]], marks: Separators) -> str:
    signs = set(marks) - {" ", marks.decimal}
    before = "" if marks.release == " " else marks.release
    table = {ord(it): f"{before}{it}" if before else " " for it in signs}
    return marks.element.join(
        marks.component.join(part.translate(table) for part in parts) for parts in told
    )


def una(marks: Separators) -> str:
    """The service string of an interchange."""
    end = "" if marks.segment == "\n" else "\n"
    return f"UNA{''.join(marks)}{end}"
