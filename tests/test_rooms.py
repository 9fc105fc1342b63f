"""Where code stands: SQL in hub/store and nowhere else, and no folder too full to be read.

hub/embedded is about a server of its own: it keeps the statements that start and prepare one.
Tests and benchmarks ask the database whatever they like.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.fixtures import ROOT

PRODUCT = ("hub", "workers", "admin", "adapters", "mappings", "sandbox")
SQL_STANDS_IN = ("hub/store", "hub/embedded")
NO_SQL = {"adapters/quickbooks/telling.py"}
"""What asks in a partner's own words that look like it."""
MOST = 15
HISTORY = "hub/store/migrations/versions"
"""A file for each change of the tables there ever was; it only grows."""

_STATEMENT = re.compile(
    r"[\s(]*(?:SELECT\s|INSERT\s+INTO\s|UPDATE\s.*\sSET\s|DELETE\s+FROM\s|MERGE\s+INTO\s"
    r"|WITH\s.*\sAS\s.*\(|LOCK\s|SET\s|SHOW\s|CREATE\s|ALTER\s|DROP\s|TRUNCATE\s|GRANT\s"
    r"|REVOKE\s|COPY\s|LISTEN\s|NOTIFY\s|ANALYZE\s|VACUUM\b|EXPLAIN\s"
    r"|select\s.*\sfrom\s|insert\s+into\s|update\s.*\sset\s|delete\s+from\s)",
    re.DOTALL,
)
_HARMLESS = {
    "sqlalchemy.engine": {"Connection", "make_url"},
    "sqlalchemy.exc": {"ArgumentError", "DBAPIError", "IntegrityError", "SQLAlchemyError"},
}
"""What a flow, a worker or a door may know of SQL: the transaction it is in, and how it fails."""
_DRIVERS = ("sqlalchemy", "psycopg", "alembic")
_TABLES = "hub.store.tables"


def sql_of(source: str) -> list[tuple[int, str]]:
    """The line of each statement in a source, and of each import that statements are made with."""
    tree = ast.parse(source)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return sorted(
        (node.lineno, found)
        for node in ast.walk(tree)
        if id(node) not in said
        for found in (*_statements(node), *_imports(node))
    )


def _statements(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if _STATEMENT.match(node.value):
            yield " ".join(node.value.split())[:40]
    elif isinstance(node, ast.Attribute) and node.attr == "exec_driver_sql":
        yield node.attr


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        names = [(one.name, "") for one in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module:
        names = [(node.module, one.name) for one in node.names]
    else:
        return
    for module, name in names:
        whole = f"{module}.{name}" if name else module
        if name in _HARMLESS.get(module, ()):
            continue
        if module.partition(".")[0] in _DRIVERS or f"{whole}.".startswith(f"{_TABLES}."):
            yield f"import {whole}"


def full(root: Path) -> list[str]:
    """The folders under a root, itself included, with more files than can be read at a glance."""
    folders = [root, *(path for path in root.rglob("*") if path.is_dir())]
    return sorted(
        folder.relative_to(root.parent).as_posix()
        for folder in folders
        if sum(path.name != "__init__.py" for path in folder.glob("*.py")) > MOST
    )


@pytest.mark.slow
def test_sql_stands_in_the_store_alone():
    sources = [
        path.relative_to(ROOT).as_posix()
        for package in PRODUCT
        for path in sorted((ROOT / package).rglob("*.py"))
    ]
    kept = (*SQL_STANDS_IN, *NO_SQL)
    outside = [path for path in sources if not path.startswith(kept)]
    assert len(outside) > 200
    assert [
        f"{path}:{line}: {found}"
        for path in outside
        for line, found in sql_of((ROOT / path).read_text())
    ] == []


@pytest.mark.parametrize("room", SQL_STANDS_IN)
def test_each_room_that_may_hold_sql_does(room):
    assert [path for path in (ROOT / room).rglob("*.py") if sql_of(path.read_text())]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        "\n    SELECT code\n    FROM merchant",
        "select code from merchant",
        "INSERT INTO worker (kind) VALUES (:kind)",
        "UPDATE worker SET died = true",
        "UPDATE ONLY worker AS w SET died = true",
        "DELETE FROM session",
        "WITH due AS (SELECT 1) SELECT * FROM due",
        "WITH RECURSIVE up (id) AS MATERIALIZED (\n  SELECT 1) SELECT * FROM up",
        "(SELECT 1 UNION SELECT 2)",
        "UPDATE worker\n    SET died = true",
        "LOCK TABLE message",
        "SET LOCAL ROLE NONE",
        "CREATE TABLE one (id int)",
        "ALTER TABLE one ADD two int",
        "DROP TABLE one",
    ],
)
def test_a_statement_is_found(statement):
    plain = f"\ndef ask(db):\n    return db.execute({statement!r})\n"
    assert [line for line, _ in sql_of(plain)] == [3]
    joined = f"where = 'id = 1'\nquery = f{statement + ' {where}'!r}\n"
    assert [line for line, _ in sql_of(joined)] == [2]


@pytest.mark.parametrize(
    "line",
    [
        "import sqlalchemy as sa",
        "import sqlalchemy.sql",
        "import psycopg",
        "import alembic",
        "from psycopg import sql",
        "from sqlalchemy import select, text",
        "from sqlalchemy.sql import text",
        "from sqlalchemy.dialects.postgresql import insert",
        "from sqlalchemy.engine import create_engine",
        "from hub.store.tables import message",
        "from hub.store import tables",
        "from hub.store.tables.orders import sales_order",
        "db.connection().exec_driver_sql(said)",
    ],
)
def test_what_statements_are_made_with_is_found(line):
    assert sql_of(f"def later():\n    {line}\n") != []


@pytest.mark.parametrize(
    "line",
    [
        "from sqlalchemy.engine import Connection, make_url",
        "from sqlalchemy.exc import DBAPIError",
        "from hub.store.messages import queue",
        "from hub.store.ops import workers",
        "'''SELECT of which the docstring speaks.'''",
        "say('Select one of these from the list')",
        "say('Update it', 'Set', 'locked', 'with', 'CREATED', 'SETTLED')",
    ],
)
def test_what_is_no_sql_is_left_alone(line):
    assert sql_of(f"def later():\n    {line}\n") == []


def test_no_folder_is_too_full():
    assert [
        folder
        for package in (*PRODUCT, "tests")
        for folder in full(ROOT / package)
        if folder != HISTORY
    ] == []


def test_a_folder_that_is_too_full_is_found(tmp_path):
    room = tmp_path / "hub" / "store" / "room"
    room.mkdir(parents=True)
    for name in ("__init__", *(f"part_{n}" for n in range(MOST))):
        (room / f"{name}.py").touch()
    assert full(tmp_path / "hub") == []
    (room / "one_more.py").touch()
    assert full(tmp_path / "hub") == ["hub/store/room"]
