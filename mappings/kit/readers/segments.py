"""What messages of segments have in common, be they X12 or EDIFACT: groups, and padded numbers."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar


class _Named(Protocol):
    """A segment: all that is asked of it is its name."""

    @property
    def name(self) -> str:
        """Such as W12 or LIN."""


S = TypeVar("S", bound=_Named)
Group = tuple[S, Sequence[S]]
"""A segment with those that belong to it."""


def groups(segments: Iterable[S], head: str, *ends: str) -> Iterator[Group[S]]:
    """Each segment `head` with what follows it, up to the next of it or one of `ends`."""
    held: list[S] = []
    for segment in segments:
        if segment.name == head or segment.name in ends:
            if held:
                yield held[0], held[1:]
            held = []
        if segment.name == head or held:
            held.append(segment)
    if held:
        yield held[0], held[1:]


def unpadded(digits: str) -> str:
    """A number without the zeros that pad it on its left."""
    whole, point, places = digits.partition(".")
    return (whole.lstrip("0") or whole[:1]) + point + places
