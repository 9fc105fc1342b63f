"""Customers by the clock: found in what was ordered, and not written down again once forgotten."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.engine import Connection

from hub import logs
from hub.flows.customers import collect, erase, keeping
from hub.flows.unit import Unit
from hub.model.errors import Contradiction, NotFound
from hub.store.customers import retention
from hub.store.customers.retention import Kept
from hub.store.history import archiving
from hub.store.opened import Store
from workers.wakeups.wakeup import Bell

_SOME = 50
_LOOKS = 10
"""So often at a time; the other chores have their turn."""
log = logs.get("customers")


def collect_customers(store: Store, bell: Bell) -> None:
    """Find whose the orders are that were taken in."""

    def some(db: Connection) -> tuple[int, set[tuple[str, str, int]]]:
        unit = _unit(store, db)
        return collect.collect(unit), unit.rings

    for _ in range(_LOOKS):
        looked, rings = store.database.unit(some)
        bell.ring(rings)
        if looked < collect.MOST:
            return


def forget_past_retention(store: Store, bell: Bell) -> None:
    """Forget who did not order for as long as his merchant keeps customers."""
    with store.database.begin() as db:
        told = retention.all_kept(db)
    for kept in told:
        _forget(store, bell, kept)


def _forget(store: Store, bell: Bell, kept: Kept) -> None:
    erased = waiting = 0
    after: UUID | None = None
    for _ in range(_LOOKS):
        with store.database.begin() as db:
            ids = keeping.past(_unit(store, db), kept, after, _SOME)
        if not ids:
            break
        gone = sum(_forgotten(store, bell, id_) for id_ in ids)
        erased, waiting, after = erased + gone, waiting + len(ids) - gone, ids[-1]
    with store.database.begin() as db:
        retention.ran(db, kept.merchant, datetime.now(UTC), erased, waiting)
    if erased or waiting:
        log.info("retention", merchant=kept.merchant, erased=erased, waiting=waiting)


def _forgotten(store: Store, bell: Bell, id_: UUID) -> bool:
    """Whether he is; each in a transaction of his own, so that one who stays holds up nobody."""

    def once(db: Connection) -> set[tuple[str, str, int]]:
        unit = _unit(store, db)
        keeping.forget(unit, id_)
        return unit.rings

    try:
        rings = store.database.unit(once)
    except (Contradiction, NotFound):  # something of him is under way, or he is gone by now
        return False
    bell.ring(rings)
    return True


def forget_the_erased(store: Store, _: Bell) -> None:
    """Empty what came about erased orders, and drop archive files that have newer editions."""
    with store.database.begin() as db:
        late = erase.forget_late(_unit(store, db))
    gone = archiving.tidy(store.database, store.vault.shelf) if store.vault.shelf else []
    if late or gone:
        log.info("forgotten", messages=late, files=len(gone))


def _unit(store: Store, db: Connection) -> Unit:
    return Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
