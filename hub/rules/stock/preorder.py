"""Selling ahead: what of the goods that are expected may be sold before they are there, and when
each piece of them will be.

Pieces are promised in the order in which goods arrive: the first piece that waits is covered by
the first arrival, and so on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hub.rules.stock.availability import Part

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Pieces of an article that are announced to a warehouse and have not come."""

    warehouse: str
    pieces: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pieces of an article that an order waits for."""

    order: str
    pieces: Decimal


@dataclass(frozen=True, slots=True)
class Ahead:
    """What may be sold of goods that are not there: all that arrives, in all no more than `limit`,
    less what orders wait for already.
    """

    arrivals: tuple[Arrival, ...] = ()
    waiting: Decimal = _ZERO
    limit: Decimal | None = None


def parts(ahead: Ahead) -> Iterator[Part]:
    """What selling ahead adds to what there is; in sum never less than nothing."""
    by_place: dict[str, Decimal] = {}
    for arrival in ahead.arrivals:
        by_place[arrival.warehouse] = by_place.get(arrival.warehouse, _ZERO) + arrival.pieces
    for warehouse, pieces in sorted(by_place.items()):
        yield Part("expected", pieces, warehouse)
    total = sum(by_place.values(), _ZERO)
    most = total if ahead.limit is None else min(total, ahead.limit)
    yield Part("ahead_limit", most - total)
    yield Part("waiting", -min(ahead.waiting, most))


def covered_at(arrivals: Sequence[Arrival], piece: Decimal) -> datetime | None:
    """When the n-th piece that waits is there, the first being 1. None where too little comes."""
    come = _ZERO
    for arrival in sorted(arrivals, key=lambda arrival: arrival.at):
        come += arrival.pieces
        if come >= piece:
            return arrival.at
    return None


def promised_at(
    arrivals: Sequence[Arrival], queue: Sequence[Waiting], order: str, free: Decimal = _ZERO
) -> datetime | None:
    """When the last piece that an order waits for is there. `queue`: all that wait, the first to be
    served first; `free`: pieces that are there and taken by nobody. None where too little comes.
    """
    ahead = _ZERO
    for waiting in queue:
        ahead += waiting.pieces
        if waiting.order == order:
            return covered_at(arrivals, max(ahead - free, Decimal(1)))
    return None
