"""Stock by the clock: channels are told what changed, warehouses are to count in time, levels are
compared with their ledgers.
"""

from datetime import UTC, datetime

from sqlalchemy.engine import Connection

from hub.flows.stock import freshness, ledger_watch, stock_out
from hub.flows.unit import Unit
from hub.store.opened import Store
from hub.store.stock import ahead, batches
from workers.wakeups.wakeup import Bell


def publish_stock(store: Store, bell: Bell) -> None:
    """Tell channels of the stock that changed."""
    with store.database.begin() as db:
        unit = _unit(store, db)
        stock_out.publish(unit)
    bell.ring(unit.rings)


def judge_stock(store: Store, _: Bell) -> None:
    """See which warehouses confirmed their stock lately enough."""
    with store.database.begin() as db:
        freshness.look(_unit(store, db))


def watch_ledger(store: Store, _: Bell) -> None:
    """Compare the next levels with the sums of their ledgers."""
    with store.database.begin() as db:
        ledger_watch.look(_unit(store, db))


def judge_batches(store: Store, _: Bell) -> None:
    """See which pieces expire too soon to be sold from today on."""
    with store.database.begin() as db:
        batches.judge_all(db)


def end_preorders(store: Store, _: Bell) -> None:
    """Have channels told of articles that are no longer sold ahead."""
    with store.database.begin() as db:
        ahead.end(db)


def _unit(store: Store, db: Connection) -> Unit:
    return Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
