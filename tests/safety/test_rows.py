"""The database itself keeps merchants apart: whatever a statement asks for, it reaches the rows of
its scope and no others. Shown on every table, on a server with a superuser's login and on the
embedded one.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from hub.store import embedded, migrate
from hub.store.database import ALL, RUNTIME_ROLE, Database, sqlstate
from tests.kit.database import open_folder, temporary_database

ACME, BOLT = "acme", "bolt"
REFUSED = "42501"
"""insufficient_privilege: also what row-level security answers to a row that is not in scope."""

_OWNED = sa.text(
    """SELECT relname, CASE relname WHEN 'merchant' THEN 'code' ELSE 'merchant_id' END AS owner
    FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
      AND relnamespace = 'public'::regnamespace
      AND (relname = 'merchant' OR EXISTS (SELECT FROM pg_attribute
        WHERE attrelid = pg_class.oid AND attname = 'merchant_id'))
    ORDER BY relname"""
)
_COLUMNS = sa.text(
    """SELECT column_name AS name, data_type AS type FROM information_schema.columns
    WHERE table_name = :table AND is_nullable = 'NO' AND column_default IS NULL
      AND is_identity = 'NO' ORDER BY ordinal_position"""
)
# fmt: off
_VALUES: dict[str, Any] = {
    "uuid":                     lambda merchant: uuid4(),
    "text":                     lambda merchant: f"of {merchant}",
    "bytea":                    lambda merchant: merchant.encode(),
    "ARRAY":                    lambda merchant: ["a"],
    "bigint":                   lambda merchant: 1,
    "integer":                  lambda merchant: 1,
    "smallint":                 lambda merchant: 1,
    "numeric":                  lambda merchant: 1,
    "boolean":                  lambda merchant: True,
    "timestamp with time zone": lambda merchant: "2026-11-24T10:00:00Z",
}
# fmt: on


_CHAINS = ("audit", "audit_head")
"""Chains are a merchant's as well, and can only be added to."""


@pytest.fixture(
    scope="module", params=["a superuser's login", pytest.param("embedded", marks=pytest.mark.slow)]
)
def url(request: pytest.FixtureRequest, server_url: str, template: str) -> Iterator[str]:
    """A migrated database, reached by a login that may do more than the hub ever should."""
    if request.param == "embedded":
        with open_folder() as folder:
            server = embedded.start(folder / "var")
            migrate.upgrade(server.url)
            yield server.url
        return
    with temporary_database(server_url, template) as made:
        yield made


@pytest.fixture(scope="module")
def doors(url: str) -> Iterator[Database]:
    """Sessions as the Open API and the console have them, on a database with two merchants who
    have a row in every table.
    """
    everyone = Database(url, pool=1)
    with everyone.begin() as db:
        for table, owner in tables(db).items():
            for merchant in (ACME, BOLT):
                insert(db, table, owner, merchant)
    everyone.dispose()
    made = Database(url, pool=2, reach="")
    yield made
    made.dispose()


def tables(db: Connection) -> dict[str, str]:
    """Every table whose rows are a merchant's, and the column that says whose."""
    return {row.relname: row.owner for row in db.execute(_OWNED)}


def insert(db: Connection, table: str, owner: str, merchant: str) -> None:
    """The least row that the table takes."""
    row = {
        column.name: _VALUES[column.type](merchant)
        for column in db.execute(_COLUMNS, {"table": table})
    }
    row[owner] = merchant
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    db.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)  # noqa: S608


def refusal(db: Connection, statement: str, **values: Any) -> str | None:
    """The state that the database answers; None where it does it."""
    try:
        with db.begin_nested():
            db.execute(sa.text(statement), values)
    except DBAPIError as error:
        return sqlstate(error)
    return None


def visible(doors: Database, *scope: str) -> dict[str, tuple[str, ...]]:
    """Table -> whose rows a transaction of this scope sees."""
    with doors.begin(scope) as db:
        return {
            table: tuple(sorted(set(db.scalars(sa.text(f"SELECT {owner} FROM {table}")))))  # noqa: S608
            for table, owner in tables(db).items()
        }


def test_G28_sessions_are_of_a_role_that_owns_nothing_and_is_bound(doors: Database) -> None:
    with doors.begin(ALL) as db:
        assert db.scalar(sa.text("SELECT current_user")) == RUNTIME_ROLE
        role = db.execute(
            sa.text(
                """SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin,
                  (SELECT count(*) FROM pg_class WHERE relowner = pg_roles.oid) AS owned
                FROM pg_roles WHERE rolname = current_user"""
            )
        ).one()
        assert tuple(role) == (False, False, False, False, False, 0)


