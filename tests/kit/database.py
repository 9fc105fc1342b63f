"""Real servers for the tests: the ones named, else the standard local ports, else embedded.

`template` is a database that the migrations made once a session; tests get what
`tests.kit.world.handed_on` made from it. `database_url` is one for the whole session.
`broker_url` is None where there is no RabbitMQ: then in-process.
"""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import psutil
import psycopg
import pytest
from amqp import Connection as AmqpConnection
from amqp.exceptions import AMQPError
from psycopg import sql
from sqlalchemy.engine import make_url

from hub.embedded import database as embedded_database

LOCAL_DATABASE = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
LOCAL_BROKER = "amqp://guest:guest@127.0.0.1:5672//"
PREFIX = "orderhub_test_"
FOLDER = "orderhub-"
PLACES = (Path("/dev/shm"), Path("/tmp"))  # noqa: S108  # memory is faster; pytest's paths are long
ROOM = 2_000_000_000


class Servers(NamedTuple):
    """What this session runs against. A database of None: the embedded one, started on demand."""

    database: str | None
    broker: str | None


def find_servers(environ: dict[str, str]) -> Servers:
    """Choose the servers. One that is named but does not answer is an error, not a fallback."""
    named = environ.get("ORDERHUB_TEST_DATABASE_URL")
    named_broker = environ.get("ORDERHUB_TEST_BROKER_URL")
    return Servers(
        (named and _with_driver(named))
        or (LOCAL_DATABASE if _may_create_databases(LOCAL_DATABASE) else None),
        named_broker or (LOCAL_BROKER if _broker_answers(LOCAL_BROKER) else None),
    )


def report(servers: Servers) -> str:
    database = _address(servers.database) if servers.database else "embedded PostgreSQL"
    broker = _address(servers.broker) if servers.broker else "in-process"
    return f"database: {database}; broker: {broker}"


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Servers:
    return pytestconfig.stash[SERVERS]


@pytest.fixture(scope="session")
def server_url(servers: Servers) -> Iterator[str]:
    """URL of a PostgreSQL server on which databases may be made."""
    if servers.database:
        yield servers.database
        return
    with open_embedded() as url:
        yield url


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """Name of a migrated database to clone; it takes no connections, which would stop clones."""
    from hub.store.migrate import upgrade  # noqa: PLC0415  # only the tests of tables need it

    _drop_left_over(server_url)
    with temporary_database(server_url, "template0") as url:
        upgrade(url)
        name = make_url(url).database or ""
        close = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name))
        execute(server_url, close)
        yield name


@pytest.fixture(scope="session")
def database_url(server_url: str, template: str) -> Iterator[str]:
    """URL of a migrated database that the whole session shares and no test writes to."""
    with temporary_database(server_url, template) as url:
        yield url


@pytest.fixture
def empty_db_url(server_url: str) -> Iterator[str]:
    """URL of a database of this test alone in which no migration has run."""
    with temporary_database(server_url, "template0") as url:
        yield url


@pytest.fixture(scope="session")
def broker_url(servers: Servers) -> str | None:
    return servers.broker


SERVERS = pytest.StashKey[Servers]()


@contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder for embedded servers: its path is short, the server's account may pass it.

    At the end its servers are stopped and it is removed; so are those of sessions that were killed.
    """
    roomy = (path for path in PLACES if path.is_dir() and shutil.disk_usage(path).free > ROOM)
    place = next(roomy, PLACES[-1])
    for old in place.glob(f"{FOLDER}*"):
        owner = old.name.removeprefix(FOLDER).partition("-")[0]
        if owner.isdecimal() and not psutil.pid_exists(int(owner)):
            _remove(old)
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-", dir=place))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        _remove(folder)


@contextmanager
def open_embedded() -> Iterator[str]:
    """URL of an embedded server by its superuser: the hub's own role makes no databases."""
    with open_folder() as folder:
        url = make_url(embedded_database.start(folder / "var").url)
        yield url.set(username="postgres", database="postgres").render_as_string(
            hide_password=False
        )


def _remove(folder: Path) -> None:
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if Path(process.cwd()).is_relative_to(folder):
                process.kill()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary_database(server: str, template: str) -> Iterator[str]:
    """Make a database from a template, drop it at the end. Its commits outlive no power cut."""
    name = new_name()
    execute(server, clone(name, template))
    execute(server, as_migrated(name))
    try:
        yield on(server, name)
    finally:
        execute(server, drop(name))


def new_name() -> str:
    """A name that is known for a test's, and whose process has it."""
    return f"{PREFIX}{os.getpid()}_{uuid4().hex[:12]}"


def on(server: str, name: str) -> str:
    """The URL of a database on a server."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def clone(name: str, template: str) -> sql.Composed:
    make = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'")
    return make.format(sql.Identifier(name), sql.Identifier(template))


def as_migrated(name: str) -> sql.Composed:
    """What a copy does not take over from a template that migrations made: temporary tables are
    the owner's alone. And no waiting for the disk, which no test's claim rests on.
    """
    return sql.SQL(
        "REVOKE TEMPORARY ON DATABASE {0} FROM PUBLIC;"
        " ALTER DATABASE {0} SET synchronous_commit = off"
    ).format(sql.Identifier(name))


def drop(name: str) -> sql.Composed:
    return sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))


def execute(url: str, statement: sql.Composed) -> None:
    """One statement, by the server's own login."""
    with psycopg.connect(libpq(url), autocommit=True) as db:
        db.execute(statement)


def _drop_left_over(server: str) -> None:
    """Drop what sessions left that were killed: the name holds the process, if it was local."""
    if server != LOCAL_DATABASE:
        return
    with psycopg.connect(libpq(server), autocommit=True) as db:
        names = db.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX]
        )
        for (name,) in names.fetchall():
            owner = name.removeprefix(PREFIX).partition("_")[0]
            if owner.isdecimal() and not psutil.pid_exists(int(owner)):
                db.execute(drop(name))


def _with_driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def libpq(url: str) -> str:
    """A URL as psycopg takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _address(url: str) -> str:
    where = make_url(url)
    return f"{where.host or 'socket'}:{where.port or 'default port'}"


def _may_create_databases(url: str) -> bool:
    try:
        with psycopg.connect(libpq(url), connect_timeout=2) as db:
            row = db.execute(
                "SELECT rolcreatedb OR rolsuper,"
                " current_setting('server_version_num')::int >= 150000"
                " FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error:
        return False
    return row == (True, True)


def _broker_answers(url: str) -> bool:
    where = make_url(url)
    try:
        with AmqpConnection(
            host=f"{where.host}:{where.port}",
            userid=where.username,
            password=where.password,
            virtual_host="/",
            connect_timeout=2,
        ):
            return True
    except (OSError, AMQPError, socket.timeout):  # noqa: UP041
        return False
