"""Pieces of messages that are written: text cut to fit, numbers that must, dates, addresses.

Source: the segment tables of D.96A; lengths are theirs.
"""

import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from hub.model.document import Address
from hub.model.errors import BadData
from mappings.edifact.syntax import Segment
from mappings.kit import Context

T = TypeVar("T")
_LONGEST_NUMBER = 35
_STREETS, _POSTAL_CODE = 4, 9


def dtm(kind: str, moment: datetime, at: Context) -> Segment:
    """A moment with its minutes, by the connection's own clock."""
    return segment("DTM", (kind, f"{moment.astimezone(at.zone):%Y%m%d%H%M}", "203"))


def free_text(about: str, note: str) -> Segment:
    """Free text in at most five parts of seventy characters."""
    text = short(note, 350)
    return segment("FTX", about, "", "", [text[at : at + 70] for at in range(0, len(text), 70)])


def address(role: str, to: Address | None) -> Iterator[Segment]:
    """Who and where. A person is asked for by name beside the company."""
    if to is None:
        return
    names = [short(it, 35) for it in (to.company, to.name) if it]
    streets = [part for it in (*to.lines, to.district) if it for part in wrapped(it)]
    if len(streets) > _STREETS:
        message = f"at most {_STREETS} lines of 35 characters are expected"
        raise BadData(message, path="ship_to.lines", code="too_long")
    region = (to.region_code or to.region or "").rpartition("-")[2]
    yield segment("NAD", role, "", "", names or [""], streets, short(to.city, 35),
                   short(region, 9), _postal_code(to.postal_code), to.country or "")  # fmt: skip
    ways = [(to.phone, "TE"), (to.email, "EM")]
    if to.phone or to.email:
        yield segment("CTA", "DL", ("", short(to.name or to.company, 35)))
        for number, kind in ways:
            if number:
                yield segment("COM", (number, kind))


def _postal_code(told: str | None) -> str:
    """Without its hyphen or blank where it does not fit otherwise; it is never cut."""
    code = short(told, 35)
    code = code if len(code) <= _POSTAL_CODE else code.replace("-", "").replace(" ", "")
    if len(code) > _POSTAL_CODE:
        message = f"at most {_POSTAL_CODE} characters are expected"
        raise BadData(message, path="ship_to.postal_code", code="too_long")
    return code


def number_of(told: str) -> str:
    """The number of a document of ours, which is never cut."""
    if len(told) > _LONGEST_NUMBER:
        message = f"a document's number has at most {_LONGEST_NUMBER} characters"
        raise BadData(message, path="BGM.1004", code="too_long")
    return told


def segment(name: str, *elements: str | Sequence[str]) -> Segment:
    """A segment without the empty components and elements at an end."""
    told = [_filled((it,) if isinstance(it, str) else it) for it in elements]
    return Segment([(name,), *(it or ("",) for it in _filled(told))])


def _filled(parts: Sequence[T]) -> tuple[T, ...]:
    count = len(parts)
    while count and not parts[count - 1]:
        count -= 1
    return tuple(parts[:count])


def wrapped(text: str) -> list[str]:
    """A line of an address on as many of thirty-five characters as it needs."""
    return textwrap.wrap(" ".join(text.split()), 35, break_on_hyphens=False)


def short(text: str | None, most: int) -> str:
    """Text on one line, cut to fit."""
    return " ".join((text or "").split())[:most].strip()
