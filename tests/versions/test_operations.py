"""What docs/operations.md has a stranger say to PostgreSQL: said to a server of each version."""

from collections.abc import Iterator

import pytest

from hub.store import migrate
from hub.store.base.database import ALL, RUNTIME_ROLE, Database
from tests.kit.operations import BLOCKS
from tests.kit.stock import EACH, PASSWORDS, Cluster, cluster

pytestmark = pytest.mark.slow

PASSWORD = "the database password"


@pytest.fixture(scope="module", params=EACH, ids=lambda version: f"PostgreSQL {version}")
def bare(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A server as a stranger has it: no role of ours, and databases are no UTF-8 by themselves."""
    with cluster(
        request.param, ("--auth=scram-sha-256", "--locale=C", "--encoding=LATIN1")
    ) as made:
        yield made


@pytest.fixture
def server(bare: Cluster) -> Iterator[Cluster]:
    yield bare
    bare.sql("DROP DATABASE IF EXISTS orderhub WITH (FORCE)")
    for role in ("orderhub_door", "orderhub", "orderhub_runtime"):
        bare.sql(f"DROP ROLE IF EXISTS {role}")


def say(server: Cluster, block: str) -> None:
    """By the superuser, through psql, as it stands there."""
    assert block in BLOCKS
    text = BLOCKS[block].replace(PASSWORD, PASSWORDS["ORDERHUB_DB_PASSWORD"].replace("'", "''"))
    script = (
        f"PGPASSWORD=$POSTGRES_PASSWORD psql -qv ON_ERROR_STOP=1 -U postgres <<'SQL'\n{text}\nSQL"
    )
    done = server.shell(script)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("block", ["database", "database without CREATEROLE"])
def test_the_database_that_is_made_is_worked_on_as_the_runtime_role(
    server: Cluster, block: str
) -> None:
    say(server, block)
    migrate.upgrade(server.hub_url)
    assert seen(
        server.hub_url, "SELECT current_user::text, pg_encoding_to_char(encoding)::text"
    ) == (
        RUNTIME_ROLE,
        "UTF8",
    )
    rights = (
        "SELECT rolsuper OR rolcreatedb OR rolbypassrls FROM pg_roles WHERE rolname = 'orderhub'"
    )
    assert server.sql(rights) == [(False,)]


def test_a_login_of_the_doors_owns_nothing_and_sees_open_transactions(server: Cluster) -> None:
    say(server, "database")
    migrate.upgrade(server.hub_url)
    say(server, "more of the database")
    door = server.hub_url.replace("orderhub:", "orderhub_door:", 1)
    server.sql("ALTER ROLE orderhub_door PASSWORD 'it''s of the hub'")
    others = "SELECT count(*) FROM pg_stat_activity WHERE query = '<insufficient privilege>'"
    assert seen(door, f"SELECT current_user::text, ({others})") == (RUNTIME_ROLE, 0)
    owned = "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = 'orderhub_door'"
    assert server.sql(owned, database="orderhub") == [(0,)]


def seen(url: str, statement: str) -> tuple[object, ...]:
    """What a session of the hub's is answered."""
    opened = Database(url, pool=1)
    try:
        with opened.begin(ALL) as db:
            database = " FROM pg_database WHERE datname = current_database()"
            return tuple(db.exec_driver_sql(statement + database).one())
    finally:
        opened.dispose()
