"""Which warehouses said no to an order, and whether it goes round in circles: from the fulfilment
orders that it had, which are kept.

A refusal holds until somebody lifts it: a person who has the order rerouted, or a change of the
rules or of that warehouse that came after it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.states.fulfilment_order import FULFILMENT_ORDER, State

WINDOW = timedelta(hours=1)
ALLOWANCE = 10
"""So many more plans than warehouses may come to nothing within the window: edits take back too."""
_NO = frozenset({State.REJECTED, State.SHORT})


@dataclass(frozen=True, slots=True)
class Tried:
    """A fulfilment order that an order had. `asked_back`: the hub asked for it; `moved`: so that it
    goes to another warehouse. `gave_up`: the warehouse told pieces of it short.
    """

    warehouse: str
    state: State
    made_at: datetime
    changed_at: datetime
    asked_back: bool = False
    moved: bool = False
    gave_up: bool = False
    shipped: bool = False


def said_no(tried: Tried) -> bool:
    """A warehouse that let go because we asked it to has refused nothing, unless the order is to
    move away from it.
    """
    if tried.asked_back:
        return tried.moved
    return tried.gave_up or tried.state in _NO or tried.state is State.CANCELLED


def refused(tries: Iterable[Tried], lifted_at: Callable[[str], datetime | None]) -> frozenset[str]:
    """The warehouses that are out of every plan. `lifted_at`: from when on what a warehouse said
    before counts no more.
    """
    return frozenset(
        tried.warehouse
        for tried in tries
        if said_no(tried) and not _is_before(tried.changed_at, lifted_at(tried.warehouse))
    )


def circling(
    tries: Sequence[Tried], warehouses: int, at: datetime, lifted_at: datetime | None
) -> list[Tried]:
    """The plans that came to nothing, where they are more than there can be reasons for."""
    vain = [
        tried
        for tried in tries
        if tried.state in FULFILMENT_ORDER.final
        and not tried.shipped
        and tried.made_at > at - WINDOW
        and not _is_before(tried.made_at, lifted_at)
    ]
    return vain if len(vain) > warehouses + ALLOWANCE else []


def _is_before(at: datetime, lifted_at: datetime | None) -> bool:
    return lifted_at is not None and at < lifted_at
