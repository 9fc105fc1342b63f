"""A proxy before the hub: nginx or HAProxy where they are there, else one of our own.

Ours does what nginx does with `$proxy_add_x_forwarded_for`: the address that called is added to
what stood in X-Forwarded-For. HAProxy runs with the very lines of docker-compose.scale.yml.
"""

import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import yaml

from tests.kit.fixtures import ROOT
from tests.kit.world.processes import free_port

KINDS = ("own", "nginx", "haproxy")
_PLACES = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
_REPLACED = re.compile(rb"\r\n(x-forwarded-for|connection):[^\r]*", re.IGNORECASE)
_NGINX = """
daemon off; master_process off; pid {home}/pid; error_log stderr;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {home}; proxy_temp_path {home}; fastcgi_temp_path {home};
  uwsgi_temp_path {home}; scgi_temp_path {home};
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{target};
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
  }}
}}
"""


def is_there(kind: str) -> bool:
    """Whether that proxy can be run here."""
    return kind == "own" or shutil.which(kind, path=_PLACES) is not None


@contextmanager
def front(kind: str, target: int, home: Path) -> Iterator[int]:
    """The port of a proxy before a port of ours."""
    port = free_port()
    if kind == "own":
        with closing(_Own(port, target)):
            yield port
        return
    program = shutil.which(kind, path=_PLACES) or kind
    config = home / f"{kind}.{port}.conf"
    config.write_text(_nginx(port, target, home) if kind == "nginx" else _haproxy(port, target))
    flags = ["-c", str(config)] if kind == "nginx" else ["-f", str(config)]
    process = subprocess.Popen([program, *flags], cwd=home)
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def _nginx(port: int, target: int, home: Path) -> str:
    return _NGINX.format(port=port, target=target, home=home)


def _haproxy(port: int, target: int) -> str:
    text = (ROOT / "docker-compose.scale.yml").read_text("utf-8")
    yaml.SafeLoader.add_constructor("!reset", lambda *_: [])
    told: str = yaml.safe_load(text)["configs"]["proxy"]["content"]
    told = re.sub(r"resolvers docker\n(  .*\n)+", "", told)
    told = told.replace("bind :8080", f"bind 127.0.0.1:{port}")
    return re.sub(r"server-template .*", f"server gateway 127.0.0.1:{target} check inter 1s", told)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("the proxy does not answer")


class _Own:
    """One request a connection, bodies by their length."""

    def __init__(self, port: int, target: int) -> None:
        self._listener, self._target = socket.create_server(("127.0.0.1", port)), target
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                inner, address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(inner, address[0]), daemon=True).start()

    def _serve(self, inner: socket.socket, address: str) -> None:
        outer = socket.create_connection(("127.0.0.1", self._target), 20)
        with closing(inner), closing(outer), suppress(OSError):
            data = b""
            while b"\r\n\r\n" not in data:
                data += inner.recv(65536)
            head, _, body = data.partition(b"\r\n\r\n")
            length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
            while len(body) < (int(length[1]) if length else 0):
                body += inner.recv(65536)
            before = re.search(rb"\r\nx-forwarded-for: *([^\r]*)", head, re.IGNORECASE)
            told = ([before[1]] if before else []) + [address.encode()]
            head = re.sub(
                rb"\r\n(x-forwarded-for|connection):[^\r]*", b"", head, flags=re.IGNORECASE
            )
            added = b"\r\nX-Forwarded-For: " + b", ".join(told) + b"\r\nConnection: close\r\n\r\n"
            outer.sendall(head + added + body)
            while data := outer.recv(65536):
                inner.sendall(data)
