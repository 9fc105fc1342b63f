"""The real gateway as a process of its own.

    python -m tests.gateway.server.process URL HOME PORT [FAULT]

A fault is a moment at which it kills itself, once: HOME/died marks that it did.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub.gateway.app import make_app
from hub.gateway.intake import group_commit
from hub.gateway.server.serve import serve
from hub.settings.values import Bind
from tests.kit.fixtures import ROOT
from tests.kit.world import open_store
from tests.kit.world.gateway import adapters_of
from tests.kit.world.processes import free_port

MODULE = "tests.gateway.server.process"
START_S = 240.0


def _die_once(home: Path, function: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    def wrapped(*args: Any, **options: Any) -> Any:
        found = function(*args, **options) if after else None
        if not (home / "died").exists():
            (home / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return found if after else function(*args, **options)

    return wrapped


def main(url: str, home: Path, port: int, fault: str) -> None:
    """Serve until told to stop."""
    if fault == "before_commit":
        group_commit.Keeper.keep = _die_once(home, group_commit.Keeper.keep, after=False)  # type: ignore[method-assign]
    if fault == "after_commit":
        group_commit.Keeper.keep = _die_once(home, group_commit.Keeper.keep, after=True)  # type: ignore[method-assign]

    def make() -> Any:
        store = open_store(url, home)
        return make_app(store, adapters_of(store), lambda _: None)

    serve(make, Bind("127.0.0.1", port))


@contextmanager
def serving(url: str, home: Path, fault: str = "") -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A gateway that answers, with its port; stopped by SIGTERM at the end."""
    port = free_port()
    with (home / "log").open("ab") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.gateway.server.process",
                url,
                str(home),
                str(port),
                fault,
            ],
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(port, process)
        yield port, process
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as line:
                line.settimeout(5)
                line.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                if b" 200 " in line.recv(100):
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the gateway does not answer")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
