"""The processes of `orderhub up`: all of them on one machine.

It is one gunicorn with one worker process: it listens at the gateway's and the console's address,
and drains lanes in threads of the same process, because bells of the in-memory broker do not leave
it. The parent keeps the embedded PostgreSQL alive and starts the worker again should it die.
"""

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from hub import logs
from hub.cli.run.processes import Wsgi, show
from hub.cli.run.waiting import reached
from hub.embedded import database as embedded_database
from hub.embedded.database import Embedded
from hub.gateway.server import serve
from hub.memory import few_arenas
from hub.settings import Settings
from hub.store.opened import Store

_WATCH_S = 2.0
_ENDED = threading.Event()
log = logs.get("processes")


class Everything:
    """The one worker process of `up`: both doors and the moving parts behind them."""

    def __init__(self, settings: Settings, url: str) -> None:
        self._settings, self._url = settings, url
        self._motion: Any = None

    def load(self) -> Wsgi:
        """Made in the worker process, after the fork."""
        from admin import counts as console_counts
        from admin.app import make_app as make_console
        from hub.gateway.app import make_app as make_gateway
        from workers import counts, process

        few_arenas()
        pool = process.THREADS + serve.THREADS // 2
        reached(self._url, threading.Event())
        store = Store.open(self._settings, self._url, name="orderhub", pool=pool)
        self._motion = process.start(store, self._settings.broker_url, kind="up")
        ring = self._motion.context.bell.ring
        gateway = make_gateway(store, self._motion.context.adapters, ring)
        console = make_console(store, ring, public_url=self._settings.console_url)
        doors: dict[str, Wsgi] = {
            str(self._settings.bind.port): gateway,
            str(self._settings.console_bind.port): console,
        }
        shown = (gateway.metrics.whole, console.extensions[console_counts.NAME], counts.REGISTRY)
        show(self._settings, "orderhub", store, *shown)

        def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            return doors[environ["SERVER_PORT"]](environ, start)

        return app

    def stop(self) -> None:
        """The worker process ends: let what runs finish."""
        if self._motion is not None:
            self._motion.stop()


def up(settings: Settings, ready: Callable[[], None]) -> None:
    """Everything on one machine, until Ctrl-C or SIGTERM. `ready`: once the doors are open."""
    own = None if settings.database_url else embedded_database.start(settings.home)
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
        binds = (settings.bind, settings.console_bind)
        serve.serve(everything.load, binds, hooks=hooks, proxies=settings.proxies)
    finally:
        if os.getpid() != parent:  # a forked worker comes by here as well when it ends
            os._exit(0)
        _ENDED.set()
        if own is not None:
            own.stop()


def _keep_alive(own: Embedded) -> None:
    """Start the embedded server again whenever it has died (a full disk, a kill)."""

    def watch() -> None:
        while not _ENDED.wait(_WATCH_S):
            with suppress(embedded_database.EmbeddedError):
                if own.ensure_running():
                    log.warning("database_restarted")

    threading.Thread(target=watch, name="database-watch", daemon=True).start()
