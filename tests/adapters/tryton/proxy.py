"""A proxy on loopback that loses answers and refuses calls: what happens between two systems."""

import json
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

CALL_SECONDS = 60


class Proxy:
    """Forwards JSON-RPC. `lose`: methods whose next answer gets lost after the work was done;
    `refuse`: method -> status for its next call, which never arrives; `calls`: what arrived."""

    def __init__(self, target: str) -> None:
        self.lose: list[str] = []
        self.refuse: dict[str, int] = {}
        self.calls: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, target))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(proxy: Proxy, target: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            method = json.loads(body)["method"].removeprefix("model.")
            status = proxy.refuse.pop(method, 0)
            if status:
                self._answer(status, b"")
                return
            proxy.calls.append(method)
            names = ("content-type", "authorization", "accept-encoding")
            headers = {name: self.headers[name] for name in names if self.headers[name]}
            call = urllib.request.Request(target + self.path, body, headers)
            with urllib.request.urlopen(call, timeout=CALL_SECONDS) as answer:
                found = answer.read()
                packed = answer.headers.get("content-encoding")
            if method in proxy.lose:
                proxy.lose.remove(method)
                self.close_connection = True
                return
            self._answer(200, found, packed)

        def _answer(self, status: int, body: bytes, packed: str | None = None) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            if packed:
                self.send_header("content-encoding", packed)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler
