"""Customers by the clock: found in what was ordered, and not written down again once forgotten."""

from datetime import UTC, datetime

from sqlalchemy.engine import Connection

from hub import logs
from hub.flows.customers import collect, erase
from hub.flows.unit import Unit
from hub.store.history import archiving
from hub.store.opened import Store
from workers.wakeups.wakeup import Bell

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


def forget_the_erased(store: Store, _: Bell) -> None:
    """Empty what came about erased orders, and drop archive files that have newer editions."""
    with store.database.begin() as db:
        late = erase.forget_late(_unit(store, db))
    gone = archiving.tidy(store.database, store.vault.shelf) if store.vault.shelf else []
    if late or gone:
        log.info("forgotten", messages=late, files=len(gone))


def _unit(store: Store, db: Connection) -> Unit:
    return Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
