"""The processes, each of them alone: gateway, worker, scheduler, console."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from hub import logs
from hub.cli.run import waiting
from hub.embedded import database as embedded_database
from hub.gateway.server import serve
from hub.memory import few_arenas
from hub.settings import Settings
from hub.settings.values import Bind
from hub.store.opened import Store

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
log = logs.get("processes")


def database_url(settings: Settings) -> str:
    """The server's URL, or that of the embedded one, started where it is not running."""
    return settings.database_url or embedded_database.start(settings.home).url


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
    waiting.look(url)

    def load() -> Wsgi:
        from hub.flows.config.inspecting import IN, Inspector
        from hub.gateway.app import make_app
        from workers.process import adapters_of

        store = Store.open(settings, url, name="gateway", pool=serve.THREADS)
        adapters = adapters_of(store)
        Inspector(store, adapters, "gateway", (IN,)).start()
        app = make_app(store, adapters, _ring(settings, store), together=folder)
        show(settings, "gateway", store, app.metrics.whole)
        return app

    hooks = _opened("gateway", settings.bind)
    with _counting_together() as folder:
        serve.serve(load, settings.bind, processes, hooks=hooks, proxies=settings.proxies)


def console(settings: Settings) -> None:
    """The staff's door alone."""
    _prepare(settings)
    url = database_url(settings)
    waiting.look(url)

    def load() -> Wsgi:
        from admin import counts
        from admin.app import make_app

        store = Store.open(settings, url, name="console", pool=4)
        app = make_app(store, _ring(settings, store), public_url=settings.console_url)
        show(settings, "console", store, app.extensions[counts.NAME])
        return app

    bind = settings.console_bind
    hooks = _opened("console", bind)
    serve.serve(load, bind, threads=8, hooks=hooks, proxies=settings.proxies)


def worker(settings: Settings) -> None:
    """Drains lanes until SIGTERM: no new claims, what is in hand is finished within 25 s. Waits for
    a database that is away.
    """
    from workers import counts, process

    _prepare(settings)
    ended, url = waiting.for_signal(), database_url(settings)
    if not waiting.reached(url, ended):
        return
    store = Store.open(settings, url, name="worker", pool=process.SESSIONS)
    alone = settings.broker_url is None
    running = process.start(store, settings.broker_url, kind="worker", sweep=alone)
    show(settings, "worker", store, counts.REGISTRY)
    log.info("ready", service="worker")
    waiting.until(ended)
    running.stop()
    store.close()


def scheduler(settings: Settings) -> None:
    """Sweeps, and does the chores that go by the clock, until SIGTERM. Waits for a database that is
    away.
    """
    from workers import counts
    from workers.app import make_app
    from workers.registration import Identity
    from workers.schedule.sweep import Sweep
    from workers.wakeups.wakeup import Bell

    _prepare(settings)
    ended, url = waiting.for_signal(), database_url(settings)
    if not waiting.reached(url, ended):
        return
    store = Store.open(settings, url, name="scheduler", pool=4)
    identity = Identity(store.database, "scheduler").start()
    bell = Bell(make_app(settings.broker_url), store.database).start()
    sweep = Sweep(store, bell, identity.progress).start()
    show(settings, "scheduler", store, counts.REGISTRY)
    log.info("ready", service="scheduler")
    waiting.until(ended)
    sweep.stop()
    bell.stop()
    identity.stop()
    store.close()


def show(settings: Settings, service: str, store: Store, *registries: Any) -> None:
    """Show what this process counts, and its health, to whoever watches it."""
    from hub.doors.ops import Ops
    from hub.doors.watch import Watch

    Ops(settings.ops_bind, service, registries, Watch(store).health).start()


@contextmanager
def _counting_together() -> Iterator[str]:
    """A folder in which the processes of one server count, so that each of them can show the sum.
    It is named before the library that counts is loaded.
    """
    folder, parent = mkdtemp(prefix="orderhub-counts-"), os.getpid()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    try:
        yield folder
    finally:
        if os.getpid() == parent:  # a forked worker comes by here as well when it ends
            rmtree(folder, ignore_errors=True)


def _opened(service: str, bind: Bind) -> dict[str, Callable[..., object]]:
    """The hook that says, in one line, that a door is open and where."""
    return {
        "when_ready": lambda _: log.info("listening", service=service, address=f"http://{bind}")
    }


def _ring(settings: Settings, store: Store) -> Callable[[Iterable[tuple[str, str, int]]], object]:
    from workers.app import make_app
    from workers.wakeups.wakeup import Bell

    if settings.broker_url is None:
        return lambda _: None
    return Bell(make_app(settings.broker_url), store.database).start().ring
