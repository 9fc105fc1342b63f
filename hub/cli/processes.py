"""The processes: gateway, worker, scheduler, console, and `up`: all of them on one machine.

`up` is one gunicorn with one worker process: it listens at the gateway's and the console's address,
and drains lanes in threads of the same process, because bells of the in-memory broker do not leave
it. The parent keeps the embedded PostgreSQL alive and starts the worker again should it die.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from hub import logs
from hub.gateway import serve
from hub.memory import few_arenas
from hub.settings import Settings
from hub.store import database, embedded
from hub.store.database import DatabaseAway, DatabaseRefuses
from hub.store.embedded import Embedded
from hub.store.runtime import Store

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
_WATCH_S, _AGAIN_S = 2.0, 1.0
log = logs.get("processes")


def database_url(settings: Settings) -> str:
    """The server's URL, or that of the embedded one, started where it is not running."""
    return settings.database_url or embedded.start(settings.home).url


def _prepare(settings: Settings) -> None:
    """What every process does first."""
    few_arenas()
    logs.configure(settings)


def gateway(settings: Settings, processes: int = 2) -> None:
    """The public door alone. Without a broker the worker's sweep finds what came in.

    Where the database is away it opens all the same, is not ready and answers 503.
    """
    _prepare(settings)
    url = database_url(settings)
    _look(url)

    def load() -> Wsgi:
        from hub.gateway.app import make_app
        from workers.motion import adapters_of

        store = Store.open(settings, url, name="gateway", pool=serve.THREADS)
        return make_app(store, adapters_of(store), _ring(settings, store))

    serve.serve(load, settings.bind, workers=processes)


def console(settings: Settings) -> None:
    """The staff's door alone."""
    _prepare(settings)
    url = database_url(settings)
    _look(url)

    def load() -> Wsgi:
        from admin.app import make_app

        store = Store.open(settings, url, name="console", pool=4)
        return make_app(store, _ring(settings, store), public_url=settings.console_url)

    serve.serve(load, settings.console_bind, threads=8)


def worker(settings: Settings) -> None:
    """Drains lanes until SIGTERM: no new claims, what is in hand is finished within 25 s. Waits for
    a database that is away.
    """
    from workers import motion

    _prepare(settings)
    told, url = _listen(), database_url(settings)
    if not _reached(url, told):
        return
    store = Store.open(settings, url, name="worker", pool=motion.SESSIONS)
    alone = settings.broker_url is None
    running = motion.start(store, settings.broker_url, kind="worker", sweep=alone)
    _until(told)
    running.stop()
    store.close()


def scheduler(settings: Settings) -> None:
    """Sweeps, and does the chores that go by the clock, until SIGTERM. Waits for a database that is
    away.
    """
    from workers.app import make_app
    from workers.bell import Bell
    from workers.identity import Identity
    from workers.sweep import Sweep

    _prepare(settings)
    told, url = _listen(), database_url(settings)
    if not _reached(url, told):
        return
    store = Store.open(settings, url, name="scheduler", pool=4)
    identity = Identity(store.database, "scheduler").start()
    bell = Bell(make_app(settings.broker_url), store.database).start()
    sweep = Sweep(store, bell, identity.progress).start()
    _until(told)
    sweep.stop()
    bell.stop()
    identity.stop()
    store.close()


class Everything:
    """The one worker process of `up`: both doors and the moving parts behind them."""

    def __init__(self, settings: Settings, url: str) -> None:
        self._settings, self._url = settings, url
        self._motion: Any = None

    def load(self) -> Wsgi:
        """Made in the worker process, after the fork."""
        from admin.app import make_app as make_console
        from hub.gateway.app import make_app as make_gateway
        from workers import motion

        few_arenas()
        pool = motion.THREADS + serve.THREADS // 2
        _reached(self._url, threading.Event())
        store = Store.open(self._settings, self._url, name="orderhub", pool=pool)
        self._motion = motion.start(store, self._settings.broker_url, kind="up")
        ring = self._motion.engine.bell.ring
        doors: dict[str, Wsgi] = {
            str(self._settings.bind.port): make_gateway(store, self._motion.engine.adapters, ring),
            str(self._settings.console_bind.port): make_console(
                store, ring, public_url=self._settings.console_url
            ),
        }

        def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            return doors[environ["SERVER_PORT"]](environ, start)

        return app

    def stop(self) -> None:
        """The worker process ends: let what runs finish."""
        if self._motion is not None:
            self._motion.stop()


def up(settings: Settings, ready: Callable[[], None]) -> None:
    """Everything on one machine, until Ctrl-C or SIGTERM. `ready`: once the doors are open."""
    own = None if settings.database_url else embedded.start(settings.home)
    everything = Everything(settings, own.url if own else str(settings.database_url))
    if own is not None:
        _keep_alive(own)
    hooks: dict[str, Any] = {
        "when_ready": lambda _: threading.Thread(target=ready, daemon=True).start(),
        "worker_exit": lambda _server, _worker: everything.stop(),
        "graceful_timeout": 28,
    }
    parent = os.getpid()
    try:
        serve.serve(everything.load, (settings.bind, settings.console_bind), hooks=hooks)
    finally:
        if os.getpid() != parent:  # a forked worker comes by here as well when it ends
            os._exit(0)
        _ENDED.set()
        if own is not None:
            own.stop()


def _ring(settings: Settings, store: Store) -> Callable[[Iterable[tuple[str, str, int]]], object]:
    from workers.app import make_app
    from workers.bell import Bell

    if settings.broker_url is None:
        return lambda _: None
    return Bell(make_app(settings.broker_url), store.database).start().ring


def _keep_alive(own: Embedded) -> None:
    """Start the embedded server again whenever it has died (a full disk, a kill)."""

    def watch() -> None:
        while not _ENDED.wait(_WATCH_S):
            with suppress(embedded.EmbeddedError):
                if own.ensure_running():
                    log.warning("database_restarted")

    threading.Thread(target=watch, name="database-watch", daemon=True).start()


_ENDED = threading.Event()


def _look(url: str) -> None:
    """Before a door opens: say so where the database is away. DatabaseRefuses."""
    try:
        database.probe(url)
    except DatabaseRefuses:
        raise
    except DatabaseAway as error:
        log.warning("database_awaited", reason=str(error))


def _reached(url: str, told: threading.Event) -> bool:
    """Wait until the database is there. False where the process was told to stop before.
    DatabaseRefuses.
    """
    waited = False
    while not told.is_set():
        try:
            database.probe(url)
        except DatabaseRefuses:
            raise
        except DatabaseAway as error:
            if not waited:
                log.warning("database_awaited", reason=str(error))
            waited = True
            told.wait(_AGAIN_S)
        else:
            if waited:
                log.info("database_reached")
            return True
    return False


def _listen() -> threading.Event:
    """Set by SIGTERM or Ctrl-C. A second one ends the process at once."""
    told = threading.Event()

    def stop(number: int, _: object) -> None:
        if told.is_set():
            os._exit(128 + number)
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return told


def _until(told: threading.Event) -> None:
    """Wait for it: a signal that came to another thread is seen within a second."""
    while not told.wait(1.0):
        pass
