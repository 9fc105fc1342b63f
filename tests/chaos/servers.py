"""A PostgreSQL and a RabbitMQ of this run's own, to be killed, frozen and started again.

Both run from installed programs, on free ports, as an account without privileges, with everything
they write under one folder. Neither touches a server that was there before.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self
from uuid import uuid4

import psutil
import psycopg
from amqp import Connection as AmqpConnection
from amqp.exceptions import AMQPError

from tests.kit.world.processes import free_port, until

_POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
_RABBITMQ = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
_START_S = 60.0
_SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "checkpoint_timeout": "30s",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "warning",
}


def has_postgres() -> bool:
    """Whether PostgreSQL's own programs are installed."""
    return bool(_POSTGRES)


def has_rabbitmq() -> bool:
    """Whether RabbitMQ's own programs are installed."""
    return bool(_RABBITMQ) and shutil.which("erl") is not None


class Server:
    """A server's process group. Subclasses say how it is started and when it answers."""

    name = ""
    account = ""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._own(folder)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> float:
        """Start it and wait until it answers. Returns the seconds that took."""
        command, environ = self._command()
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env=environ,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self.account if os.getuid() == 0 else None,
                extra_groups=[] if os.getuid() == 0 else None,
            )
        return until(self.answers, f"{self.name} answers", _START_S)

    def answers(self) -> bool:
        """Whether a client can work with it now."""
        raise NotImplementedError

    def lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """Kill -9, every process of it, the one first that would start others anew."""
        for one in reversed(self.processes()):
            with suppress(psutil.Error):
                one.kill()
        if self._process is not None:
            self._process.wait()

    def freeze(self) -> None:
        """SIGSTOP: its sockets stay open and nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def processes(self) -> list[psutil.Process]:
        """It and its children, the children first."""
        if self._process is None:
            return []
        try:
            top = psutil.Process(self._process.pid)
            return [*top.children(recursive=True), top]
        except psutil.Error:
            return []

    def close(self) -> None:
        self.thaw()
        self.kill()

    def _command(self) -> tuple[list[str], dict[str, str]]:
        raise NotImplementedError

    def _signal(self, number: int) -> None:
        for one in self.processes():
            with suppress(psutil.Error):
                one.send_signal(number)

    def _own(self, path: Path) -> None:
        if os.getuid() == 0:
            shutil.chown(path, self.account)

    def _environ(self, **more: str) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(self.folder), **more}


class Postgres(Server):
    """A cluster of its own, `fsync` on. `settings` are over the usual ones."""

    name, account = "PostgreSQL", "postgres"

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(folder)
        self._settings = {**_SETTINGS, **(settings or {})}
        self.cluster = folder / "cluster"

    def make(self) -> Self:
        """Make the cluster."""
        command = ["initdb", "-D", str(self.cluster), "-U", "postgres", "-E", "UTF8"]
        self._run([*command, "--auth=trust", "--no-sync", "--locale=C.UTF-8"])
        return self

    def url(self, database: str = "postgres", port: int | None = None) -> str:
        """How SQLAlchemy reaches it; through a proxy where its port is given."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{port or self.port}/{database}"

    def answers(self) -> bool:
        try:
            with psycopg.connect(self._address(), connect_timeout=2) as db:
                return db.execute("SELECT NOT pg_is_in_recovery()").fetchone() == (True,)
        except psycopg.Error:
            return False

    def make_database(self, name: str) -> None:
        with psycopg.connect(self._address(), autocommit=True) as db:
            db.execute(f"CREATE DATABASE {name}".encode())

    def restart(self, mode: str) -> None:
        """Stop it as an operator does (`fast` or `immediate`) and start it again."""
        self.stop(mode)
        self.start()

    def stop(self, mode: str = "fast") -> None:
        self._run(["pg_ctl", "-D", str(self.cluster), "-m", mode, "-t", "60", "-w", "stop"])
        if self._process is not None:
            self._process.wait()

    def _address(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def _command(self) -> tuple[list[str], dict[str, str]]:
        given = [f"--{key}={value}" for key, value in self._settings.items()]
        program = str(_POSTGRES[-1] / "postgres")
        where = ["-D", str(self.cluster), "-p", str(self.port), "-k", str(self.folder)]
        return [program, *where, *given], self._environ()

    def _run(self, command: Sequence[str]) -> None:
        subprocess.run(
            [str(_POSTGRES[-1] / command[0]), *command[1:]],
            check=True,
            env=self._environ(),
            cwd=self.folder,
            capture_output=True,
            user=self.account if os.getuid() == 0 else None,
            extra_groups=[] if os.getuid() == 0 else None,
        )


class RabbitMQ(Server):
    """A node of its own: name, port, store and cookie."""

    name, account = "RabbitMQ", "rabbitmq"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._node = f"chaos-{uuid4().hex[:8]}@localhost"
        self._distribution = free_port()
        for name in ("mnesia", "log_files"):
            (folder / name).mkdir()
            self._own(folder / name)
        for name in ("plugins", "rabbitmq.conf"):
            (folder / name).touch()

    def url(self, port: int | None = None) -> str:
        """How clients reach it; through a proxy where its port is given."""
        return f"amqp://guest:guest@127.0.0.1:{port or self.port}//"

    def answers(self) -> bool:
        try:
            with self.connect():
                return True
        except (OSError, AMQPError, socket.timeout):  # noqa: UP041
            return False

    def connect(self) -> AmqpConnection:
        """A session on it, past every proxy."""
        return AmqpConnection(
            host=f"127.0.0.1:{self.port}", userid="guest", password="guest", connect_timeout=3
        )

    def restart(self) -> None:
        """Kill it and start it again."""
        self.kill()
        self.start()

    def _command(self) -> tuple[list[str], dict[str, str]]:
        folder = self.folder
        return [str(_RABBITMQ[-1])], self._environ(
            RABBITMQ_NODENAME=self._node,
            RABBITMQ_NODE_IP_ADDRESS="127.0.0.1",
            RABBITMQ_NODE_PORT=str(self.port),
            RABBITMQ_DIST_PORT=str(self._distribution),
            RABBITMQ_MNESIA_BASE=str(folder / "mnesia"),
            RABBITMQ_LOG_BASE=str(folder / "log_files"),
            RABBITMQ_ENABLED_PLUGINS_FILE=str(folder / "plugins"),
            RABBITMQ_CONF_ENV_FILE="/dev/null",
            RABBITMQ_CONFIG_FILE=str(folder / "rabbitmq.conf"),
            RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1",
        )


def wait_while_port_is_taken(port: int, seconds: float = 10.0) -> None:
    """A killed server's port may need a moment."""
    since = time.monotonic()
    while time.monotonic() - since < seconds:
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                tried.bind(("127.0.0.1", port))
                return
        time.sleep(0.05)
    sys.stderr.write(f"port {port} is still taken\n")
