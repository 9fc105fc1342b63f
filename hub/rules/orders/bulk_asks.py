"""What may be asked of many orders at once, and why one of them would refuse it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from hub.model.errors import Problem
from hub.states import fulfilment_order as fo
from hub.states.machine import allowed
from hub.states.order import ORDER, Event, State

Action = Literal["release", "hold", "cancel", "reroute", "merge", "separate"]
ACTIONS: tuple[Action, ...] = get_args(Action)
UNDONE_BY: Mapping[Action, Action] = {
    "hold": "release",
    "release": "hold",
    "merge": "separate",
    "separate": "merge",
}
"""What takes an action back, where anything does."""
_MOVABLE = frozenset({fo.State.NOTIFIED, fo.State.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Stands:
    """How an order stands: `holds` are the codes of its reasons, `parts` the states of its
    fulfilment orders.
    """

    status: str
    holds: Collection[str] = ()
    parts: Sequence[str] = ()

    @property
    def living(self) -> list[str]:
        return [part for part in self.parts if part not in fo.FULFILMENT_ORDER.final]


def why_not(action: Action, stands: Stands, waive: Collection[str] = ()) -> Problem | None:
    """Why an order would refuse it; None where it would do it, as far as that can be foreseen."""
    return _WHY_NOT[action](stands, waive)


def _release(stands: Stands, waive: Collection[str]) -> Problem | None:
    if stands.status != State.HELD:
        return _too_late(stands)
    left = sorted(set(stands.holds) - {"manual", *waive})
    return still_held(left) if left else None


def still_held(codes: Sequence[str]) -> Problem:
    """That an order goes on being held for these reasons."""
    return Problem("status", "still_held", f"it stays held: {', '.join(codes)}")


def _hold(stands: Stands, _: Collection[str]) -> Problem | None:
    if not _allows(stands, Event.HOLD):
        return _too_late(stands)
    if any(part != fo.State.NOTIFIED for part in stands.living):
        return with_warehouse()
    return None


def with_warehouse() -> Problem:
    """That a warehouse was told of it already."""
    return Problem("status", "with_warehouse", "a warehouse was told of it already")


def _cancel(stands: Stands, _: Collection[str]) -> Problem | None:
    event = Event.ASK_CANCEL if stands.living else Event.CANCEL
    return None if _allows(stands, event) else _too_late(stands)


def _reroute(stands: Stands, _: Collection[str]) -> Problem | None:
    if stands.status not in {State.OPEN, State.HELD}:
        return _too_late(stands)
    if stands.holds or any(part in _MOVABLE for part in stands.parts):
        return None
    return Problem("status", "nothing_to_move", "nothing of it waits, and no warehouse may let go")


def _repack(stands: Stands, _: Collection[str]) -> Problem | None:
    """Which others it meets shows when all are looked at (`hub/flows/routing/by_hand.py`)."""
    if fo.State.NOTIFIED in stands.parts:
        return None
    return with_warehouse() if stands.living else _too_late(stands)


def _too_late(stands: Stands) -> Problem:
    return Problem("status", "illegal_transition", f"it is {stands.status}")


def _allows(stands: Stands, event: Event) -> bool:
    return event in allowed(ORDER, State(stands.status))


_WHY_NOT: Mapping[Action, Callable[[Stands, Collection[str]], Problem | None]] = {
    "release": _release,
    "hold": _hold,
    "cancel": _cancel,
    "reroute": _reroute,
    "merge": _repack,
    "separate": _repack,
}
