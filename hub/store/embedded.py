"""The embedded PostgreSQL: started once under ORDERHUB_HOME, attached to by every later command.

It listens on one socket in a closed folder, asks for a generated password, and outlives a hub that
is killed; the next start finds it.
"""

import os
import re
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from hub.store import embedded_files as files
from hub.store import embedded_host as host
from hub.store.embedded_files import Home
from hub.store.embedded_host import Account, EmbeddedError, Programs

__all__ = ["Embedded", "EmbeddedError", "attach", "free_space", "start"]

NAME = "orderhub"  # of the database, and of the role that owns it and is no superuser
FIRST_START_BYTES = 150_000_000
_INITDB = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--data-checksums",
)
FULL_BYTES = 33_000_000  # two WAL segments: with less, PostgreSQL can do nothing


class Embedded:
    """The server of one home."""

    def __init__(self, home: Path) -> None:
        self.home = Home(home.absolute())
        self.url = (
            f"postgresql+psycopg://{NAME}:{self.home.password()}@/{NAME}"
            f"?host={quote(str(self.home.run))}&port=5432"
        )

    def __repr__(self) -> str:
        return f"Embedded({self.home.path})"

    def ensure_running(self) -> bool:
        """Start the server again if it died. True: it was, so pools must connect anew."""
        if _listening(self.home):
            return False
        with _told_in_one_line(self.home), files.locked(self.home):
            return _start_if_dead(self.home)

    def stop(self) -> None:
        """End all sessions and stop the server, everything written. Stopped already is fine."""
        with _told_in_one_line(self.home), files.locked(self.home):
            _stop(self.home)


def start(home: Path) -> Embedded:
    """Attach to the server of this home, or start it, making its database the first time."""
    place = Home(home.absolute())
    files.check_path(place)
    with _told_in_one_line(place):
        files.make_folder(place)
        with files.locked(place):
            _start_if_dead(place)
            _check_closed(place)
            _make_database(place)
        return Embedded(home)


def attach(home: Path) -> str | None:
    """Return the URL of the server that runs under this home, or None."""
    place = Home(home.absolute())
    with _told_in_one_line(place):
        return Embedded(home).url if _listening(place) else None


def free_space(home: Path) -> tuple[int, int]:
    """Return the free bytes and all bytes of the disk that holds the home."""
    usage = os.statvfs(home)
    return usage.f_bavail * usage.f_frsize, usage.f_blocks * usage.f_frsize


@contextmanager
def _told_in_one_line(home: Home) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise files.not_ours(error.filename or home.path) from error
    except OSError as error:
        where = error.filename or home.path
        raise EmbeddedError(_disk_full(home) or f"{where}: {error.strerror}") from error
    except psycopg.Error as error:
        said = str(error).strip().rpartition("\n")[2]
        raise EmbeddedError(f"the PostgreSQL server in {home.data} refuses: {said}") from None


def _disk_full(home: Home) -> str | None:
    free = free_space(home.path)[0]
    if free > FULL_BYTES:
        return None
    return f"the disk of {home.path} is full, {free // 1_000_000} MB free; make room"


def _listening(home: Home) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(3)
        try:
            probe.connect(str(home.socket))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except BlockingIOError:  # its queue is full, so it is there
            return True
        return True


def _start_if_dead(home: Home) -> bool:
    if _listening(home):
        return False
    found, who = host.programs(), host.account(home.data)
    if who:
        host.let_through(home.path, who)
    if not home.data.exists():
        _initialise(home, found, who)
    _check_version(home, found)
    _clear_leftovers(home)
    files.configure(home, found.major, who)
    _launch(home, found, who)
    return True


def _initialise(home: Home, found: Programs, who: Account | None) -> None:
    """Make the cluster beside its place and move it there whole: a kill leaves no half of it."""
    free = free_space(home.path)[0]
    if free < FIRST_START_BYTES:
        raise EmbeddedError(
            f"the disk of {home.path} is full, {free // 1_000_000} MB free;"
            f" the first start needs {FIRST_START_BYTES // 1_000_000} MB"
        )
    draft, secret = home.path / "postgres.new", home.path / "postgres.secret"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    password = secrets.token_urlsafe(32)
    files.write(home.password_file, password)
    files.write(secret, password)
    files.give(who, draft, secret)
    collation = host.locale_options(found.major)
    try:
        made = host.run(
            (found.folder / "initdb", "-D", draft, f"--pwfile={secret}", *_INITDB, *collation),
            who,
        )
    finally:
        secret.unlink()
    if made.returncode:
        raise EmbeddedError(_disk_full(home) or f"initdb fails: {_reason(made.stderr)}")
    draft.rename(home.data)


