"""What must hold at the end of a journey: the hub's own books, and those against the partners'
records. What is looked at is what `orderhub audit` looks at.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.flows.ops import auditing
from hub.rules.ops import history
from hub.rules.ops.history import Line
from hub.store import invariants
from hub.store.invariants import told
from sandbox.partner import Partner
from tests.journeys.partners import Partners
from tests.kit.world.running import RunningHub

INVARIANTS: Mapping[str, str] = {
    f"{one.number} {one.title}": one.query for one in invariants.INVARIANTS
}
"""What must hold, and the query that finds where it does not."""
_SHOWN = 5


def broken(hub: RunningHub, lines: Sequence[Line] = ()) -> dict[str, list[Any]]:
    """What does not hold at rest, in the tables and against a history, with what breaks it."""
    with hub.store() as store:
        found = auditing.audit(store, at_rest=True, lines=lines)
    return {
        f"{one.number} {one.title}": [(text,) for text in one.broken[:_SHOWN]]
        for one in found
        if one.broken
    }


def differences(hub: RunningHub, partners: Partners) -> list[str]:
    """Where the partners' own records and the hub's do not say the same."""
    lines = partners.history()
    complete = sorted({one.connection for one in lines})
    with hub.store() as store, invariants.snapshot(store) as db:
        ours = told.books(db, complete)
    return [
        *(f"{one} twice" for one in history.doubled(lines)),
        *history.out_of_order(lines),
        *history.differences(lines, ours),
    ]


def recorded(partner: Partner, kind: str) -> dict[str, list[Any]]:
    """What took effect at a partner: its documents of a kind by key."""
    found: dict[str, list[Any]] = {}
    for entry in list(partner.record):
        if entry["kind"] == kind:
            found.setdefault(entry["key"], []).append(entry["document"])
    return found
