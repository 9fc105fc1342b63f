"""Pieces of sets that are written: elements cut to fit, numbers that must, parties.

Source: the element tables of 4010; lengths are theirs.
"""

from collections.abc import Iterator

from hub.model.document import Address
from hub.model.errors import BadData
from mappings.x12.envelope import Segment

_LONGEST_NUMBER = 22


def party(role: str, to: Address | None) -> Iterator[Segment]:
    """Who and where. A person is asked for by name beside the company."""
    if to is None:
        return
    yield Segment(("N1", role, short(to.company or to.name, 60)))
    if to.company and to.name:
        yield Segment(("N2", short(to.name, 60)))
    rest = [*to.lines, *filter(None, [to.district])]
    for place in range(0, min(len(rest), 4), 2):
        yield trimmed("N3", *(short(text, 55) for text in rest[place : place + 2]))
    region = to.region_code or to.region or ""
    state = region.rpartition("-")[2]
    yield trimmed(
        "N4",
        short(to.city, 30),
        state if len(state) == 2 else "",  # AN2
        short(to.postal_code, 15),
        to.country or "",
    )
    if to.phone or to.email:
        ways = [("TE", to.phone), ("EM", to.email)]
        told = [part for kind, value in ways if value for part in (kind, short(value, 80))]
        yield Segment(("PER", "RE", short(to.name or to.company, 60), *told))


def number_of(told: str) -> str:
    """The number of a document of ours, which is never cut."""
    if len(told) > _LONGEST_NUMBER:
        message = f"a document's number has at most {_LONGEST_NUMBER} characters"
        raise BadData(message, path="W0502", code="too_long")
    return told


def trimmed(*elements: str) -> Segment:
    """Without the empty elements at its end."""
    told = list(elements)
    while told and not told[-1]:
        told.pop()
    return Segment(told)


def short(text: str | None, most: int) -> str:
    """Text on one line, cut to fit."""
    return " ".join((text or "").split())[:most].strip()