def _check_version(home: Home, found: Programs) -> None:
    try:
        version = (home.data / "PG_VERSION").read_text().strip()
    except (FileNotFoundError, UnicodeDecodeError):
        version = "that cannot be read"
    if version != str(found.major):
        raise EmbeddedError(
            f"{home.data} is of PostgreSQL version {version}, the programs are {found.major};"
            f" move it with pg_dump, set ORDERHUB_HOME elsewhere, or {host.SET_URL}"
        )
    if not home.password_file.exists():
        raise EmbeddedError(
            f"{home.password_file}, the password of {home.data}, is missing; put it back,"
            f" set ORDERHUB_HOME elsewhere, or {host.SET_URL}"
        )


def _clear_leftovers(home: Home) -> None:
    """Tell a living server from what a dead one left.

    PostgreSQL itself gives up at a lock file that is garbled, or whose process number is another
    program's by now. Every server process works in the data folder, so who is there decides.
    """
    pid_file = home.data / "postmaster.pid"
    text = pid_file.read_text(errors="replace") if pid_file.exists() else ""
    first = text.partition("\n")[0].strip()
    if first.isdecimal() and int(first) in host.at_home(home.data):
        raise EmbeddedError(
            f"{home.data} is in use by another PostgreSQL server (pid {first}); stop it,"
            f" set ORDERHUB_HOME elsewhere, or {host.SET_URL}"
        )
    if not host.wait_until_gone(home.data, 5):  # sessions of a killed server end by themselves
        raise EmbeddedError(f"{home.data} is in use by processes {host.at_home(home.data)}")
    for left in (pid_file, home.socket, home.socket.with_name(home.socket.name + ".lock")):
        left.unlink(missing_ok=True)


def _launch(home: Home, found: Programs, who: Account | None) -> None:
    with os.fdopen(files.open_log(home), "r+b") as log:
        begin = log.seek(0, os.SEEK_END)
        patience = str(files.PATIENCE_S)
        done = host.run(
            (found.folder / "pg_ctl", "start", "-D", home.data, "-s", "-w", "-t", patience),
            who,
            capture_output=False,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C at the hub's terminal is not for the server
        )
        if done.returncode == 0:
            return
        log.seek(begin)
        said = log.read().decode(errors="replace")
    full = _disk_full(home) or ("No space left" in said and f"the disk of {home.path} is full")
    raise EmbeddedError(full or f"PostgreSQL does not start: {_reason(said)} (see {home.log})")


def _stop(home: Home) -> None:
    if not host.at_home(home.data):
        return
    found, who = host.programs(), host.account(home.data)
    for mode in ("fast", "immediate"):
        stop = (
            found.folder / "pg_ctl",
            "stop",
            "-D",
            home.data,
            "-m",
            mode,
            "-s",
            "-w",
            "-t",
            "20",
        )
        host.run(stop, who)
        if host.wait_until_gone(home.data, 2):
            return
    raise EmbeddedError(f"the PostgreSQL server in {home.data} does not stop")


def _check_closed(home: Home) -> None:
    """See with our own eyes that nobody else gets in."""
    for path in (home.run, home.socket, home.data, home.password_file):
        if path.stat().st_mode & 0o077:
            _stop(home)
            raise EmbeddedError(f"{path} is open to other users; chmod go-rwx it")
    with _superuser(home) as db:
        heard = db.execute("SHOW listen_addresses").fetchone()
        if heard != ("",):
            _stop(home)
            raise EmbeddedError(f"the PostgreSQL server in {home.data} listens on {heard}")


def _make_database(home: Home) -> None:
    name = sql.Identifier(NAME)
    with _superuser(home) as db:
        if not db.execute("SELECT FROM pg_roles WHERE rolname = %s", [NAME]).rowcount:
            role = sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}")
            db.execute(role.format(name, sql.Literal(home.password())))
        if not db.execute("SELECT FROM pg_database WHERE datname = %s", [NAME]).rowcount:
            db.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))


@contextmanager
def _superuser(home: Home) -> Iterator[psycopg.Connection]:
    until = time.monotonic() + files.PATIENCE_S
    while True:
        try:
            db = psycopg.connect(
                host=str(home.run),
                port=5432,
                user="postgres",
                password=home.password(),
                dbname="postgres",
                autocommit=True,
            )
            break
        except psycopg.OperationalError as error:  # it may be recovering from a crash
            if "the database system is" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.1)
    with db:
        yield db


def _reason(said: str) -> str:
    """Return what PostgreSQL gave as its first error, without time stamps."""
    found = re.search(r"(?:FATAL|PANIC|ERROR|error):\s*(.+)", said)
    return found[1].strip() if found else " ".join(said.split())[-200:] or "no reason given"
