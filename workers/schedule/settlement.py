"""Money by the clock: the ledger follows what happened, statements are opened when their period
begins.
"""

from datetime import UTC, datetime

from sqlalchemy.engine import Connection

from hub.flows.settlement import handling, post, statements
from hub.flows.unit import Unit
from hub.store.opened import Store
from hub.store.settlement import contracts
from hub.store.settlement import statements as statement_store
from workers.wakeups.wakeup import Bell

_PASSES = 20
"""So many at a time; the other chores have their turn."""


def post_ledger(store: Store, _: Bell) -> None:
    """Book what happened since the last time."""
    for _again in range(_PASSES):
        if not store.database.unit(lambda db: post.post(_unit(store, db))):
            return


def catch_up_ledger(store: Store, _: Bell) -> None:
    """Book what a pass did not see."""
    store.database.unit(lambda db: post.catch_up(_unit(store, db)))


def book_handling(store: Store, _: Bell) -> None:
    """Book what warehouses handled on the days that are over."""
    for _again in range(_PASSES):
        if not store.database.unit(lambda db: handling.book_day(_unit(store, db))):
            return


def open_statements(store: Store, _: Bell) -> None:
    """Open the statements of periods that have begun."""
    with store.database.begin() as db:
        statements.open_due(_unit(store, db), contracts.merchants(db))


def open_first_statements(store: Store, _: Bell) -> None:
    """Open the first statement of merchants that never had one: they look for it at once. Nothing
    is read of what others sold.
    """
    with store.database.begin() as db:
        new = statement_store.without(db, contracts.merchants(db))
        if new:
            statements.open_due(_unit(store, db), new)


def _unit(store: Store, db: Connection) -> Unit:
    return Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
