"""The moving parts of one process put together: engine, Celery worker, sweep. Used by `up` and by
each process alone.
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

from adapters.kit.partners import Adapters
from hub.memory import collect_seldom
from hub.store import secrets
from hub.store.runtime import Store
from workers import inbound, outbound
from workers.app import make_app
from workers.bell import Bell
from workers.engine import Engine, drain
from workers.identity import Identity
from workers.seats import Seats
from workers.sweep import Sweep
from workers.unrung import Unrung

ONCE = {"in": inbound.drain_once, "out": outbound.drain_once}
THREADS, SESSIONS = 24, 14
"""Lanes that one process drains side by side, and its sessions of the database: most of the time is
spent waiting for partners."""


@dataclass(slots=True)
class Motion:
    """A process's workers. `stop` ends them gracefully: no new claims, what runs is finished or
    given back.
    """

    engine: Engine
    celery: Celery
    controller: WorkController
    thread: threading.Thread
    sweep: Sweep | None
    unrung: Unrung

    def stop(self, timeout_s: float = 25.0) -> None:
        """No new claims; what is in hand is finished."""
        self.engine.stopping.set()
        if self.sweep is not None:
            self.sweep.stop()
        state.should_stop = EX_OK  # its own thread sees it and stops: no socket in two hands
        if self.engine.store.settings.broker_url is None:
            self.controller.stop(in_sighandler=False)
        self.thread.join(timeout=timeout_s)
        self.unrung.stop(timeout_s)
        self.engine.bell.stop()
        self.engine.identity.stop()


def adapters_of(store: Store) -> Adapters:
    """The adapters of this installation's connections."""
    return Adapters(partial(secrets.reveal, store.vault))


def make_engine(
    store: Store,
    broker_url: str | None,
    kind: str,
    bell: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> tuple[Engine, Celery]:
    """An engine and the Celery app that drains with it, in the context of a `bell` each time."""
    held: list[Engine] = []

    def rung(lane_id: int) -> None:
        with bell():
            drain(held[0], lane_id, ONCE)

    app = make_app(broker_url, rung)
    engine = Engine(
        store=store,
        adapters=adapters_of(store),
        bell=Bell(app, store.database).start(),
        identity=Identity(store.database, kind).start(),
    )
    held.append(engine)
    collect_seldom()
    return engine, app


def start(
    store: Store, broker_url: str | None, *, kind: str, threads: int = THREADS, sweep: bool = True
) -> Motion:
    """Start working in threads of this process."""
    unrung = Unrung(store.database, threads)
    engine, app = make_engine(store, broker_url, kind, unrung.bell)
    engine.seats = Seats(threads)
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
    sweeper = Sweep(store, engine.bell).start() if sweep else None
    unrung.start(lambda lane_id: drain(engine, lane_id, ONCE))
    return Motion(engine, app, controller, thread, sweeper, unrung)
