"""What is to be done again and again: what a lost bell, a dead worker or a missed moment would
leave behind is found here and rung again.
"""

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy.engine import Connection

from hub import logs
from hub.disk import free_space
from hub.flows.books import tell as books
from hub.flows.config import pause
from hub.flows.ops import health as watch
from hub.flows.orders import reconsider
from hub.flows.routing import what_if
from hub.flows.unit import Unit
from hub.store.config import hindrances
from hub.store.messages import lanes, message_waits
from hub.store.opened import Store
from hub.store.ops import deliveries, measures, workers
from hub.store.ops.measures import Seen
from hub.store.people import idempotency, sessions, signatures
from workers.registration import bury_the_dead
from workers.schedule.audit_anchor import sign_heads
from workers.schedule.customers import (
    collect_customers,
    forget_past_retention,
    forget_the_erased,
)
from workers.schedule.polls import plan_polls
from workers.schedule.retention_job import keep_house
from workers.schedule.settlement import (
    book_handling,
    catch_up_ledger,
    open_first_statements,
    open_statements,
    post_ledger,
)
from workers.schedule.stock import (
    end_preorders,
    judge_batches,
    judge_stock,
    publish_stock,
    watch_ledger,
)
from workers.wakeups.wakeup import Bell

SWEEP_S = 2.0
_LOOKS = 10
"""So often at a time; the other chores have their turn."""
log = logs.get("sweep")


class Chore(NamedTuple):
    """Something to do again and again."""

    every_s: float
    do: Callable[[Store, Bell], None]


def ring_due_lanes(store: Store, bell: Bell) -> None:
    """Ring every lane that has something due and no holder."""
    with store.database.begin() as db:
        due = lanes.due(db)
    if due:
        bell.ring_lanes(due)


def free_dead_workers(store: Store, bell: Bell) -> None:
    """Free what dead workers held, and ring it."""
    freed = bury_the_dead(store.database)
    if freed:
        log.warning("worker_lost", lanes=freed)
        ring_due_lanes(store, bell)


def wake_what_may_go(store: Store, bell: Bell) -> None:
    """Let go the messages that came to wait for something just while it appeared."""
    with store.database.begin() as db:
        woken = message_waits.wake_ready(db)
    if woken:
        bell.ring({(row.direction, row.connection, row.shard) for row in woken})


def look_again(store: Store, bell: Bell) -> None:
    """Look at the orders that came to wait for something just while it appeared, and at the rest
    of many that wait for one thing.
    """

    def look(db: Connection) -> tuple[int, set[tuple[str, str, int]]]:
        directory = store.directories.read(db)
        unit = Unit(db, store.vault, directory, datetime.now(UTC))
        return reconsider.look_again(unit), unit.rings

    for _ in range(_LOOKS):
        looked, rings = store.database.unit(look)
        bell.ring(rings)
        if not looked:
            return


def try_rules(store: Store, _: Bell) -> None:
    """Make the next decisions again that somebody wants tried by other rules."""

    def slice_(db: Connection) -> bool:
        return what_if.work_on(Unit(db, store.vault, store.directories.read(db), datetime.now(UTC)))

    for _again in range(_LOOKS):
        if not store.database.unit(slice_):
            return


def tell_books(store: Store, bell: Bell) -> None:
    """Tell the books what the ledger has that they were not told."""
    for _again in range(_LOOKS):
        with store.database.begin() as db:
            unit = Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
            more = books.tell(unit)
        bell.ring(unit.rings)
        if not more:
            return


def watch_partners(store: Store, _: Bell) -> None:
    """Pause the connections of partners that have been away for days."""
    with store.database.begin() as db:
        pause.pause_the_lost(Unit(db, store.vault, store.directories.read(db), datetime.now(UTC)))


def look_after_ourselves(store: Store, bell: Bell) -> None:
    """Find what is stuck, say so, and do what is safe about it."""
    host = socket.gethostname()
    seen = [Seen("broker_away", f"host:{host}", bell.away_s()), *_disk(store, host)]
    with store.database.begin() as db:
        elsewhere = measures.transactions(db)
    with store.database.begin() as db:
        unit = Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
        changes = watch.look(unit, host, elsewhere, seen)
        if "lease_expired" in changes.kinds:
            lanes.free_expired(db)
    for kind, subject in changes.began:
        log.warning("trouble_found", kind=kind, subject=subject)
    for kind, subject in changes.over:
        log.info("trouble_over", kind=kind, subject=subject)
    if changes.kinds & _HEALED_BY_A_RING:
        ring_due_lanes(store, bell)


_HEALED_BY_A_RING = frozenset({"lease_expired", "worker_silent", "no_worker", "backlog_old"})


def _disk(store: Store, host: str) -> list[Seen]:
    """The disk of an embedded database; a server's is its own to watch."""
    settings = store.settings
    if settings.database_url is not None or not settings.home.exists():
        return []
    free, whole = free_space(settings.home)
    return [Seen("disk_low", f"host:{host}", float(free), float(whole))]


def learn_rhythms(store: Store, _: Bell) -> None:
    """Note how many orders came on each channel in this hour and the last."""
    with store.database.begin() as db:
        measures.count_orders(db, datetime.now(UTC) - timedelta(hours=2))


def forget_the_old(store: Store, _: Bell) -> None:
    """Drop answers kept for repeats after 48 h, signatures whose time is over, sessions after their
    end, and processes that are long gone.
    """
    with store.database.begin() as db:
        idempotency.forget_old(db)
        deliveries.forget_old(db)
        hindrances.forget_old(db)
        signatures.forget_old(db)
        sessions.forget_old(db)
        workers.forget_old(db)


CHORES = (
    Chore(SWEEP_S, plan_polls),
    Chore(SWEEP_S, ring_due_lanes),
    Chore(SWEEP_S, free_dead_workers),
    Chore(SWEEP_S, wake_what_may_go),
    Chore(SWEEP_S, look_again),
    Chore(1.0, publish_stock),
    Chore(SWEEP_S, collect_customers),
    Chore(SWEEP_S, try_rules),
    Chore(5.0, post_ledger),
    Chore(300.0, catch_up_ledger),
    Chore(300.0, book_handling),
    Chore(10.0, open_first_statements),
    Chore(300.0, open_statements),
    Chore(5.0, tell_books),
    Chore(30.0, judge_stock),
    Chore(300.0, judge_batches),
    Chore(900.0, end_preorders),
    Chore(10.0, watch_ledger),
    Chore(30.0, watch_partners),
    Chore(60.0, learn_rhythms),
    Chore(10.0, look_after_ourselves),
    Chore(60.0, forget_the_erased),
    Chore(600.0, forget_past_retention),
    Chore(600.0, keep_house),
    Chore(600.0, forget_the_old),
    Chore(60.0, sign_heads),
)
