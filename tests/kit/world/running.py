"""The real hub as processes, for tests and benchmarks: started on free ports, asked through its
doors, stopped or killed.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

from hub.embedded import database
from hub.settings import Settings
from hub.store.opened import Store
from tests.kit.fixtures import ROOT
from tests.kit.world.processes import STEP_S, HubError, Process, free_port, until

_OWN = ("ORDERHUB_DATABASE_URL", "ORDERHUB_BROKER_URL", "ORDERHUB_KEYS")


class RunningHub:
    """One installation: a home, its two addresses, its processes. Closing it stops them all."""

    def __init__(
        self,
        home: Path,
        *,
        database_url: str | None = None,
        broker_url: str | None = None,
        watch_url: str | None = None,
        **more: str,
    ) -> None:
        """`more` are environment variables, such as the secrets of its connections. `watch_url` is
        the database as the test itself reaches it, where the hub's way leads through a proxy.
        """
        self.home, self.port, self.console_port = home, free_port(), free_port()
        self.ops_port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes: list[Process] = []
        self._started = 0
        self._database_url, self._engine = watch_url or database_url, None
        given = {"ORDERHUB_DATABASE_URL": database_url, "ORDERHUB_BROKER_URL": broker_url}
        self.environ = {
            **{name: value for name, value in os.environ.items() if name not in _OWN},
            **{name: value for name, value in given.items() if value},
            "ORDERHUB_HOME": str(home),
            "ORDERHUB_BIND": f"127.0.0.1:{self.port}",
            "ORDERHUB_CONSOLE_BIND": f"127.0.0.1:{self.console_port}",
            "ORDERHUB_OPS_BIND": f"127.0.0.1:{self.ops_port}",
            **more,
        }
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o711)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def watched(self, path: str = "/metrics", port: int | None = None) -> str:
        """What a process shows to whoever watches it."""
        address = f"http://127.0.0.1:{port or self.ops_port}{path}"
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()

    def start(self, command: str, **more: str) -> Process:
        """Start a process: `up`, `gateway`, `worker`, `scheduler`, `console`. `more`: environment
        variables of this one.
        """
        self._started += 1
        log = self.home / f"{self._started - 1:02d}-{command.partition(' ')[0]}.log"
        self.processes.append(Process(command, log, {**self.environ, **more}))
        return self.processes[-1]

    def run(self, *command: str) -> str:
        """Run a command to its end. Returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "hub.cli", *command],
            check=False,
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=240,
        )
        if done.returncode:
            raise HubError(
                f"orderhub {' '.join(command)}: {done.returncode}\n{done.stderr[-3000:]}"
            )
        return done.stdout

    def apply(self, tree: Mapping[str, Any]) -> None:
        """Apply a connections file."""
        path = self.home / "connections.yaml"
        path.write_text(json.dumps(tree), "utf-8")  # JSON is YAML
        self.run("apply", str(path))

    def ask(self, method: str, path: str, key: str, body: Any = None) -> tuple[int, Any]:
        """Status and answer of a call of the Open API."""
        request = urllib.request.Request(  # our own hub
            f"{self.url}/api/v1/{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def wait_ready(self, seconds: float = 120.0) -> None:
        """Wait until the gateway can store."""

        def is_ready() -> bool:
            dead = [one for one in self.processes if not one.lives()]
            if dead:
                raise HubError(f"{dead[0].command} ended\n{dead[0].log[-3000:]}")
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                    return bool(answer.status == 200)
            except OSError:
                return False

        until(is_ready, "the gateway is ready", seconds)

    @property
    def database_url(self) -> str:
        """Its database as the test itself reaches it."""
        url = self._database_url or database.attach(self.home)
        if url is None:
            raise HubError("its database does not run")
        return url

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Its store, opened by the test itself with the hub's own keys."""
        opened = Store.open(Settings.read(self.environ), self.database_url, name="test", pool=2)
        try:
            yield opened
        finally:
            opened.close()

    def sql(self, text: str, **values: Any) -> list[Any]:
        """Rows of its database, past all its doors."""
        if self._engine is None:
            every_merchant = {"options": "-c orderhub.scope=*"}
            self._engine = sa.create_engine(
                self.database_url, poolclass=sa.NullPool, connect_args=every_merchant
            )
        with self._engine.begin() as db:
            found = db.execute(sa.text(text), values)
            return list(found.all()) if found.returns_rows else []

    def one(self, text: str, **values: Any) -> Any:
        """The one value that a query answers."""
        ((value,),) = self.sql(text, **values)
        return value

    def wait_quiet(self, seconds: float = 120.0, still_s: float = 1.5) -> float:
        """Wait until nothing is under way any more: what is left needs a person or a fact.

        Returns the seconds until the last thing moved.
        """
        begun = still_since = time.monotonic()
        before: list[Any] = []
        while True:
            now = self.sql(_MOVING)
            if now != before or now[0].moving:
                before, still_since = now, time.monotonic()
            elif time.monotonic() - still_since > still_s:
                return still_since - begun
            if time.monotonic() - begun > seconds:
                raise HubError(f"still under way after {seconds:g} s: {self.sql(_WHERE)}")
            time.sleep(STEP_S)

    def close(self) -> None:
        """Stop every process; those that serve others last."""
        if self._engine is not None:
            self._engine.dispose()
        for one in self.processes:
            if one.lives():
                one.stop()


_MOVING = """
SELECT (SELECT count(*) FROM work WHERE status NOT IN ('parked', 'waiting', 'behind'))
    + (SELECT count(*) FROM stock_dirty)
    + (SELECT count(*) FROM fulfilment_order
       WHERE status NOT IN ('shipped', 'delivered', 'cancelled', 'rejected', 'short')) AS moving,
  (SELECT count(*) FROM message) AS messages, (SELECT count(*) FROM timeline) AS events
"""
_WHERE = "SELECT connection, direction, topic, status, count(*) FROM work GROUP BY 1, 2, 3, 4"
