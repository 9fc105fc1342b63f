"""The database itself keeps merchants apart: whatever a statement asks for, it reaches the rows of
its scope and no others. Shown on every table, by a superuser's login, on the embedded server, and
by the prescribed role on a server of each version.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from hub.embedded import database as embedded_database
from hub.store import migrate
from hub.store.base.database import ALL, RUNTIME_ROLE, Database
from hub.store.base.failures import sqlstate
from tests.kit.database import open_folder, temporary_database
from tests.kit.stock import EACH, VERSIONS, cluster

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
    "double precision":         lambda merchant: 1.0,
    "boolean":                  lambda merchant: True,
    "timestamp with time zone": lambda merchant: "2026-11-24T10:00:00Z",
    "date":                     lambda merchant: "2026-11-24",
}
# fmt: on


_ENTRY = {merchant: uuid4() for merchant in (ACME, BOLT)}
_CHECKED: dict[str, Callable[[str], tuple[dict[str, Any], ...]]] = {
    "entry": lambda merchant: ({"id": _ENTRY[merchant], "total": 1},),
    "entry_line": lambda merchant: (
        {"entry_id": _ENTRY[merchant], "debit": 1, "credit": 0},
        {"entry_id": _ENTRY[merchant], "debit": 0, "credit": 1, "position": 2},
    ),
    "statement": lambda _: ({"period_from": "2026-11-01T00:00:00Z"},),
}
"""What a check of the table wants to be there, in each of the rows that must come together."""
_CHAINS = ("audit", "audit_head")
"""Chains are a merchant's as well, and can only be added to."""


_EMBEDDED = pytest.param("embedded", marks=pytest.mark.slow)
_SERVERS = [
    pytest.param(
        *one.values, marks=[*one.marks, pytest.mark.slow], id=f"PostgreSQL {one.values[0]}"
    )
    for one in EACH
]


