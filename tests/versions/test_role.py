"""The role that docker-compose.yml and docs/operations.md prescribe works on every version of
PostgreSQL that the hub works on, and where something is wrong one line says what mends it.
"""

import json

import pytest

from hub.embedded import database as embedded_database
from hub.store import migrate
from hub.store.base import database as stored_database
from hub.store.base.database import ALL, RUNTIME_ROLE, Database
from hub.store.base.failures import DatabaseUnfit
from tests.kit.database import open_folder
from tests.kit.stock import TOO_OLD, VERSIONS, Cluster, cluster, prescribed  # noqa: F401
from tests.versions.command import Done, orderhub

pytestmark = pytest.mark.slow

RIGHTS = """SELECT rolcanlogin, rolcreaterole, rolcreatedb, rolsuper, rolbypassrls, rolreplication,
  rolinherit FROM pg_roles WHERE rolname = 'orderhub'"""
PRESCRIBED = [(True, True, False, False, False, False, True)]
GRANT = "GRANT orderhub_runtime TO orderhub WITH SET TRUE"


@pytest.fixture
def url(prescribed: Cluster) -> str:  # noqa: F811
    """The hub's own database, empty, by the hub's own role; there is no runtime role yet."""
    prescribed.sql("DROP DATABASE IF EXISTS orderhub WITH (FORCE)")
    prescribed.sql("DROP ROLE IF EXISTS orderhub_runtime")
    prescribed.sql("CREATE DATABASE orderhub OWNER orderhub")
    return prescribed.hub_url


def acts_as(url: str) -> str:
    """The role of a session of the hub's."""
    opened = Database(url, pool=1)
    try:
        with opened.begin(ALL) as db:
            return str(db.exec_driver_sql("SELECT current_user").scalar())
    finally:
        opened.dispose()


def finding(done: Done, what: str) -> tuple[str, str, str]:
    (found,) = (one for one in json.loads(done.out)["findings"] if one["what"] == what)
    return found["state"], found["says"], found["do"]


def test_the_first_start_grants_what_is_needed_and_no_more(prescribed: Cluster) -> None:  # noqa: F811
    assert prescribed.sql(RIGHTS) == PRESCRIBED


def test_the_embedded_servers_role_is_granted_no_more_than_that() -> None:
    with open_folder() as folder:
        server = embedded_database.start(folder / "var")
        opened = Database(server.url, pool=1)
        try:
            with opened.begin(ALL) as db:
                assert [tuple(row) for row in db.exec_driver_sql(RIGHTS)] == PRESCRIBED
                granted = "SELECT reset_val FROM pg_settings WHERE name = 'createrole_self_grant'"
                assert db.exec_driver_sql(granted).scalar() == ""
        finally:
            opened.dispose()
            server.stop()


def test_an_empty_database_is_migrated_and_worked_on_as_the_runtime_role(url: str) -> None:
    migrate.upgrade(url)
    migrate.upgrade(url)
    assert migrate.differences(url) == []
    assert acts_as(url) == RUNTIME_ROLE


def test_the_doctor_is_content(url: str, prescribed: Cluster) -> None:  # noqa: F811
    assert orderhub(url, "migrate").code == 0
    done = orderhub(url, "doctor", "--json")
    assert finding(done, "database")[0] == "ok"
    assert finding(done, "database")[1].startswith(f"PostgreSQL {prescribed.version}.")
    assert finding(done, "migrations")[0] == "ok"


def test_what_was_made_without_the_right_gets_it_by_migrate(
    url: str,
    prescribed: Cluster,  # noqa: F811
) -> None:
    migrate.upgrade(url)
    take_away(prescribed)
    with pytest.raises(DatabaseUnfit):
        acts_as(url)
    assert orderhub(url, "migrate").code == 0
    assert acts_as(url) == RUNTIME_ROLE


def test_a_role_that_somebody_else_made_is_named_with_the_line_that_mends_it(
    url: str,
    prescribed: Cluster,  # noqa: F811
) -> None:
    prescribed.sql("CREATE ROLE orderhub_runtime NOLOGIN")
    prescribed.sql("ALTER ROLE orderhub NOCREATEROLE")
    grant = GRANT if prescribed.version >= 16 else GRANT.removesuffix(" WITH SET TRUE")
    wrong = f"orderhub may not act as orderhub_runtime; as a superuser: {grant}"
    try:
        for command in ("migrate", "up"):
            done = orderhub(url, command)
            assert (done.code, done.err) == (69, f"orderhub: {wrong}\n")
        prescribed.sql(grant)
        assert orderhub(url, "migrate").code == 0
        assert acts_as(url) == RUNTIME_ROLE

        prescribed.sql("REVOKE orderhub_runtime FROM orderhub")
        newest = prescribed.version == max(VERSIONS)  # each takes seconds and opens by one way
        for command in ("gateway", "worker", "scheduler", "console") if newest else ("worker",):
            done = orderhub(url, command)
            assert (done.code, done.err) == (69, f"orderhub: {wrong}\n")
        done = orderhub(url, "doctor", "--json")
        assert finding(done, "database") == ("fail", *wrong.split("; "))
        with pytest.raises(DatabaseUnfit, match="may not act as"):
            stored_database.probe(url)
    finally:
        prescribed.sql("ALTER ROLE orderhub CREATEROLE")


def test_who_may_make_no_role_is_told_the_line_that_makes_it(
    url: str,
    prescribed: Cluster,  # noqa: F811
) -> None:
    prescribed.sql("ALTER ROLE orderhub NOCREATEROLE")
    line = "CREATE ROLE orderhub_runtime NOLOGIN ROLE orderhub"
    try:
        done = orderhub(url, "migrate")
        said = f"orderhub may not make the role orderhub_runtime; as a superuser: {line}"
        assert (done.code, done.err) == (69, f"orderhub: {said}\n")
        prescribed.sql(line)
        assert orderhub(url, "migrate").code == 0
        assert acts_as(url) == RUNTIME_ROLE
    finally:
        prescribed.sql("ALTER ROLE orderhub CREATEROLE")


def take_away(server: Cluster) -> None:
    """Leave the role as a release before this one did: its maker may grant it, and is it not."""
    if server.version >= 16:
        server.sql("REVOKE orderhub_runtime FROM orderhub GRANTED BY orderhub")
    else:
        server.sql("REVOKE orderhub_runtime FROM orderhub")


def test_the_oldest_that_works_is_the_oldest_that_is_tried() -> None:
    from hub.store.base.runtime_role import OLDEST  # noqa: PLC0415

    assert min(VERSIONS) == OLDEST == TOO_OLD + 1


def test_an_older_server_is_refused_in_one_line() -> None:
    with cluster(TOO_OLD) as old:
        old.first_start()
        url = old.hub_url
        (shown,) = old.sql("SHOW server_version")[0]
        for command in (
            "migrate",
            "up",
            "worker",
        ):  # each takes seconds; the others open like these
            done = orderhub(url, command)
            line = f"orderhub: PostgreSQL {shown} is too old: version 15 or later is needed\n"
            assert (command, done.code, done.err) == (command, 69, line)
        assert old.sql("SELECT count(*) FROM pg_stat_user_tables", database="orderhub") == [(0,)]