def test_G28_every_table_of_merchants_forces_its_policy(doors: Database) -> None:
    with doors.begin(ALL) as db:
        known = tables(db)
        assert len(known) > 20
        forced = db.scalars(
            sa.text(
                """SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid
                WHERE relrowsecurity AND relforcerowsecurity AND polcmd = '*'
                  AND polqual IS NOT NULL AND polwithcheck IS NOT NULL ORDER BY relname"""
            )
        )
        assert list(forced) == sorted([*known, *_CHAINS])


@pytest.mark.parametrize("scope", [(ACME,), (BOLT,), (ACME, BOLT), ("nobody",), ()])
def test_G28_a_scope_shows_its_own_rows_and_no_others(
    doors: Database, scope: tuple[str, ...]
) -> None:
    seen = visible(doors, *scope)
    assert seen == dict.fromkeys(seen, tuple(one for one in scope if one != "nobody"))


def test_G28_without_a_scope_there_are_no_rows(doors: Database) -> None:
    with doors.begin(ALL) as db:
        known = tables(db)
        counted = {
            table: db.scalar(sa.text(f"SELECT count(*) FROM {table}"))  # noqa: S608
            for table in known
        }
        assert counted == dict.fromkeys(known, 0)
        db.execute(sa.text("RESET orderhub.scope"))
        assert db.scalar(sa.text("SELECT count(*) FROM sales_order")) == 0


def test_G28_the_scope_ends_with_its_transaction(doors: Database) -> None:
    visible(doors, ACME)
    with doors.begin(ALL) as db:
        assert db.scalar(sa.text("SELECT count(*) FROM sales_order")) == 0


def test_G28_a_row_of_another_merchant_cannot_be_written(doors: Database) -> None:
    refused: dict[str, str | None] = {}
    with doors.begin((ACME,)) as db:
        known = tables(db)
        for table, owner in known.items():
            try:
                with db.begin_nested():
                    insert(db, table, owner, BOLT)
            except DBAPIError as error:
                refused[table] = sqlstate(error)
    assert refused == dict.fromkeys(known, REFUSED)


def test_G28_a_row_cannot_be_given_away_taken_or_removed(doors: Database) -> None:
    with doors.begin((ACME,)) as db:
        known = tables(db)
        given = {
            table: refusal(db, f"UPDATE {table} SET {owner} = :to", to=BOLT)  # noqa: S608
            for table, owner in known.items()
        }
        assert given == dict.fromkeys(known, REFUSED)
        touched = {}
        for table, owner in known.items():
            taken = db.execute(
                sa.text(f"UPDATE {table} SET {owner} = :to WHERE {owner} = :whose"),  # noqa: S608
                {"to": ACME, "whose": BOLT},
            )
            removed = db.execute(
                sa.text(f"DELETE FROM {table} WHERE {owner} = :whose"),  # noqa: S608
                {"whose": BOLT},
            )
            touched[table] = (taken.rowcount, removed.rowcount)
        assert touched == dict.fromkeys(known, (0, 0))
    seen = visible(doors, ACME, BOLT)
    assert seen == dict.fromkeys(seen, (ACME, BOLT))


def test_G28_no_partition_is_a_way_around(doors: Database) -> None:
    with doors.begin((ACME,)) as db:
        parts = list(
            db.scalars(
                sa.text("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")
            )
        )
        assert len(parts) >= 12
        asked = {
            part: refusal(db, f"SELECT count(*) FROM {part}")  # noqa: S608
            for part in parts
        }
        assert asked == dict.fromkeys(parts, REFUSED)


def test_G29_audit_can_only_be_added_to(doors: Database) -> None:
    with doors.begin((ACME,)) as db:
        for table in _CHAINS:
            insert(db, table, "chain", ACME)
            for statement in (
                f"UPDATE {table} SET hash = ''",  # noqa: S608
                f"DELETE FROM {table}",  # noqa: S608
                f"TRUNCATE {table}",
            ):
                assert refusal(db, statement) == REFUSED, statement


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE mine",
        "CREATE INDEX mine ON sales_order (status)",
        "ALTER TABLE sales_order ADD COLUMN mine int",
        "ALTER TABLE sales_order DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE sales_order NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY scope ON sales_order",
        "DROP TABLE sales_order",
        "TRUNCATE sales_order",
        "ALTER ROLE orderhub_runtime BYPASSRLS",
        "UPDATE alembic_version SET version_num = 'mine'",
        "COPY sales_order TO PROGRAM 'true'",
    ],
)
def test_G28_the_runtime_role_changes_no_table_and_no_right(
    doors: Database, statement: str
) -> None:
    with doors.begin((ACME,)) as db:
        assert refusal(db, statement) == REFUSED
