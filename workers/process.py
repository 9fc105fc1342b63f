"""The moving parts of one process put together: its context, Celery worker, sweep. Used by `up` and
by each process alone.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial

from celery import Celery
from celery.platforms import EX_OK
from celery.worker import WorkController, state

from adapters.kit.partners import Adapters, at_home
from hub.memory import collect_seldom
from hub.store.config import secrets
from hub.store.config.numbering import Numbering
from hub.store.opened import Store
from workers.app import make_app
from workers.context import Context
from workers.drain import drain
from workers.inbound import inbound
from workers.outbound import outbound
from workers.polling import polling
from workers.registration import Identity
from workers.schedule.sweep import Sweep
from workers.wakeups.fair_share import Seats
from workers.wakeups.polling_fallback import Unrung
from workers.wakeups.wakeup import Bell

ONCE = {
    "in": inbound.drain_once,
    "out": outbound.drain_once,
    "poll": polling.drain_once,
}
THREADS, SESSIONS = 24, 14
"""Lanes that one process drains side by side, and its sessions of the database: most of the time is
spent waiting for partners."""


@dataclass(slots=True)
class Motion:
    """A process's workers. `stop` ends them gracefully: no new claims, what runs is finished or
    given back.
    """

    context: Context
    celery: Celery
    controller: WorkController
    thread: threading.Thread
    sweep: Sweep | None
    unrung: Unrung

    def stop(self, timeout_s: float = 25.0) -> None:
        """No new claims; what is in hand is finished."""
        self.context.stopping.set()
        if self.sweep is not None:
            self.sweep.stop()
        state.should_stop = EX_OK  # its own thread sees it and stops: no socket in two hands
        if self.context.store.settings.broker_url is None:
            self.controller.stop(in_sighandler=False)
        self.thread.join(timeout=timeout_s)
        self.unrung.stop(timeout_s)
        self.context.bell.stop()
        self.context.inspector.stop()
        self.context.identity.stop()


def adapters_of(store: Store) -> Adapters:
    """The adapters of this installation's connections."""
    vault, home = store.vault, store.settings.home
    numbers = partial(Numbering, store.database)
    return at_home(partial(secrets.reveal, vault), home, secrets.sealing(vault), numbers)


def make_context(
    store: Store,
    broker_url: str | None,
    kind: str,
    bell: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> tuple[Context, Celery]:
    """A context and the Celery app that drains with it, each time within a `bell`."""
    held: list[Context] = []

    def rung(lane_id: int) -> None:
        with bell():
            drain(held[0], lane_id, ONCE)

    app = make_app(broker_url, rung)
    context = Context(
        store=store,
        adapters=adapters_of(store),
        bell=Bell(app, store.database).start(),
        identity=Identity(store.database, kind).start(),
    )
    held.append(context)
    collect_seldom()
    return context, app


def start(
    store: Store, broker_url: str | None, *, kind: str, threads: int = THREADS, sweep: bool = True
) -> Motion:
    """Start working in threads of this process."""
    unrung = Unrung(store.database, threads)
    context, app = make_context(store, broker_url, kind, unrung.bell)
    context.seats = Seats(threads)
    controller = WorkController(
        app=app,
        pool="threads",
        concurrency=threads,
        loglevel=logging.WARNING,
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=False,
        quiet=True,
    )
    state.should_stop = None
    thread = threading.Thread(target=controller.start, name="celery", daemon=True)
    thread.start()
    sweeper = Sweep(store, context.bell).start() if sweep else None
    context.inspector.start()
    unrung.start(lambda lane_id: drain(context, lane_id, ONCE))
    return Motion(context, app, controller, thread, sweeper, unrung)
