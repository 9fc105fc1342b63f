"""`orderhub gateway`: gunicorn around the gateway, strict about what it takes for a request."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gunicorn.app.base import BaseApplication

from hub.doors.origin import Network, Origin, Wsgi
from hub.settings.values import Bind

THREADS = 16
_SETTINGS: dict[str, Any] = {
    "worker_class": "hub.gateway.server.worker.TimedWorker",
    "logger_class": "hub.logs_gunicorn.GunicornLogger",
    "loglevel": "warning",
    "accesslog": None,
    "timeout": 60,
    "graceful_timeout": 25,
    "keepalive": 5,
    "backlog": 1024,
    "worker_connections": 1000,
    "limit_request_line": 4094,
    "limit_request_fields": 100,
    "limit_request_field_size": 8190,
    "header_map": "drop",
    "forwarded_allow_ips": "",
    "forwarder_headers": "",
    "secure_scheme_headers": {},
    "proxy_protocol": "off",
    "http_parser": "python",
    "http_protocols": "h1",
    "control_socket_disable": True,
    "permit_obsolete_folding": False,
    "strip_header_spaces": False,
    "preload_app": False,
}
"""gunicorn believes no proxy (`hub/doors/origin.py` reads the one header that counts), headers
spelt with `_` are dropped, and no second parser, protocol or control channel is open.
"""


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(
        self, app: Callable[[], Wsgi], settings: Mapping[str, Any], origin: Origin
    ) -> None:
        self._app, self._wanted = app, settings
        self.origin = origin
        """Whose address a request comes from; the worker asks it as well."""
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._wanted.items():
            self.cfg.set(name, value)

    def load(self) -> Wsgi:
        return self.origin.before(self._app())


def serve(
    app: Callable[[], Wsgi],
    bind: Bind | Sequence[Bind],
    workers: int = 1,
    threads: int = THREADS,
    hooks: Mapping[str, Any] | None = None,
    proxies: Sequence[Network] | None = None,
) -> None:
    """Serve until SIGTERM: then no new requests, those under way are answered, and it returns.

    `app` makes the app in each worker process, after the fork, so that no session is shared.
    `hooks` are gunicorn's own (`when_ready`, `post_fork`, `worker_exit`, …). `proxies` are the hops
    whose word is believed on where a request comes from.
    """
    binds = [bind] if isinstance(bind, Bind) else list(bind)
    own = {"bind": [str(address) for address in binds], "workers": workers, "threads": threads}
    _Server(app, {**_SETTINGS, **own, **(hooks or {})}, Origin(proxies or ())).run()
