"""One embedded PostgreSQL server: made, started, told from what a dead one left, stopped."""

import os
import re
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from hub.disk import free_space, sync_folder
from hub.embedded import files, host
from hub.embedded.files import Home
from hub.embedded.host import Account, EmbeddedError, Programs

NAME = "orderhub"  # of the database, and of the role that owns it and is no superuser
FIRST_START_BYTES = 150_000_000
FULL_BYTES = 33_000_000  # two WAL segments: with less, PostgreSQL can do nothing
_INITDB = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--data-checksums",
)


def disk_full(home: Home) -> str | None:
    """Say so if the disk is full. The home itself may not be there yet."""
    free = free_space(next(path for path in (home.path, *home.path.parents) if path.exists()))[0]
    if free > FULL_BYTES:
        return None
    return f"the disk of {home.path} is full, {free // 1_000_000} MB free; make room"


def start(home: Home) -> None:
    """Have a server that is closed to others and holds our database."""
    start_if_dead(home)
    try:
        _check_closed(home)
        _make_database(home)
    except psycopg.OperationalError:
        time.sleep(0.5)  # was it dying under our hands?
        if not start_if_dead(home):
            raise
        _check_closed(home)
        _make_database(home)


def listening(home: Home) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(3)
        try:
            probe.connect(str(home.socket))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except BlockingIOError:  # its queue is full, so it is there
            return True
        return True


def start_if_dead(home: Home) -> bool:
    if listening(home):
        return False
    programs, who = _means(home)
    if not home.data.exists():
        _initialise(home, programs, who)
    _check_version(home, programs)
    _clear_leftovers(home)
    files.configure(home, programs.major, who)
    _launch(home, programs, who)
    return True


def _means(home: Home) -> tuple[Programs, Account | None]:
    """Return PostgreSQL's programs and whom to run them as, with their way made free."""
    found, who = host.programs(), host.account(home.data)
    if who:
        host.let_through(home.path, who)
        host.let_through(found.folder, who)
    return found, who


def _initialise(home: Home, programs: Programs, who: Account | None) -> None:
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
    options = (*_INITDB, *host.initdb_options(programs.major))
    try:
        made = host.run(
            (programs.folder / "initdb", "-D", draft, f"--pwfile={secret}", *options),
            who,
        )
    finally:
        secret.unlink()
    if made.returncode:
        raise EmbeddedError(disk_full(home) or f"initdb fails: {_reason(made.stderr)}")
    draft.rename(home.data)
    sync_folder(home.path)


def _check_version(home: Home, programs: Programs) -> None:
    try:
        version = (home.data / "PG_VERSION").read_text().strip()
    except (FileNotFoundError, UnicodeDecodeError):
        version = "that cannot be read"
    if version != str(programs.major):
        raise EmbeddedError(
            f"{home.data} is of PostgreSQL version {version}, the programs are {programs.major};"
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


def _launch(home: Home, programs: Programs, who: Account | None) -> None:
    with os.fdopen(files.open_log(home), "r+b") as log:
        begin = log.seek(0, os.SEEK_END)
        patience = str(files.PATIENCE_S)
        done = host.run(
            (programs.folder / "pg_ctl", "start", "-D", home.data, "-s", "-w", "-t", patience),
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
    full = disk_full(home) or ("No space left" in said and f"the disk of {home.path} is full")
    raise EmbeddedError(full or f"PostgreSQL does not start: {_reason(said)} (see {home.log})")


def stop(home: Home) -> None:
    if not host.at_home(home.data):
        return
    programs, who = _means(home)
    for mode in ("fast", "immediate"):
        stop = (
            programs.folder / "pg_ctl",
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
            stop(home)
            raise EmbeddedError(f"{path} is open to other users; chmod go-rwx it")
    with _superuser(home) as db:
        heard = db.execute("SHOW listen_addresses").fetchone()
        if heard != ("",):
            stop(home)
            raise EmbeddedError(f"the PostgreSQL server in {home.data} listens on {heard}")


def _make_database(home: Home) -> None:
    name = sql.Identifier(NAME)
    with _superuser(home) as db:
        if not db.execute("SELECT FROM pg_roles WHERE rolname = %s", [NAME]).rowcount:
            role = sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}")
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
