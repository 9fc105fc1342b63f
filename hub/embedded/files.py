"""The files of the embedded PostgreSQL under ORDERHUB_HOME: where they lie and what they say.

postgres/           the data folder, 700
run/                the socket, folder 700
postgres.password   600
postgres.log        600, one older as postgres.log.1
postgres.lock       held while the server is started or stopped
"""

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from hub.disk import sync_folder
from hub.embedded.host import SET_URL, Account, EmbeddedError

SOCKET_BYTES = 100  # kernels take 103 or 107, some tools less
PATIENCE_S = 60
LOG_BYTES = 5_000_000
_BAD_IN_PATH = re.compile(r"[\s'\"\\,%]")


class Home(NamedTuple):
    """A home and the places in it."""

    path: Path

    @property
    def data(self) -> Path:
        return self.path / "postgres"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def socket(self) -> Path:
        return self.run / ".s.PGSQL.5432"

    @property
    def log(self) -> Path:
        return self.path / "postgres.log"

    @property
    def password_file(self) -> Path:
        return self.path / "postgres.password"

    def password(self) -> str:
        return self.password_file.read_text("ascii").strip()


def check_path(home: Home) -> None:
    """Refuse a path that PostgreSQL, or a socket, cannot have."""
    size = len(os.fsencode(home.socket))
    if size > SOCKET_BYTES:
        raise EmbeddedError(
            f"ORDERHUB_HOME: the path of its socket, {home.socket}, has {size} bytes;"
            f" at most {SOCKET_BYTES} work, so choose a shorter folder, or {SET_URL}"
        )
    if bad := _BAD_IN_PATH.search(str(home.path)):
        raise EmbeddedError(
            f"ORDERHUB_HOME: {str(home.path)!r} holds {bad[0]!r}; PostgreSQL needs a path without"
            f" spaces, quotes, backslashes, commas and percent signs; or {SET_URL}"
        )


def make_folder(home: Home) -> None:
    """Make the home where absent, and see that only we can put things into it."""
    home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = home.path.stat()
    if status.st_mode & 0o002:
        raise EmbeddedError(f"ORDERHUB_HOME: every user may write to {home.path}; chmod o-w it")
    if os.geteuid() not in (0, status.st_uid):
        raise not_ours(home.path)


def not_ours(path: object) -> EmbeddedError:
    return EmbeddedError(
        f"{path} belongs to another user; run Order Hub as that user,"
        f" set ORDERHUB_HOME elsewhere, or {SET_URL}"
    )


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Let one process at a time start or stop the server of a home."""
    path = home.path / "postgres.lock"
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600)) as file:
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise EmbeddedError(f"another process holds {path}; end it first") from None
                time.sleep(0.02)
        yield


def write(path: Path, text: str) -> None:
    """Replace a file whole, closed to others from the first byte, and on disk when we return."""
    draft = path.with_name(path.name + ".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def give(who: Account | None, *paths: Path) -> None:
    """Hand files over to the account that PostgreSQL runs as."""
    if who:
        for path in paths:
            os.chown(path, who.uid, who.gid, follow_symlinks=False)


# fmt: off
_SETTINGS: tuple[tuple[int, str, str], ...] = (
    # from  name                               value: little memory, nothing lost, nothing told
    ( 0, "listen_addresses",                "''"),
    ( 0, "port",                            "5432"),
    ( 0, "unix_socket_permissions",         "0700"),
    ( 0, "password_encryption",             "'scram-sha-256'"),
    ( 0, "fsync",                           "on"),
    ( 0, "full_page_writes",                "on"),
    ( 0, "synchronous_commit",              "on"),
    ( 0, "max_connections",                 "60"),
    ( 0, "shared_buffers",                  "'32MB'"),
    ( 0, "work_mem",                        "'4MB'"),
    ( 0, "maintenance_work_mem",            "'32MB'"),
    ( 0, "effective_cache_size",            "'256MB'"),
    ( 0, "huge_pages",                      "off"),
    ( 0, "jit",                             "off"),
    ( 0, "max_worker_processes",            "2"),
    ( 0, "max_parallel_workers_per_gather", "0"),
    ( 0, "max_logical_replication_workers", "0"),
    ( 0, "autovacuum_max_workers",          "2"),
    (18, "io_method",                       "'sync'"),
    ( 0, "wal_level",                       "minimal"),
    ( 0, "max_wal_senders",                 "0"),
    ( 0, "wal_compression",                 "on"),
    ( 0, "wal_buffers",                     "'4MB'"),
    ( 0, "min_wal_size",                    "'80MB'"),
    ( 0, "max_wal_size",                    "'512MB'"),
    ( 0, "random_page_cost",                "1.1"),
    ( 0, "timezone",                        "'UTC'"),
    ( 0, "log_timezone",                    "'UTC'"),
    ( 0, "log_min_messages",                "warning"),
    ( 0, "log_error_verbosity",             "terse"),  # an error's detail quotes rows
    ( 0, "log_min_error_statement",         "panic"),  # and a statement quotes values
    ( 0, "log_checkpoints",                 "off"),
)
# fmt: on


def configure(home: Home, major: int, who: Account | None) -> None:
    """Write settings and access rules anew at each start: the home may have moved."""
    home.run.mkdir(mode=0o700, exist_ok=True)
    home.run.chmod(0o700)
    rows = [f"{name} = {value}" for since, name, value in _SETTINGS if major >= since]
    rows.append(f"unix_socket_directories = '{home.run}'")
    texts = {
        "postgresql.conf": "\n".join(rows) + "\n",
        "postgresql.auto.conf": "",  # nothing stands above ours
        "pg_hba.conf": "local all all scram-sha-256\n",
    }
    for name, text in texts.items():
        write(home.data / name, text)
    give(who, home.run, *(home.data / name for name in texts))


def open_log(home: Home) -> int:
    """Open the server's log for appending; a long one is put aside first."""
    if home.log.exists() and home.log.stat().st_size > LOG_BYTES:
        home.log.replace(home.log.with_name("postgres.log.1"))
    return os.open(home.log, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