@pytest.fixture(scope="module", params=["a superuser's login", _EMBEDDED, *_SERVERS])
def url(request: pytest.FixtureRequest, server_url: str, template: str) -> Iterator[str]:
    """A migrated database, reached by a login that may do more than the hub ever should."""
    if request.param == "embedded":
        with open_folder() as folder:
            server = embedded_database.start(folder / "var")
            migrate.upgrade(server.url)
            yield server.url
        return
    if request.param in VERSIONS:
        with cluster(request.param) as made:
            made.first_start()
            migrate.upgrade(made.hub_url)
            yield made.hub_url
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
    checked = _CHECKED.get(table, lambda _: ({},))
    rows = [row | more | {owner: merchant} for more in checked(merchant)]
    values = [", ".join(f":{name}_{at}" for name in one) for at, one in enumerate(rows)]
    db.execute(
        sa.text(f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES ({'), ('.join(values)})"),  # noqa: S608
        {f"{name}_{at}": value for at, one in enumerate(rows) for name, value in one.items()},
    )


def refusal(db: Connection, statement: str, **values: Any) -> str | None:
    """The state that the database answers; None where it does it."""
    try:
        with db.begin_nested():
            db.execute(sa.text(statement), values)
    except DBAPIError as error:
        return sqlstate(error)
    return None


def changed(db: Connection, statement: str) -> int:
    """How many rows of another merchant it changes: none of what is only ever added to."""
    try:
        with db.begin_nested():
            whose = {"whose": BOLT} | ({"to": ACME} if ":to" in statement else {})
            return int(db.execute(sa.text(statement), whose).rowcount)
    except DBAPIError as error:
        if sqlstate(error) != REFUSED:
            raise
        return 0


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


WIDER = "SELECT set_config('orderhub.scope', :scope, {local})"


@pytest.mark.parametrize("local", ["true", "false"])
def test_G28_no_statement_widens_the_scope_of_its_session(doors: Database, local: str) -> None:
    """Whatever a smuggled statement sets, also for later transactions of the same session."""
    with doors.begin((BOLT,)) as db:
        other = str(db.scalar(sa.text("SELECT current_setting('orderhub.scope')")))
    for wanted in attempts(other):
        with doors.begin((ACME,)) as db:
            own = str(db.scalar(sa.text("SELECT current_setting('orderhub.scope')")))
            scope = wanted.replace("OWN", own).replace("MARK", own.partition(":")[0])
            db.execute(sa.text(WIDER.format(local=local)), {"scope": scope})
            seen = set(db.scalars(sa.text("SELECT merchant_id FROM sales_order")))
            assert seen <= {ACME}, wanted
            refused = refusal(db, "UPDATE sales_order SET status = 'x' RETURNING merchant_id")
            assert refused in {None, REFUSED}
        with doors.begin(ALL) as db:
            db.execute(sa.text("RESET orderhub.scope"))


def attempts(other: str) -> list[str]:
    """Scopes that somebody might try; `other` is one that was right in another session."""
    mark = other.partition(":")[0]
    return [
        *("*", ":*", "MARK:*", f"MARK:{BOLT}", f"MARK:{ACME},{BOLT}", f"OWN,{BOLT}", "OWN,*", ""),
        *(BOLT, f":{BOLT}", f"{mark}:*", f"{mark}:{BOLT}x", "0" * 64 + ":*", "::*", "*:*"),
    ]


def test_G28_a_role_that_a_statement_left_behind_ends_with_its_transaction(url: str) -> None:
    only = Database(url, pool=1, reach="")
    for _ in range(2):
        with only.begin((ACME,)) as db:
            assert db.scalar(sa.text("SELECT current_user")) == RUNTIME_ROLE
            db.execute(sa.text("SELECT set_config('role', 'none', false)"))
    with only.begin((ACME,)) as db:
        assert set(db.scalars(sa.text("SELECT merchant_id FROM sales_order"))) <= {ACME}
    only.dispose()


def test_G28_a_mark_is_good_for_its_own_session_alone(url: str) -> None:
    first, second = (Database(url, pool=1, reach="") for _ in range(2))
    with first.begin((BOLT,)) as one, second.begin((ACME,)) as other:
        mark = one.scalar(sa.text("SELECT current_setting('orderhub.scope')"))
        other.execute(sa.text(WIDER.format(local="true")), {"scope": mark})
        assert list(other.scalars(sa.text("SELECT merchant_id FROM sales_order"))) == []
        one.execute(sa.text(WIDER.format(local="true")), {"scope": mark})
        assert set(one.scalars(sa.text("SELECT merchant_id FROM sales_order"))) <= {BOLT}
    for database in (first, second):
        database.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM scope_key",
        "UPDATE scope_key SET enforced = false",
        "CREATE OR REPLACE FUNCTION orderhub_scope() RETURNS text[] LANGUAGE sql AS 'SELECT NULL'",
        "ALTER FUNCTION orderhub_scope() RENAME TO another",
        "ALTER POLICY scope ON sales_order USING (true)",
    ],
)
def test_G28_the_runtime_role_reaches_nothing_that_makes_a_mark(
    doors: Database, statement: str
) -> None:
    with doors.begin((ACME,)) as db:
        assert refusal(db, statement) == REFUSED


def test_G28_every_policy_reads_the_scope_by_its_mark(doors: Database) -> None:
    with doors.begin(ALL) as db:
        rules = db.execute(
            sa.text(
                """SELECT polrelid::regclass::text, pg_get_expr(polqual, polrelid) AS qual,
                  pg_get_expr(polwithcheck, polrelid) AS "check" FROM pg_policy"""
            )
        ).all()
    for name, *both in rules:
        for rule in both:
            assert rule.count("orderhub_scope()") == 2, name
            assert "current_setting" not in rule, name


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
        touched = {
            table: (
                changed(db, f"UPDATE {table} SET {owner} = :to WHERE {owner} = :whose"),  # noqa: S608
                changed(db, f"DELETE FROM {table} WHERE {owner} = :whose"),  # noqa: S608
            )
            for table, owner in known.items()
        }
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
