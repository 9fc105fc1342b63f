"""The embedded PostgreSQL: real starts, kills and refusals."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import create_engine, text

from hub.disk import free_space
from hub.embedded import database, host
from hub.embedded.database import Embedded, EmbeddedError
from tests.kit.database import open_folder
from tests.kit.fixtures import ROOT

pytestmark = pytest.mark.slow

ROOT_ONLY = os.geteuid() == 0


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


@pytest.fixture(scope="module")
def stopped_home(folder: Path) -> Path:
    """A home that was started and stopped."""
    database.start(folder / "stopped").stop()
    return folder / "stopped"


@pytest.fixture
def home(stopped_home: Path) -> Iterator[Path]:
    """A home that is initialised and stopped; afterwards stopped and mended again."""
    password = (stopped_home / "postgres.password").read_text()
    version = (stopped_home / "postgres/PG_VERSION").read_text()
    yield stopped_home
    stopped_home.chmod(0o700)
    (stopped_home / "postgres.password").write_text(password)
    (stopped_home / "postgres.password").chmod(0o600)
    (stopped_home / "postgres/PG_VERSION").write_text(version)
    Embedded(stopped_home).stop()


@pytest.fixture(scope="module")
def running(folder: Path, stopped_home: Path) -> Iterator[Embedded]:
    """A server for the tests that leave it as it was."""
    subprocess.run(["cp", "-a", stopped_home, folder / "running"], check=True)
    server = database.start(folder / "running")
    yield server
    server.stop()


def server_pid(home: Path) -> int:
    return int((home / "postgres/postmaster.pid").read_text().split("\n")[0])


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.connect() as db:
        rows = [tuple(row) for row in db.execute(text(statement))]
    engine.dispose()
    return rows


def change(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as db:
        for statement in statements:
            db.execute(text(statement))
    engine.dispose()


def mode(path: Path) -> str:
    return f"{stat.S_IMODE(path.stat().st_mode):o}"


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def one_line(error: pytest.ExceptionInfo[EmbeddedError]) -> str:
    said = str(error.value)
    assert "\n" not in said
    return said


def test_a_first_start_makes_a_closed_server_with_our_database(folder):
    home = folder / "first"
    assert database.attach(home) is None
    server = database.start(home)
    try:
        assert query(server.url, "SELECT current_database()::text, current_user::text") == [
            ("orderhub", "orderhub")
        ]
        assert [mode(home / name) for name in ("run", "run/.s.PGSQL.5432", "postgres")] == [
            "700",
            "700",
            "700",
        ]
        assert [mode(home / name) for name in ("postgres.password", "postgres.log")] == ["600"] * 2
        assert sorted(path.name for path in home.iterdir()) == [
            "postgres",
            "postgres.lock",
            "postgres.log",
            "postgres.password",
            "run",
        ]
    finally:
        server.stop()
    assert database.attach(home) is None
    assert host.at_home(home / "postgres") == []


def test_the_server_is_durable_and_listens_to_no_network(running):
    rows = query(
        running.url,
        "SELECT name, setting FROM pg_settings WHERE name IN ('data_checksums', 'fsync',"
        " 'full_page_writes', 'listen_addresses', 'synchronous_commit') ORDER BY 1",
    )
    assert rows == [
        ("data_checksums", "on"),
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("listen_addresses", ""),
        ("synchronous_commit", "on"),
    ]
    assert psutil.Process(server_pid(running.home.path)).net_connections("inet") == []


def test_our_role_owns_its_database_and_is_no_superuser(running):
    assert query(
        running.url,
        "SELECT rolsuper, rolbypassrls, rolreplication, rolname = pg_get_userbyid(datdba)"
        " FROM pg_roles, pg_database WHERE rolname = 'orderhub' AND datname = 'orderhub'",
    ) == [(False, False, False, True)]


def test_letters_of_all_scripts_are_known_and_sort_by_code_point(running):
    assert query(running.url, "SELECT lower('ÄÉЖ'), 'Z' < 'a', 'z' < 'ä'") == [("äéж", True, True)]


def test_a_second_start_attaches_to_the_living_server(home):
    first = database.start(home)
    pid = server_pid(home)
    second = database.start(home)
    assert (server_pid(home), second.url, database.attach(home)) == (pid, first.url, first.url)
    assert second.ensure_running() is False


def test_the_server_outlives_a_hub_that_is_killed(home):
    code = (
        "import os, pathlib, sys; from hub.embedded import database;"
        "database.start(pathlib.Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", code, home], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    pid = server_pid(home)
    assert query(database.start(home).url, "SELECT 1") == [(1,)]
    assert server_pid(home) == pid


def test_after_kill_9_of_the_server_the_watchdog_brings_back_every_acknowledged_row(home):
    server = database.start(home)
    change(server.url, "DROP TABLE IF EXISTS kept", "CREATE TABLE kept (n int)")
    session = psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True)
    for n in range(100):
        session.execute("INSERT INTO kept VALUES (%s)", [n])
    os.kill(server_pid(home), signal.SIGKILL)
    session.close()
    until(lambda: database.attach(home) is None)
    assert server.ensure_running() is True
    assert query(server.url, "SELECT count(*), sum(n) FROM kept") == [(100, 4950)]
    assert server.ensure_running() is False


def test_after_kill_9_of_every_server_process_the_next_start_recovers(home):
    server = database.start(home)
    change(
        server.url,
        "DROP TABLE IF EXISTS kept",
        "CREATE TABLE kept (n int)",
        "INSERT INTO kept VALUES (7)",
    )
    for pid in host.at_home(home / "postgres"):
        with suppress(ProcessLookupError):  # once its parent is gone, one ends by itself
            os.kill(pid, signal.SIGKILL)
    assert query(database.start(home).url, "SELECT n FROM kept") == [(7,)]


@pytest.mark.parametrize(
    "pid_file",
    ["", "garbage", "999999\n", f"{os.getpid()}\n/elsewhere\n", "-1\n", "1\n"],
    ids=["empty", "garbage", "nobody", "ourselves", "below zero", "the first"],
)
def test_a_wrong_pid_file_does_not_stop_the_start(home, pid_file):
    (home / "postgres/postmaster.pid").write_text(pid_file)
    assert query(database.start(home).url, "SELECT 1") == [(1,)]


def test_a_stop_of_what_is_stopped_is_fine(home):
    server = database.start(home)
    server.stop()
    server.stop()
    assert database.attach(home) is None


def test_processes_that_start_at_once_share_one_server(home):
    code = (
        "import pathlib, sys; from hub.embedded import database;"
        "print(database.start(pathlib.Path(sys.argv[1])).url)"
    )
    starts = (home / "postgres.log").read_text().count("starting PostgreSQL")
    started = [
        subprocess.Popen([sys.executable, "-c", code, home], cwd=ROOT, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    said = {process.communicate()[0].decode().strip() for process in started}
    assert said == {database.attach(home)}
    assert (home / "postgres.log").read_text().count("starting PostgreSQL") == starts + 1


def test_a_start_that_was_killed_half_way_is_begun_anew(folder):
    home = folder / "half"
    (home / "postgres.new/base").mkdir(parents=True)
    home.chmod(0o700)
    (home / "postgres.new/PG_VERSION").write_text("18\n")
    server = database.start(home)
    assert query(server.url, "SELECT 1") == [(1,)]
    server.stop()


def test_a_database_that_a_killed_start_did_not_come_to_make_is_made_by_the_next(home):
    server = database.start(home)
    with psycopg.connect(
        server.url.replace("+psycopg", "").replace("/orderhub?", "/postgres?"), autocommit=True
    ) as db:
        db.execute("DROP DATABASE orderhub")
    assert query(database.start(home).url, "SELECT 1") == [(1,)]


def test_the_home_may_be_moved(home):
    database.start(home).stop()
    moved = home.with_name(home.name + "m")
    home.rename(moved)
    server = database.start(moved)
    assert f"host={moved}/run" in server.url
    assert query(server.url, "SELECT 1") == [(1,)]
    server.stop()
    moved.rename(home)


def test_without_the_password_nobody_gets_in(running):
    home = running.home.path
    for user in ("orderhub", "postgres"):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(host=str(home / "run"), user=user, password="guess", dbname="postgres")


@pytest.mark.skipif(not ROOT_ONLY, reason="only root may become another user")
def test_another_user_of_the_machine_reaches_neither_socket_nor_files(running):
    home, url = running.home.path, running.url
    nobody = pwd.getpwnam("nobody")
    code = (
        "import pathlib, sys, socket\n"
        "home = pathlib.Path(sys.argv[1])\n"
        "tries = [\n"
        "  lambda: socket.socket(socket.AF_UNIX).connect(str(home / 'run/.s.PGSQL.5432')),\n"
        "  lambda: (home / 'postgres.password').read_text(),\n"
        "  lambda: (home / 'postgres/PG_VERSION').read_text(),\n"
        "  lambda: list(home.iterdir()),\n"
        "]\n"
        "for attempt in tries:\n"
        "  try:\n"
        "    attempt()\n"
        "    print('got in')\n"
        "  except PermissionError:\n"
        "    print('kept out')\n"
    )
    python = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
    said = subprocess.run(
        [python, "-c", code, home],
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.stdout.split("\n"), said.stderr) == (["kept out"] * 4 + [""], "")
    assert query(url, "SELECT 1") == [(1,)]


@pytest.mark.skipif(not ROOT_ONLY, reason="only root runs PostgreSQL as another account")
def test_as_root_the_server_runs_as_an_account_that_only_it_is_let_through(folder):
    above = folder / "closed"
    above.mkdir(mode=0o700)
    server = database.start(above / "var")
    try:
        owner = psutil.Process(server_pid(above / "var")).username()
        assert owner == host.ACCOUNT
        assert above.stat().st_mode & 0o007 == 0
        assert (above / "var").stat().st_mode & 0o007 == 0
        entered = subprocess.run(
            ["/bin/sh", "-c", f"cd {above} || exit 7"],
            user=pwd.getpwnam("nobody").pw_uid,
            group=pwd.getpwnam("nobody").pw_gid,
            extra_groups=[],
            capture_output=True,
            check=False,
        )
        assert entered.returncode == 7
    finally:
        server.stop()


def test_a_path_too_long_for_a_socket_is_refused(folder):
    home = folder / ("x" * 90)
    with pytest.raises(EmbeddedError) as error:
        database.start(home)
    assert one_line(error) == (
        f"ORDERHUB_HOME: the path of its socket, {home}/run/.s.PGSQL.5432, has"
        f" {len(str(home)) + 18} bytes; at most 100 work, so choose a shorter folder, or set"
        " ORDERHUB_DATABASE_URL to the URL of a PostgreSQL server"
    )
    assert not home.exists()


def test_the_longest_path_that_fits_works(folder):
    home = folder / ("x" * (100 - 18 - len(str(folder)) - 1))
    server = database.start(home)
    assert query(server.url, "SELECT 1") == [(1,)]
    server.stop()


@pytest.mark.parametrize("bad", [" ", "'", '"', "\\", ",", "%", "\n"])
def test_a_path_that_postgresql_cannot_have_is_refused(folder, bad):
    with pytest.raises(EmbeddedError) as error:
        database.start(folder / f"a{bad}b")
    assert one_line(error).startswith(f"ORDERHUB_HOME: {str(folder / f'a{bad}b')!r} holds {bad!r};")
    with pytest.raises(EmbeddedError):
        database.attach(folder / f"a{bad}b")
    assert not (folder / f"a{bad}b").exists()


def test_a_data_folder_of_another_version_is_refused_and_left_alone(home):
    (home / "postgres/PG_VERSION").write_text("13\n")
    with pytest.raises(EmbeddedError) as error:
        database.start(home)
    assert one_line(error) == (
        f"{home}/postgres is of PostgreSQL version 13, the programs are 18; move it with pg_dump,"
        " set ORDERHUB_HOME elsewhere, or set ORDERHUB_DATABASE_URL to the URL of a PostgreSQL"
        " server"
    )
    assert (home / "postgres/PG_VERSION").read_text() == "13\n"


def test_a_data_folder_that_another_server_uses_is_refused(home):
    server = database.start(home)
    pid = server_pid(home)
    (home / "run/.s.PGSQL.5432").rename(home / "run/elsewhere")
    with pytest.raises(EmbeddedError) as error:
        database.start(home)
    assert one_line(error) == (
        f"{home}/postgres is in use by another PostgreSQL server (pid {pid}); stop it, set"
        " ORDERHUB_HOME elsewhere, or set ORDERHUB_DATABASE_URL to the URL of a PostgreSQL server"
    )
    assert server_pid(home) == pid
    server.stop()


def test_a_missing_password_is_named(home):
    (home / "postgres.password").unlink()
    with pytest.raises(EmbeddedError) as error:
        database.start(home)
    assert one_line(error).startswith(
        f"{home}/postgres.password, the password of {home}/postgres, is missing; put it back,"
    )


def test_a_password_that_is_not_the_servers_is_named(home):
    (home / "postgres.password").write_text("another")
    with pytest.raises(EmbeddedError) as error:
        database.start(home)
    assert one_line(error).startswith(f"the PostgreSQL server in {home}/postgres refuses: ")
    assert "another" not in one_line(error)


def test_a_password_file_that_others_may_read_is_refused_and_the_server_stopped(home):
    (home / "postgres.password").chmod(0o644)
    with pytest.raises(EmbeddedError) as error:
        database.start(home)
    assert one_line(error) == (f"{home}/postgres.password is open to other users; chmod go-rwx it")
    assert database.attach(home) is None


def test_a_home_that_everyone_may_write_to_is_refused(folder):
    home = folder / "open"
    home.mkdir()
    home.chmod(0o777)
    with pytest.raises(EmbeddedError) as error:
        database.start(home)
    assert one_line(error) == f"ORDERHUB_HOME: every user may write to {home}; chmod o-w it"
    assert list(home.iterdir()) == []


def test_a_home_that_is_a_file_is_refused(folder):
    (folder / "file").write_text("")
    with pytest.raises(EmbeddedError) as error:
        database.start(folder / "file")
    assert one_line(error) == f"{folder}/file: File exists"


@pytest.mark.skipif(not ROOT_ONLY, reason="only root may become another user")
def test_a_home_of_another_user_is_refused(home):
    database.start(home)
    home.chmod(0o755)
    nobody = pwd.getpwnam("nobody")
    said = []
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setresgid(nobody.pw_gid, nobody.pw_gid, nobody.pw_gid)
        os.setresuid(nobody.pw_uid, nobody.pw_uid, nobody.pw_uid)
        for call in (database.start, database.attach):
            try:
                call(home)
            except EmbeddedError as error:
                said.append("belongs to another user" in str(error))
        os._exit(0 if said == [True, True] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.skipif(not ROOT_ONLY, reason="only root may mount a small disk")
def test_a_full_disk_is_named_at_first_and_at_later_starts(folder, home):
    small = folder / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=100m,mode=700", "tmpfs", small], check=False
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        with pytest.raises(EmbeddedError) as error:
            database.start(small)
        assert one_line(error) == (
            f"the disk of {small} is full, 104 MB free; the first start needs 150 MB"
        )
        database.start(home).stop()
        subprocess.run(["cp", "-a", home, small / "h"], check=True)
        with (small / "ballast").open("wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, free_space(small)[0])
        with pytest.raises(EmbeddedError) as error:
            database.start(small / "h")
        assert one_line(error) == f"the disk of {small}/h is full, 0 MB free; make room"
        (small / "ballast").unlink()
        server = database.start(small / "h")
        assert query(server.url, "SELECT 1") == [(1,)]
        server.stop()
    finally:
        subprocess.run(["umount", small], check=True)


def test_free_space_is_what_the_disk_says(folder):
    usage = os.statvfs(folder)
    free, size = free_space(folder)
    assert size == usage.f_blocks * usage.f_frsize
    assert abs(free - shutil.disk_usage(folder).free) < 100_000_000


def test_where_the_wheel_is_missing_the_programs_of_the_path_serve(tmp_path, monkeypatch):
    for name in ("initdb", "pg_ctl", "postgres"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 16.3'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(host, "_wheel", list)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert host.programs() == (tmp_path, 16)


@pytest.mark.skipif(not host._installed(), reason="this machine has no PostgreSQL")
def test_programs_of_the_system_serve_as_well(folder, monkeypatch):
    monkeypatch.setattr(host, "_wheel", list)
    server = database.start(folder / "system")
    major = host.programs().major
    assert query(
        server.url, "SELECT current_setting('server_version_num')::int / 10000, lower('Ä')"
    ) == [(major, "ä")]
    server.stop()


def test_where_no_programs_are_one_line_says_what_to_set(tmp_path, monkeypatch):
    monkeypatch.setattr(host, "_wheel", list)
    monkeypatch.setattr(host, "_installed", list)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedError) as error:
        host.programs()
    assert one_line(error) == (
        "no PostgreSQL for this platform comes with Order Hub; set ORDERHUB_DATABASE_URL to the"
        " URL of a PostgreSQL server"
    )


def test_values_of_rows_do_not_reach_the_servers_log(running):
    home, url = running.home.path, running.url
    change(
        url, "CREATE TABLE person (mail text PRIMARY KEY)", "INSERT INTO person VALUES ('x@y.z')"
    )
    with (
        pytest.raises(psycopg.errors.UniqueViolation),
        psycopg.connect(url.replace("+psycopg", "")) as db,
    ):
        db.execute("INSERT INTO person VALUES ('x@y.z')")
    log = (home / "postgres.log").read_text()
    assert "duplicate key value" in log
    assert "x@y.z" not in log


def test_the_password_does_not_show_in_what_is_printed(running):
    home = running.home.path
    assert repr(running) == f"Embedded({home})"
    assert (home / "postgres.password").read_text() not in (home / "postgres.log").read_text()
