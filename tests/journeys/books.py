"""What must hold at the end of a journey: the hub's own books, and those against the partners'
records. What is looked at is what `orderhub audit` looks at.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from hub.flows import auditing
from hub.rules import history
from hub.rules.history import Line
from hub.settings import Settings
from hub.store import invariants
from hub.store.invariants import told
from hub.store.runtime import Store
from sandbox.partner import Partner
from tests.journeys.partners import Partners
from tests.kit.hub import Hub

INVARIANTS: Mapping[str, str] = {
    f"{one.number} {one.title}": one.query for one in invariants.INVARIANTS
}
"""What must hold, and the query that finds where it does not."""
_SHOWN = 5


def broken(hub: Hub, lines: Sequence[Line] = ()) -> dict[str, list[Any]]:
    """What does not hold at rest, in the tables and against a history, with what breaks it."""
    with _store(hub) as store:
        found = auditing.audit(store, at_rest=True, lines=lines)
    return {
        f"{one.number} {one.title}": [(text,) for text in one.broken[:_SHOWN]]
        for one in found
        if one.broken
    }


def differences(hub: Hub, partners: Partners) -> list[str]:
    """Where the partners' own records and the hub's do not say the same."""
    lines = partners.history()
    complete = sorted({one.connection for one in lines})
    with _store(hub) as store, invariants.snapshot(store) as db:
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


@contextmanager
def _store(hub: Hub) -> Iterator[Store]:
    store = Store.open(Settings.read(hub.environ), hub.database_url, name="audit", pool=2)
    try:
        yield store
    finally:
        store.close()
