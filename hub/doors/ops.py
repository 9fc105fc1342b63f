"""What a process shows to whoever watches it, at an address of its own: metrics, and its health in
detail. Nothing of it is for strangers.

Where another process of the machine listens there already, that is said in one line, and tried
again by and by: whoever is left shows what it has.
"""

import json
import socket
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry, generate_latest

from hub.doors.watch import Health
from hub.logs import get
from hub.settings.values import Bind

AGAIN_S, _TIMEOUT_S = 5.0, 10.0
_TEXT, _JSON = "text/plain; version=0.0.4; charset=utf-8", "application/json"
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
Answer = tuple[int, str, bytes]
log = get("ops")


def method_label(given: str) -> str:
    """A method as a metric may name it: what a caller makes up is `other`."""
    return given if given in METHODS else "other"


class Ops:
    """Of one process."""

    def __init__(
        self,
        bind: Bind,
        service: str,
        registries: Sequence[CollectorRegistry],
        health: Callable[[], Health],
    ) -> None:
        self._bind, self._service = bind, service
        self._registries, self._health = registries, health
        self._stop = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> "Ops":
        """Listen in a thread of its own."""
        threading.Thread(target=self._run, name="ops", daemon=True).start()
        return self

    def stop(self) -> None:
        """Listen no longer."""
        self._stop.set()
        if self._server is not None:
            self._server.shutdown()

    def answer(self, path: str) -> Answer:
        """What stands at an address."""
        if path == "/metrics":
            return 200, _TEXT, b"".join(generate_latest(registry) for registry in self._registries)
        if path == "/healthz":
            return 200, _JSON, self._told("ok", {})
        if path == "/readyz":
            health = self._health()
            word = "ready" if health.ready else "not ready"
            return 200 if health.ready else 503, _JSON, self._told(word, health.checks)
        return 404, _JSON, self._told("not found", {})

    def _told(self, status: str, checks: dict[str, str]) -> bytes:
        told = {"status": status, "service": self._service, "checks": checks}
        return json.dumps(told).encode()

    def _run(self) -> None:
        said = False
        while not self._stop.is_set():
            try:
                self._server = _Server(self._bind, self)
            except OSError as error:
                if not said:
                    address, reason = str(self._bind), error.strerror
                    log.warning("ops_address_taken", address=address, reason=reason)
                said = True
                self._stop.wait(AGAIN_S)
                continue
            with self._server:
                self._server.serve_forever(poll_interval=0.2)
            return


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, bind: Bind, ops: Ops) -> None:
        self.address_family = socket.AF_INET6 if ":" in bind.host else socket.AF_INET
        self.ops = ops
        super().__init__((bind.host, bind.port), _Handler)

    def server_bind(self) -> None:
        """Bind, without asking who this machine is, as the base class does."""
        super(ThreadingHTTPServer, self).server_bind()

    def handle_error(self, request: object, client_address: object) -> None:
        """Who watches asks again: a broken line is no event."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _TIMEOUT_S
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        """Answer, without a name of the server."""
        server: _Server = self.server  # type: ignore[assignment]  # it is served by no other
        status, kind, body = server.ops.answer(self.path.partition("?")[0])
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing of each look."""
