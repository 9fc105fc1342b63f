"""Which of the orders that a person chose can leave as one parcel, and why others cannot.

Only what waits to be told can: what a warehouse was told of is its own to pack.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.model.errors import Problem
from hub.rules.routing.merging import MOST_LINES


@dataclass(frozen=True, slots=True)
class Waiting:
    """A fulfilment order that a warehouse is to be told of. `recipient`: what is equal of all that
    may leave together (`merging.recipient`), None where it must leave alone; `notice_id`: what is
    to tell of it, of others too where they leave together already; `untouched`: no attempt was made
    to tell it.
    """

    id: UUID
    order_id: UUID
    notice_id: UUID
    recipient: str | None
    lines: int
    untouched: bool


def together(waiting: Iterable[Waiting]) -> list[list[Waiting]]:
    """Parcels of at least two orders, the oldest first, that are not together as they are."""
    meet: dict[str, list[Waiting]] = {}
    for it in sorted(waiting, key=lambda it: it.id):
        if it.untouched and it.recipient is not None:
            meet.setdefault(it.recipient, []).append(it)
    parcels = [parcel for parts in meet.values() for parcel in _filled(parts)]
    return [
        parcel
        for parcel in parcels
        if len({it.order_id for it in parcel}) > 1 and len({it.notice_id for it in parcel}) > 1
    ]


def _filled(parts: Sequence[Waiting]) -> list[list[Waiting]]:
    parcels: list[list[Waiting]] = []
    lines = 0
    for it in parts:
        lines += it.lines
        if not parcels or lines > MOST_LINES:
            parcels.append([])
            lines = it.lines
        parcels[-1].append(it)
    return parcels


def why_not_together(
    waiting: Mapping[UUID, Sequence[Waiting]], joined: Collection[UUID]
) -> dict[UUID, Problem]:
    """Why orders, each with what of it waits, are none of those that are `joined`."""
    alike: dict[str | None, set[UUID]] = {}
    for order_id, parts in waiting.items():
        for it in parts:
            if it.untouched:
                alike.setdefault(it.recipient, set()).add(order_id)
    return {
        order_id: _why_alone(parts, alike)
        for order_id, parts in waiting.items()
        if order_id not in joined
    }


def _why_alone(parts: Sequence[Waiting], alike: Mapping[str | None, Collection[UUID]]) -> Problem:
    fresh = [it for it in parts if it.untouched]
    if not fresh:
        return told_already()
    if all(it.recipient is None for it in fresh):
        message = "it leaves alone: money is collected, a card is with it, or nobody can be reached"
        return Problem("delivery", "leaves_alone", message)
    if all(it.recipient is None or len(alike[it.recipient]) < 2 for it in fresh):
        return nobody_alike()
    return Problem("status", "together_already", "it leaves with the others already")


def nobody_alike() -> Problem:
    """That none of the others goes where it does."""
    message = "no other of these goes to its recipient from its warehouse"
    return Problem("ship_to", "nobody_alike", message)


def apart(waiting: Iterable[Waiting], shared: Collection[UUID]) -> list[Waiting]:
    """What can be told by itself again. `shared`: notices that tell of several."""
    return [it for it in waiting if it.untouched and it.notice_id in shared]


def why_not_apart(parts: Sequence[Waiting], shared: Collection[UUID]) -> Problem:
    """Why an order stays as it is."""
    if any(it.notice_id in shared for it in parts):
        return told_already()
    return Problem("status", "not_merged", "it leaves alone already")


def told_already() -> Problem:
    """That a warehouse was told of it, or may have been."""
    return Problem("status", "with_warehouse", "a warehouse was told of it already")
