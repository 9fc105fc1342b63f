"""How far an order is, computed from its pieces and fulfilment orders, never set beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from hub.states.fulfilment_order import FULFILMENT_ORDER
from hub.states.fulfilment_order import State as Fulfilment
from hub.states.order import Event, State


@dataclass(frozen=True, slots=True)
class LineProgress:
    """Pieces of an order line that are wanted (not cancelled, needing a parcel), and shipped."""

    wanted: Decimal
    shipped: Decimal


def fulfilled(lines: Iterable[LineProgress]) -> Literal["unfulfilled", "partial", "fulfilled"]:
    """How much has been shipped. Nothing wanted is fulfilled."""
    known = list(lines)
    if all(line.shipped >= line.wanted for line in known):
        return "fulfilled"
    return "partial" if any(line.shipped > 0 for line in known) else "unfulfilled"


def outcome(
    state: State, lines: Sequence[LineProgress], fulfilments: Iterable[Fulfilment]
) -> Event | None:
    """The event that an order's fulfilment orders amount to, or None while they are under way.

    While a cancel is asked for: all final and nothing shipped is `cancel`; something shipped and
    the rest let go of is `complete`; a warehouse that refused and still works is `refuse_cancel`.
    """
    states = list(fulfilments)
    settled = all(one in FULFILMENT_ORDER.final for one in states)
    if state is State.OPEN:
        done = settled and fulfilled(lines) == "fulfilled"
        return Event.COMPLETE if done else None
    if state is not State.CANCEL_REQUESTED:
        return None
    if settled:
        shipped = any(line.shipped > 0 for line in lines)
        return Event.COMPLETE if shipped else Event.CANCEL
    return None if Fulfilment.CANCEL_REQUESTED in states else Event.REFUSE_CANCEL
